# SPDX-License-Identifier: BSD-3-Clause
"""The interface goes away and comes back, and what waiting for packets costs."""
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

    def test_it_goes_on_after_the_interface_went_down_and_up(self):
        zeek = self.live(self.source(), *BARE)
        testnet.replay(self.capture)
        zeek.expect(self.frames)
        testnet.ip(f"link set {testnet.B} down")
        testnet.wait_for("a warning", lambda: zeek.warned("went down"))
        testnet.ip(f"link set {testnet.B} up")
        testnet.wait_for("a warning", lambda: zeek.warned("up again"))
        testnet.replay(self.capture)
        zeek.expect(2 * self.frames).stop()
        self.assertIn(testnet.B, zeek.said())

    def replaced(self, source):
        zeek = self.live(source, *BARE)
        testnet.replay(self.capture)
        zeek.expect(self.frames)
        for i in range(2):
            testnet.ip(f"link del {testnet.A}")
            testnet.wait_for("a warning", lambda: zeek.warned("was removed"))
            testnet.add_links()
            testnet.wait_for(zeek.said, lambda: zeek.said().count(
                "was replaced by a new interface") > i)
            testnet.replay(self.capture)
            zeek.expect((2 + i) * self.frames)
        zeek.stop()

    def test_it_goes_on_with_an_interface_that_took_the_place_of_another(self):
        self.replaced(self.source())

    @testnet.needs_none_built_in
    def test_so_does_af_packet(self):
        self.replaced(f"af_packet::{testnet.B}")

    def test_workers_share_the_new_interface_as_they_did_the_old(self):
        zeeks = [self.live(self.source(), *BARE) for _ in range(2)]
        testnet.ip(f"link del {testnet.A}")
        testnet.add_links()
        for zeek in zeeks:
            testnet.wait_for(zeek.said, lambda zeek=zeek: zeek.warned(
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
        """Share of a core of a Zeek that gets nothing."""
        zeek = self.zeek("-i", source, *testnet.bare(), beat=False)
        testnet.wait_for("Zeek", lambda: "listening on" in zeek.said())
        time.sleep(1)
        before, start = zeek.cpu(), time.monotonic()
        time.sleep(3)
        share = (zeek.cpu() - before) / (time.monotonic() - start)
        zeek.stop()
        return share

    def test_nothing_costs_nothing(self):
        ours = self.idle(self.source())
        self.assertLess(ours, 0.2)
        if testnet.has_built_in():
            self.assertLess(ours, self.idle(f"af_packet::{testnet.B}") + 0.05)

    def test_an_interface_that_is_gone_costs_nothing(self):
        zeek = self.zeek("-i", self.source(), *testnet.bare(), beat=False)
        testnet.wait_for("Zeek", lambda: "listening on" in zeek.said())
        testnet.ip(f"link del {testnet.A}")
        testnet.wait_for("a warning", lambda: zeek.warned("was removed"))
        before = zeek.cpu()
        time.sleep(3)
        self.assertLess((zeek.cpu() - before) / 3, 0.2)
        zeek.stop()


if __name__ == "__main__":
    unittest.main()
