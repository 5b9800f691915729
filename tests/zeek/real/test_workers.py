# SPDX-License-Identifier: BSD-3-Clause
"""Several workers on one interface, and the loss of a worker."""
import unittest

import captures
import testnet

BARE = testnet.bare("base/protocols/conn")


def key(line):
    return tuple(line[f"id.{end}"]
                 for end in ("orig_h", "orig_p", "resp_h", "resp_p"))


class Workers(testnet.Case):
    def capture(self, n=32):
        path = self.dir / "plain.pcap"
        return path, captures.plain(path, n)

    def workers(self, source, n, *arguments):
        return [self.live(source, *BARE, *arguments) for _ in range(n)]

    def expect(self, workers, packets):
        """Waits until the workers have received all packets together."""
        def received():
            return sum(zeek.received() for zeek in workers)
        testnet.wait_for(lambda: f"{packets} packets in all, not {received()}",
                         lambda: received() >= packets)

    def assert_shared(self, workers, offline):
        """Each connection is complete in the log of one worker."""
        lines = [line for zeek in workers for line in zeek.log("conn")]
        self.assertEqual(testnet.comparable(lines),
                         testnet.comparable(offline.log("conn")))
        where = {}
        for zeek in workers:
            for line in zeek.log("conn"):
                where.setdefault(key(line), set()).add(zeek.dir.name)
        for connection, names in where.items():
            self.assertEqual(len(names), 1, connection)

    def shared(self, source, n):
        path, frames = self.capture()
        offline = self.offline(path, *BARE)
        workers = self.workers(source, n)
        testnet.replay(path)
        self.expect(workers, frames)
        for zeek in workers:
            zeek.stop()
        self.assert_shared(workers, offline)
        self.assertEqual(sum(zeek.received() for zeek in workers), frames)
        # Of 64 connections, some go to another worker.
        self.assertGreater(sum(bool(zeek.log("conn")) for zeek in workers), 1)

    def test_two_workers_log_each_connection_once(self):
        self.shared(f"pktio::{testnet.B}", 2)

    def test_four_workers_log_each_connection_once(self):
        self.shared(f"pktio::{testnet.B}", 4)

    def test_two_workers_of_af_packet_log_each_connection_once(self):
        self.shared(f"af_packet::{testnet.B}", 2)

    def test_without_fanout_each_worker_logs_all_connections(self):
        path, frames = self.capture(4)
        workers = self.workers(f"pktio::{testnet.B}", 2,
                               "Pktio::enable_fanout=F")
        testnet.replay(path)
        for zeek in workers:
            zeek.expect(frames).stop()
            self.assertEqual(len(zeek.log("conn")), 8)

    def test_constants_of_af_packet_apply_to_pktio(self):
        path, frames = self.capture(4)
        # One worker of each prefix; with equal ids they form a group.
        moved = "pktio" if testnet.has_built_in() else "af_packet"
        workers = [self.live(f"{prefix}::{testnet.B}", *BARE,
                             "AF_Packet::fanout_id=77",
                             "AF_Packet::buffer_size=8388608",
                             "AF_Packet::block_size=1048576")
                   for prefix in (moved, "af_packet")]
        testnet.replay(path)
        self.expect(workers, frames)
        for zeek in workers:
            zeek.stop()
        self.assertEqual(sum(zeek.received() for zeek in workers), frames)

    def test_the_other_workers_receive_the_share_of_a_killed_worker(self):
        path, frames = self.capture()
        offline = self.offline(path, *BARE)
        workers = self.workers(f"pktio::{testnet.B}", 3)
        workers[1].kill()
        testnet.replay(path)
        left = [workers[0], workers[2]]
        self.expect(left, frames)
        # A new worker can join the group.
        left += self.workers(f"pktio::{testnet.B}", 1)
        other = self.dir / "other.pcap"
        frames += captures.write(other, captures.mixed(
            captures.http(i) for i in range(100, 132)))
        testnet.replay(other)
        self.expect(left, frames)
        for zeek in left:
            self.assertTrue(zeek.alive(), zeek.stderr())
            zeek.stop()
        self.assertGreater(left[2].received(), 0)
        lines = [line for zeek in left for line in zeek.log("conn")]
        self.assertEqual(len(lines), len(offline.log("conn")) + 32)
        self.assertEqual(len({key(line) for line in lines}), len(lines))


if __name__ == "__main__":
    unittest.main()
