# SPDX-License-Identifier: BSD-3-Clause
"""The counters: the event Pktio::stats, pktio.log and metrics."""
import unittest
import urllib.request

import captures
import testnet

EVENT = """
event Pktio::stats(now: Pktio::Stats)
	{
	print fmt("stats %s %s %d %d", now$source, now$link, now$received,
		now$received_bytes);
	flush_all();
	}
"""
PORT = 9917


class Stats(testnet.Case):
    def begin(self, *arguments):
        self.capture = self.dir / "plain.pcap"
        self.frames = captures.plain(self.capture, 4)
        script = self.dir / "event.zeek"
        script.write_text(EVENT, encoding="ascii")
        zeek = self.live(f"pktio::{testnet.B}", str(script),
                         "Pktio::stats_interval=200msec", *arguments)
        testnet.replay(self.capture)
        return zeek.expect(self.frames)

    def test_the_event_and_the_log_count_every_frame_once(self):
        zeek = self.begin()
        expected = f"stats {testnet.B} up {self.frames} "
        testnet.wait_for(zeek.stdout, lambda: expected in zeek.stdout())
        testnet.replay(self.capture)
        zeek.expect(2 * self.frames).stop()
        # Zeek raises the event once more when it ends.
        output = [line.split() for line in zeek.stdout().splitlines()
                if line.startswith("stats ")]
        self.assertEqual(output[-1][:4],
                         ["stats", testnet.B, "up", str(2 * self.frames)])
        lines = zeek.log("pktio")
        self.assertEqual(len(lines), len(output))
        self.assertEqual(sum(int(line["received"]) for line in lines),
                         2 * self.frames)
        self.assertEqual(sum(int(line["received_bytes"]) for line in lines),
                         int(output[-1][4]))
        for line in lines:
            self.assertEqual((line["dropped"], line["link"], line["source"]),
                             ("0", "up", testnet.B))

    def test_the_event_is_raised_without_packets(self):
        script = self.dir / "event.zeek"
        script.write_text(EVENT, encoding="ascii")
        testnet.ip(f"link set {testnet.B} down")
        zeek = self.live(f"pktio::{testnet.B}", str(script),
                         "Pktio::stats_interval=200msec")
        testnet.wait_for(zeek.stdout, lambda: zeek.stdout().count(
            f"stats {testnet.B} down 0 0") >= 3)
        zeek.stop()
        self.assertGreaterEqual(len(zeek.log("pktio")), 3)

    def test_a_loss_is_in_the_log_and_in_the_summary_of_zeek(self):
        zeek = self.begin("Pktio::buffer_size=262144",
                          "Pktio::block_size=65536")
        zeek.process.send_signal(testnet.signal.SIGSTOP)
        many = self.dir / "many.pcap"
        sent = captures.plain(many, 400)
        testnet.replay(many, rate="100kpps")
        zeek.process.send_signal(testnet.signal.SIGCONT)
        testnet.wait_for("a loss", lambda: any(
            line["dropped"] != "0" for line in zeek.log("pktio")))
        zeek.stop()
        lines = zeek.log("pktio")
        dropped = sum(int(line["dropped"]) for line in lines)
        received = sum(int(line["received"]) for line in lines)
        self.assertEqual(received + dropped, sent + self.frames)
        self.assertGreater(sum(int(line["freezes"]) for line in lines), 0)
        self.assertIn(f"{dropped} (", zeek.stderr())

    def test_metrics_have_the_same_values(self):
        zeek = self.begin("Telemetry::metrics_address=127.0.0.1",
                          f"Telemetry::metrics_port={PORT}/tcp")
        url = f"http://127.0.0.1:{PORT}/metrics"
        with urllib.request.urlopen(url, timeout=testnet.TIMEOUT) as answer:
            text = answer.read().decode()
        values = dict(line.rsplit(" ", 1) for line in text.splitlines()
                      if line.startswith("pktio_"))
        found = {name.partition("{")[0]: float(value)
                 for name, value in values.items()}
        self.assertEqual(found["pktio_received_total"], self.frames,
                         found)
        self.assertEqual(found["pktio_dropped_total"], 0)
        self.assertIn("pktio_pending_blocks", found)
        zeek.stop()


if __name__ == "__main__":
    unittest.main()
