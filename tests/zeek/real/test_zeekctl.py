# SPDX-License-Identifier: BSD-3-Clause
"""zeekctl deploys a manager, a proxy and two workers with pktio."""
import os
import pathlib
import shutil
import subprocess
import unittest

import captures
import testnet

NODES = """[manager]
type=manager
host=localhost

[proxy-1]
type=proxy
host=localhost

[worker-1]
type=worker
host=localhost
interface={interface}
lb_method=custom
lb_procs=2
pin_cpus=0,0
{more}
"""
PREFIX = pathlib.Path(testnet.run("zeek-config", "--prefix").strip())
# Directories below the prefix that zeekctl writes to.
OWN = ("etc", "spool", "logs", "share/zeekctl/scripts", "lib/zeek/plugins")


class Zeekctl(testnet.Case):
    def setUp(self):
        super().setUp()
        # Mount copies over the directories, so the installation is unchanged.
        for name in OWN:
            mine = self.dir / name.replace("/", "-")
            shutil.copytree(PREFIX / name, mine, symlinks=True)
            testnet.run("mount", "--bind", str(mine), str(PREFIX / name))
            self.addCleanup(subprocess.run,
                            ["umount", "-l", str(PREFIX / name)], check=False)
        plugins = pathlib.Path(os.environ["ZEEK_PLUGIN_PATH"])
        for plugin in plugins.iterdir():
            shutil.copytree(plugin, PREFIX / "lib/zeek/plugins" / plugin.name,
                            dirs_exist_ok=True)
        self.addCleanup(self.zeekctl, "stop", check=False)

    def zeekctl(self, *words, check=True):
        environment = {k: v for k, v in os.environ.items()
                       if k != "ZEEK_PLUGIN_PATH"}
        done = subprocess.run(["zeekctl", *words], check=False, text=True,
                              env=environment, timeout=180,
                              capture_output=True)
        if check:
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def configure(self, interface, more="", config=""):
        (PREFIX / "etc/node.cfg").write_text(
            NODES.format(interface=interface, more=more), encoding="ascii")
        with open(PREFIX / "etc/zeekctl.cfg", "a", encoding="ascii") as out:
            # Send no mail; avoid the default ports of another cluster.
            out.write("\nSendMail =\nMailHostUpDown = 0\nZeekPort = 29760\n"
                      "MetricsPort = 29790\n" + config + "\n")

    def nodes(self):
        """The state of each node, by name."""
        lines = self.zeekctl("status", check=False).splitlines()
        return {line.split()[0]: line.split()[3] for line in lines
                if "localhost" in line}

    def deploy(self, names):
        output = self.zeekctl("deploy")
        self.assertNotIn("Warning", output)
        states = dict.fromkeys(names, "running")
        testnet.wait_for(lambda: f"{names}: {output} {self.nodes()}",
                         lambda: self.nodes() == states)

    def counts(self):
        """The packets that each worker received, by name."""
        counts = {}
        for line in self.zeekctl("netstats", check=False).splitlines():
            words = dict(word.split("=") for word in line.split()
                         if "=" in word)
            if "recvd" in words:
                counts[line.split(":")[0].strip()] = int(words["recvd"])
        return counts

    def deployed(self, interface, more="", config=""):
        self.configure(interface, more, config)
        self.deploy(["manager", "proxy-1", "worker-1-1", "worker-1-2"])
        script = (PREFIX / "spool/installed-scripts-do-not-touch/auto"
                  "/zeekctl-config.zeek").read_text(encoding="utf-8")
        capture = self.dir / "plain.pcap"
        frames = captures.plain(capture, 32)
        testnet.replay(capture)
        testnet.wait_for(lambda: f"{frames} packets: {self.counts()}",
                         lambda: sum(self.counts().values()) >= frames)
        counts = self.counts()
        self.assertEqual(sorted(counts), ["worker-1-1", "worker-1-2"])
        self.assertEqual(sum(counts.values()), frames)
        self.assertGreater(min(counts.values()), 0, counts)
        self.zeekctl("stop")
        self.assertEqual(set(self.nodes().values()), {"stopped"})
        # The manager archived the connections of both workers.
        logs = subprocess.run(f"cat {PREFIX}/logs/*/conn.*.log.gz | gunzip",
                              shell=True, check=True, capture_output=True,
                              text=True).stdout
        lines = [line for line in logs.splitlines() if line[:1] != "#"]
        offline = self.offline(capture)
        self.assertEqual(len(lines), len(offline.log("conn")))
        return script

    def test_a_cluster_with_pktio_deploys_shares_packets_and_stops(self):
        script = self.deployed(f"pktio::{testnet.B}",
                               "pktio_ring_size=16M\npktio_fanout_id=41\n"
                               "pktio_block_size=256K\n"
                               "pktio_block_timeout=20msec")
        for i in range(2):
            self.assertIn(f"redef Pktio::ring_index = {i};", script)
        self.assertEqual(script.count("redef Pktio::ring_count = 2;"), 2)
        self.assertEqual(script.count('["ring-size"] = "16M"'), 2)
        self.assertEqual(script.count("redef Pktio::fanout_id = 41;"), 2)
        # A constant and an option have this name; the value selects one.
        self.assertEqual(script.count('["block-size"] = "256K"'), 2)
        self.assertEqual(
            script.count("redef Pktio::block_timeout = 20msec;"), 2)

    def test_a_standalone_node_gets_its_options(self):
        self.configure("")
        (PREFIX / "etc/node.cfg").write_text(
            f"[sensor]\ntype=standalone\nhost=localhost\n"
            f"interface=pktio::{testnet.B}\npktio_ring_size=16M\n",
            encoding="ascii")
        self.deploy(["sensor"])
        capture = self.dir / "plain.pcap"
        frames = captures.plain(capture, 4)
        testnet.replay(capture)
        testnet.wait_for(lambda: f"{frames} packets: {self.counts()}",
                         lambda: self.counts() == {"sensor": frames})
        script = (PREFIX / "spool/installed-scripts-do-not-touch/auto"
                  "/zeekctl-config.zeek").read_text(encoding="utf-8")
        self.assertIn('["ring-size"] = "16M"', script)

    def test_zeekctl_cfg_can_set_the_prefix(self):
        script = self.deployed(
            testnet.B, config="lb_custom.InterfacePrefix=pktio::")
        self.assertEqual(script.count("redef Pktio::ring_count = 2;"), 2)

    def test_a_configuration_of_af_packet_works_unchanged(self):
        # The lines of the documentation of the af_packet plugin.
        script = self.deployed(
            f"af_packet::{testnet.B}",
            "af_packet_fanout_id=23\n"
            "af_packet_fanout_mode=AF_Packet::FANOUT_HASH\n"
            "af_packet_buffer_size=128*1024*1024")
        for line in ("AF_Packet::fanout_id = 23;",
                     "AF_Packet::fanout_mode = AF_Packet::FANOUT_HASH;",
                     "AF_Packet::buffer_size = 128*1024*1024;"):
            self.assertEqual(script.count(line), 2, line)


if __name__ == "__main__":
    unittest.main()
