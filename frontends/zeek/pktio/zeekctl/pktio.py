# SPDX-License-Identifier: BSD-3-Clause
#
# A zeekctl plugin. It sets ring_index and ring_count of each worker, and
# converts pktio_* of a node in node.cfg to its script: pktio_ring_size=1G sets the
# option ring-size; pktio_fanout_id=7 sets the constant Pktio::fanout_id.

import re

import ZeekControl.plugin

PREFIX = "pktio::"

# Values of options that are not valid values of a constant: 4M, 10ms, RAW.
OPTION_VALUE = re.compile(r"[0-9.]+([KMGTkmgt]i?B?|ns|us|ms|s)|[A-Z][A-Z0-9_]*")

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
    "ring-strict",
    "numa",
    "timestamp",
    "linktype",
    "promisc",
    "fanout",
    "fanout-id",
    "fanout-unique",
    "fanout-flags",
    "fanout-max",
    "fanout-wait",
    "fanout-program",
    "fanout-key",
    "fanout-weights",
    "fanout-seed",
    "filter-program",
    "direction",
    "vlan-strip",
    "gro",
    "netns",
    "wait-for-interface",
    "fd",
    "busy-wait",
    "rxhash",
    "qdisc-bypass",
    "gso",
    "gso-size",
    "size",
    "sizes",
    "flows",
    "ip",
    "proto",
    "vlan",
    "vlan-id",
    "vlan-outer-id",
    "vlan-priority",
    "count",
    "seed",
    "snaplen",
    "first-time",
    "interval",
    "tx-buffers",
    "tx-buffer-size",
    "buffer-size",
    "buffers",
    "format",
    "timestamp-precision",
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
    "immediate",
    "frame-slots",
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
            if node.type in ("worker", "standalone")
            and node.interface.startswith(PREFIX)
        ]

    def init(self):
        return bool(self.workers())

    def is_constant(self, node, key, value):
        """Whether the key means the constant; some options have the same name."""
        if key not in CONSTANTS:
            return False
        if key not in map(key_of, OPTIONS):
            return True
        backend, colon, _ = node.interface[len(PREFIX) :].partition(":")
        if colon and backend != "af_packet":
            return False
        return not OPTION_VALUE.fullmatch(value)

    def redefs(self, node):
        options = {key_of(option): option for option in OPTIONS}
        lines = []
        for key in self.nodeKeys():
            value = getattr(node, f"pktio_{key}")
            if not value:
                continue
            if self.is_constant(node, key, value):
                lines.append(f"redef Pktio::{key} = {value};")
            else:
                lines.append(
                    f'redef Pktio::options += {{ ["{options[key]}"] = "{value}" }};'
                )
        return lines

    def zeekctl_config(self):
        groups = {}
        for node in self.workers():
            groups.setdefault((node.host, node.interface), []).append(node)

        script = ""
        for workers in groups.values():
            for index, node in enumerate(workers):
                lines = self.redefs(node)
                lines.append(f"redef Pktio::ring_index = {index};")
                lines.append(f"redef Pktio::ring_count = {len(workers)};")
                text = "".join(f"  {line}\n" for line in lines)
                if node.type == "worker":
                    text = f'@if ( peer_description == "{node.name}" )\n{text}@endif\n'
                script += "\n" + text
        return script
