# SPDX-License-Identifier: BSD-3-Clause
"""The interface goes away and comes back, and what waiting for packets costs."""
import time
import unittest

import captures
import lab

BARE = lab.bare("base/protocols/conn", "base/frameworks/reporter")


class Link(lab.Case):
    def setUp(self):
        super().setUp()
        self.capture = self.dir / "plain.pcap"
        self.frames = captures.plain(self.capture, 4)

    def source(self):
        return f"pktio::{lab.B}"

    def test_it_goes_on_after_the_interface_went_down_and_up(self):
        zeek = self.live(self.source(), *BARE)
        lab.replay(self.capture)
        zeek.expect(self.frames)
        lab.ip(f"link set {lab.B} down")
        lab.wait_for("a warning", lambda: zeek.warned("went down"))
        lab.ip(f"link set {lab.B} up")
        lab.wait_for("a warning", lambda: zeek.warned("up again"))
        lab.replay(self.capture)
        zeek.expect(2 * self.frames).stop()
        self.assertIn(lab.B, zeek.said())

    def replaced(self, source):
        zeek = self.live(source, *BARE)
        lab.replay(self.capture)
        zeek.expect(self.frames)
        for i in range(2):
            lab.ip(f"link del {lab.A}")
            lab.wait_for("a warning", lambda: zeek.warned("is gone"))
            lab.add_links()
            lab.wait_for(zeek.said, lambda: zeek.said().count(
                "was replaced by another") > i)
            lab.replay(self.capture)
            zeek.expect((2 + i) * self.frames)
        zeek.stop()

    def test_it_goes_on_with_an_interface_that_took_the_place_of_another(self):
        self.replaced(self.source())

    @lab.needs_none_built_in
    def test_so_does_af_packet(self):
        self.replaced(f"af_packet::{lab.B}")

    def test_workers_share_the_new_interface_as_they_did_the_old(self):
        zeeks = [self.live(self.source(), *BARE) for _ in range(2)]
        lab.ip(f"link del {lab.A}")
        lab.add_links()
        for zeek in zeeks:
            lab.wait_for(zeek.said, lambda zeek=zeek: zeek.warned(
                "was replaced by another"))
        capture = self.dir / "more.pcap"
        frames = captures.plain(capture, 32)
        lab.replay(capture)
        lab.wait_for("all packets", lambda: sum(
            zeek.received() for zeek in zeeks) >= frames)
        for zeek in zeeks:
            zeek.stop()
        self.assertEqual(sum(zeek.received() for zeek in zeeks), frames)

    def idle(self, source):
        """Share of a core of a Zeek that gets nothing."""
        zeek = self.zeek("-i", source, *lab.bare(), beat=False)
        lab.wait_for("Zeek", lambda: "listening on" in zeek.said())
        time.sleep(1)
        before, start = zeek.cpu(), time.monotonic()
        time.sleep(3)
        share = (zeek.cpu() - before) / (time.monotonic() - start)
        zeek.stop()
        return share

    def test_nothing_costs_nothing(self):
        ours = self.idle(self.source())
        self.assertLess(ours, 0.2)
        if lab.has_built_in():
            self.assertLess(ours, self.idle(f"af_packet::{lab.B}") + 0.05)

    def test_an_interface_that_is_gone_costs_nothing(self):
        zeek = self.zeek("-i", self.source(), *lab.bare(), beat=False)
        lab.wait_for("Zeek", lambda: "listening on" in zeek.said())
        lab.ip(f"link del {lab.A}")
        lab.wait_for("a warning", lambda: zeek.warned("is gone"))
        before = zeek.cpu()
        time.sleep(3)
        self.assertLess((zeek.cpu() - before) / 3, 0.2)
        zeek.stop()


if __name__ == "__main__":
    unittest.main()
