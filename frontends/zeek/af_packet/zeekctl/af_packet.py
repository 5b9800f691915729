# SPDX-License-Identifier: BSD-3-Clause
#
# Converts af_packet_* of a worker in node.cfg to constants of its script.

import ZeekControl.plugin


class AF_Packet(ZeekControl.plugin.Plugin):
    KEYS = ["fanout_id", "fanout_mode", "buffer_size"]

    def __init__(self):
        super().__init__(apiversion=1)

    def name(self):
        return "af_packet"

    def pluginVersion(self):
        return 1

    def nodeKeys(self):
        return self.KEYS

    def workers(self):
        return [
            node
            for node in self.nodes()
            if node.type == "worker"
            and node.lb_procs
            and node.interface.startswith("af_packet::")
        ]

    def init(self):
        return bool(self.workers())

    def zeekctl_config(self):
        script = ""
        for node in self.workers():
            redefs = [
                f"  redef AF_Packet::{key} = {value};\n"
                for key in self.KEYS
                if (value := getattr(node, f"af_packet_{key}"))
            ]
            if redefs:
                script += f'\n@if ( peer_description == "{node.name}" )\n'
                script += "".join(redefs) + "@endif\n"
        return script
