# SPDX-License-Identifier: BSD-3-Clause
#
# Tells each worker which of the workers on its interface it is, and turns
# pktio_* of a worker in node.cfg into what its script says: pktio_ring_size=1G
# is the option ring-size, and the constants of Pktio can be given, too.

import ZeekControl.plugin

PREFIX = "pktio::"

CONSTANTS = [
    "buffer_size",
    "block_size",
    "block_timeout",
    "checksum_validation_mode",
    "enable_defrag",
    "enable_fanout",
    "enable_hw_timestamping",
    "fanout_id",
    "fanout_mode",
    "link_type",
    "stats_interval",
]

OPTIONS = [
    # generated: names
    "profile",
    "ring-size",
    "block-size",
    "block-timeout",
    "frame-size",
    "exact",
    "numa",
    "timestamp",
    "link-type",
    "promisc",
    "fanout",
    "fanout-id",
    "fanout-unique",
    "fanout-flags",
    "fanout-max",
    "fanout-wait",
    "fanout-program",
    "steer-by",
    "steer-weights",
    "steer-seed",
    "filter-program",
    "outgoing",
    "vlan",
    "gro",
    "netns",
    "wait",
    "fd",
    "spin",
    "busy-poll",
    "rxhash",
    "qdisc-bypass",
    "gso",
    "gso-size",
    "size",
    "sizes",
    "flows",
    "ip",
    "proto",
    "vlan-id",
    "vlan-outer-id",
    "vlan-priority",
    "vlan-strip",
    "count",
    "seed",
    "snaplen",
    "first-time",
    "interval",
    "slots",
    "slot-size",
    "buffer-size",
    "buffers",
    "format",
    "precision",
    "linktype",
    "compress",
    "level",
    "rotate-size",
    "rotate-time",
    "rotate-count",
    "rotate-keep",
    "rotate-zone",
    "sync",
    "comment",
    "hardware",
    "os",
    "application",
    "if-names",
    "merge",
    "follow",
    "window",
    "decompress-thread",
    "speed",
    "rate",
    "loop",
    "skip",
    "start-time",
    "stop-time",
    "shift",
    "rfmon",
    "timeout",
    "immediate",
    "tstamp-type",
    "tstamp-precision",
    "direction",
    "datalink",
    "protocol",
    # end
]


def key_of(option):
    return option.replace("-", "_")


class Pktio(ZeekControl.plugin.Plugin):
    def __init__(self):
        super().__init__(apiversion=1)

    def name(self):
        return "pktio"

    def pluginVersion(self):
        return 1

    def nodeKeys(self):
        return CONSTANTS + [
            key for key in map(key_of, OPTIONS) if key not in CONSTANTS
        ]

    def workers(self):
        return [
            node
            for node in self.nodes()
            if node.type == "worker" and node.interface.startswith(PREFIX)
        ]

    def init(self):
        return bool(self.workers())

    def redefs(self, node):
        lines = []
        for key in CONSTANTS:
            value = getattr(node, f"pktio_{key}")
            if value:
                lines.append(f"redef Pktio::{key} = {value};")
        for option in OPTIONS:
            value = getattr(node, f"pktio_{key_of(option)}")
            if value and key_of(option) not in CONSTANTS:
                lines.append(
                    f'redef Pktio::options += {{ ["{option}"] = "{value}" }};'
                )
        return lines

    def zeekctl_config(self):
        shares = {}
        for node in self.workers():
            shares.setdefault((node.host, node.interface), []).append(node)

        script = ""
        for workers in shares.values():
            for index, node in enumerate(workers):
                lines = self.redefs(node)
                lines.append(f"redef Pktio::ring_index = {index};")
                lines.append(f"redef Pktio::ring_count = {len(workers)};")
                script += f'\n@if ( peer_description == "{node.name}" )\n'
                script += "".join(f"  {line}\n" for line in lines) + "@endif\n"
        return script
