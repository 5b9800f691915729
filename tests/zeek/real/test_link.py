# SPDX-License-Identifier: BSD-3-Clause
"""Link changes, a replaced interface, and the CPU use of an idle source."""
import time
import unittest

import captures
import testnet

BARE = testnet.bare("base/protocols/conn", "base/frameworks/reporter")


class Link(testnet.Case):
    def setUp(self):
        super().setUp()
        self.capture = self.dir / "plain.pcap"
        self.frames = captures.plain(self.capture, 4)

    def source(self):
        return f"pktio::{testnet.B}"

    def test_zeek_continues_after_the_interface_went_down_and_up(self):
        zeek = self.live(self.source(), *BARE)
        testnet.replay(self.capture)
        zeek.expect(self.frames)
        testnet.ip(f"link set {testnet.B} down")
        testnet.wait_for("a warning", lambda: zeek.warned("went down"))
        testnet.ip(f"link set {testnet.B} up")
        testnet.wait_for("a warning", lambda: zeek.warned("up again"))
        testnet.replay(self.capture)
        zeek.expect(2 * self.frames).stop()
        self.assertIn(testnet.B, zeek.stderr())

    def replaced(self, source):
        zeek = self.live(source, *BARE)
        testnet.replay(self.capture)
        zeek.expect(self.frames)
        for i in range(2):
            testnet.ip(f"link del {testnet.A}")
            testnet.wait_for("a warning", lambda: zeek.warned("was removed"))
            testnet.add_links()
            testnet.wait_for(zeek.stderr, lambda: zeek.stderr().count(
                "was replaced by a new interface") > i)
            testnet.replay(self.capture)
            zeek.expect((2 + i) * self.frames)
        zeek.stop()

    def test_zeek_continues_with_an_interface_that_replaced_another(self):
        self.replaced(self.source())

    @testnet.needs_none_built_in
    def test_af_packet_continues_with_a_replaced_interface(self):
        self.replaced(f"af_packet::{testnet.B}")

    def test_workers_share_the_new_interface_like_the_old_one(self):
        zeeks = [self.live(self.source(), *BARE) for _ in range(2)]
        testnet.ip(f"link del {testnet.A}")
        testnet.add_links()
        for zeek in zeeks:
            testnet.wait_for(zeek.stderr, lambda zeek=zeek: zeek.warned(
                "was replaced by a new interface"))
        capture = self.dir / "more.pcap"
        frames = captures.plain(capture, 32)
        testnet.replay(capture)
        testnet.wait_for("all packets", lambda: sum(
            zeek.received() for zeek in zeeks) >= frames)
        for zeek in zeeks:
            zeek.stop()
        self.assertEqual(sum(zeek.received() for zeek in zeeks), frames)

    def idle(self, source):
        """The CPU use of an idle Zeek, as a fraction of a core."""
        zeek = self.zeek("-i", source, *testnet.bare(), progress=False)
        testnet.wait_for("Zeek", lambda: "listening on" in zeek.stderr())
        time.sleep(1)
        before, start = zeek.cpu(), time.monotonic()
        time.sleep(3)
        share = (zeek.cpu() - before) / (time.monotonic() - start)
        zeek.stop()
        return share

    def test_an_idle_source_uses_no_cpu(self):
        ours = self.idle(self.source())
        self.assertLess(ours, 0.2)
        if testnet.has_built_in():
            self.assertLess(ours, self.idle(f"af_packet::{testnet.B}") + 0.05)

    def test_a_removed_interface_uses_no_cpu(self):
        zeek = self.zeek("-i", self.source(), *testnet.bare(), progress=False)
        testnet.wait_for("Zeek", lambda: "listening on" in zeek.stderr())
        testnet.ip(f"link del {testnet.A}")
        testnet.wait_for("a warning", lambda: zeek.warned("was removed"))
        before = zeek.cpu()
        time.sleep(3)
        self.assertLess((zeek.cpu() - before) / 3, 0.2)
        zeek.stop()


if __name__ == "__main__":
    unittest.main()
