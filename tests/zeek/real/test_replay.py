# SPDX-License-Identifier: BSD-3-Clause
"""The same packets produce the same logs from every source."""
import os
import subprocess
import unittest

import captures
import testnet

VLANS = "policy/protocols/conn/vlan-logging"


class Replay(testnet.Case):
    def replayed(self, source, capture, frames, *arguments):
        zeek = self.live(source, *arguments)
        testnet.replay(capture)
        return zeek.expect(frames).stop()

    def test_live_logs_are_equal_to_offline_logs(self):
        capture = self.dir / "plain.pcap"
        frames = captures.plain(capture)
        offline = self.offline(capture)
        self.assertEqual(len(offline.log("conn")), 40)
        for source in ("af_packet", "pktio", "pktio::af_packet:" + testnet.B,
                       "pktio::pcap_live:" + testnet.B):
            if "::" not in source:
                source += "::" + testnet.B
            with self.subTest(source):
                zeek = self.replayed(source, capture, frames)
                self.assert_same_logs(zeek, offline)

    def test_files_of_all_formats_produce_the_same_logs(self):
        capture = self.dir / "plain.pcap"
        captures.plain(capture)
        offline = self.offline(capture)
        for name in ("x.pcapng.zst", "x.pcap.gz", "x.pcapng.lz4", "x.pcapng"):
            with self.subTest(name):
                testnet.run("pktio", "copy", "-q", str(capture),
                        f"pcap_file:{self.dir / name}")
                uri = f"pktio::pcap_file:{self.dir / name}"
                self.assert_same_logs(self.offline(uri), offline)
        short = self.offline(f"pktio::{self.dir / 'x.pcapng.zst'}")
        self.assert_same_logs(short, offline)
        # The timestamps are equal too.
        self.assertEqual(sorted(line["ts"] for line in short.log("conn")),
                         sorted(line["ts"] for line in offline.log("conn")))

    def test_vlan_ids_are_equal_to_those_on_the_wire(self):
        capture = self.dir / "tagged.pcap"
        frames = captures.tagged(capture)
        offline = self.offline(capture, VLANS)
        vlans = {(line["vlan"], line["inner_vlan"])
                 for line in offline.log("conn")}
        self.assertEqual(vlans, {("-", "-"), ("17", "-"), ("200", "18"),
                                 ("19", "20"), ("4094", "-")})
        for source in ("pktio", "af_packet"):
            with self.subTest(source):
                zeek = self.replayed(f"{source}::{testnet.B}", capture, frames,
                                     VLANS)
                self.assert_same_logs(zeek, offline)
        zeek = self.replayed(f"pktio::{testnet.B}?vlan-strip=none", capture,
                             frames, VLANS)
        self.assert_same_logs(zeek, offline)

    def filtered(self, source, capture, expression):
        """Replays the capture, then a frame that matches every filter."""
        zeek = self.live(source, VLANS, "-f", expression)
        testnet.replay(capture)
        testnet.replay(self.dir / "last.pcap")
        testnet.wait_for("the last", lambda: zeek.received() >= 1)
        seen = -1
        while seen != zeek.received():
            seen = zeek.received()
            testnet.time.sleep(0.5)
        return zeek.stop()

    def test_a_filter_selects_the_same_frames_live_and_offline(self):
        capture = self.dir / "tagged.pcap"
        captures.tagged(capture)
        captures.write(self.dir / "last.pcap", [])
        sources = ["pktio"] + ([] if testnet.has_built_in() else ["af_packet"])
        for expression in ("vlan and tcp", "tcp", "vlan 17", "vlan and vlan",
                           "not vlan"):
            offline = self.offline(capture, VLANS, "-f", expression)
            self.assertTrue(offline.log("conn"), expression)
            for source in sources:
                with self.subTest(source, expression=expression):
                    zeek = self.filtered(f"{source}::{testnet.B}", capture,
                                         expression)
                    self.assert_same_logs(zeek, offline, ["conn"])
            file = self.offline(f"pktio::{capture}", VLANS, "-f", expression)
            self.assert_same_logs(file, offline, ["conn"])


class Checksums(testnet.Case):
    def histories(self, mode, capture, frames):
        """"C" or "c" is a packet with a bad checksum, "D" or "d" data."""
        zeek = self.live(f"pktio::{testnet.B}",
                         f"Pktio::checksum_validation_mode=Pktio::{mode}")
        testnet.replay(capture)
        zeek.expect(frames).stop()
        return {line["history"] for line in zeek.log("conn")}

    def test_wrong_checksums_are_reported_unless_the_mode_is_off(self):
        capture = self.dir / "wrong.pcap"
        frames = captures.wrong_checksums(capture)
        for history in self.histories("CHECKSUM_OFF", capture, frames):
            self.assertNotIn("C", history)
            self.assertIn("D", history)
        # A veth does not verify the checksums of replayed packets.
        for mode in ("CHECKSUM_ON", "CHECKSUM_KERNEL"):
            for history in self.histories(mode, capture, frames):
                self.assertIn("C", history)
                self.assertNotIn("D", history)

    def talk(self):
        """A connection between two namespaces. A veth pair never completes the
        checksums that the sender leaves to the NIC."""
        peer = subprocess.Popen(["unshare", "-n", "sleep", "600"])
        self.addCleanup(peer.wait)
        self.addCleanup(peer.kill)
        mine = os.readlink("/proc/self/ns/net")
        testnet.wait_for("a namespace", lambda: os.readlink(
            f"/proc/{peer.pid}/ns/net") != mine)
        testnet.ip(f"link set {testnet.A} netns {peer.pid}")
        testnet.ip(f"addr add 10.9.9.2/24 dev {testnet.B}")
        inside = ["nsenter", "-t", str(peer.pid), "-n"]
        testnet.run(*inside, "ip", "addr", "add", "10.9.9.1/24",
                    "dev", testnet.A)
        testnet.run(*inside, "ip", "link", "set", testnet.A, "up")
        self.addCleanup(subprocess.run,
                        inside + ["ip", "link", "del", testnet.A],
                        check=False)
        server = subprocess.Popen(
            ["python3", "-c", "import socket\n"
             "s = socket.create_server(('10.9.9.2', 8888))\n"
             "print('ready', flush=True)\n"
             "c = s.accept()[0]\n"
             "while c.recv(99): pass\n"], stdout=subprocess.PIPE)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.addCleanup(server.stdout.close)
        server.stdout.readline()
        return inside + [
            "python3", "-c", "import socket\n"
            "s = socket.create_connection(('10.9.9.2', 8888))\n"
            "s.sendall(b'x' * 50)\n"
            "s.shutdown(1)\n"
            "s.recv(1)\n"]

    def local(self, mode):
        client = self.talk()
        zeek = self.live(f"pktio::{testnet.B}",
                         f"Pktio::checksum_validation_mode=Pktio::{mode}")
        testnet.run(*client)
        zeek.expect(8).stop()
        return [line["history"] for line in zeek.log("conn")
                if line["id.resp_p"] == "8888"]

    def test_a_partial_checksum_counts_as_correct_in_kernel_mode(self):
        histories = self.local("CHECKSUM_KERNEL")
        self.assertEqual(len(histories), 1)
        self.assertNotIn("c", histories[0].lower())
        self.assertIn("D", histories[0])

    def test_a_partial_checksum_is_wrong_if_zeek_verifies(self):
        self.assertIn("C", "".join(self.local("CHECKSUM_ON")))


if __name__ == "__main__":
    unittest.main()
