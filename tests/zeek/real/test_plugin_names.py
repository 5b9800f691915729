# SPDX-License-Identifier: BSD-3-Clause
"""Which plugins Zeek knows, and what it says to what they cannot open."""
import os
import unittest

import testnet

CONSTANTS = ["buffer_size", "block_size", "block_timeout",
             "enable_hw_timestamping", "enable_defrag", "enable_fanout",
             "fanout_mode", "fanout_id", "link_type",
             "checksum_validation_mode"]


def listing(plugin):
    lines = testnet.run("zeek", "-NN", plugin).split("\n")
    return [line.strip() for line in lines if line.strip()]


def items(module, constants):
    return ([f"[Type] {module}::FanoutMode", f"[Type] {module}::ChecksumMode"]
            + [f"[Constant] {module}::{name}" for name in constants])


class PluginNames(testnet.Case):
    def test_pktio_is_listed_with_all_that_af_packet_has(self):
        lines = listing("Pktio::PktSrc")
        self.assertRegex(lines[0], r"^Pktio::PktSrc - .* \(dynamic, version ")
        self.assertEqual(lines[1:], [
            '[Packet Source] PktioReader (interface prefix "pktio"; supports '
            'live and trace input)',
            *items("Pktio", CONSTANTS + ["ring_index", "ring_count"]),
            "[Function] Pktio::get_stats"])

    def test_af_packet_is_listed_as_it_always_was(self):
        # Built in or by pktio: a site cannot tell.
        lines = listing("Zeek::AF_Packet")
        self.assertIn(lines[0], [
            "Zeek::AF_Packet - Packet acquisition via AF_Packet " + how
            for how in ("(built-in)", "(dynamic, version 4.0.0)")])
        self.assertEqual(lines[1:], [
            '[Packet Source] AF_PacketReader (interface prefix "af_packet"; '
            'supports live input)', *items("AF_Packet", CONSTANTS)])

    @testnet.needs_none_built_in
    def test_af_packet_is_that_of_pktio(self):
        self.assertIn("dynamic, version 4.0.0", listing("Zeek::AF_Packet")[0])

    @testnet.needs_built_in
    def test_af_packet_is_not_built_where_zeek_has_it(self):
        self.assertEqual(os.listdir(os.environ["ZEEK_PLUGIN_PATH"]),
                         ["Pktio_PktSrc"])


class Refusals(testnet.Case):
    def test_a_bad_filter_ends_zeek_and_says_what_is_bad_in_it(self):
        said = self.refused("-i", f"pktio::{testnet.B}", "-f", "tcpp port 80")
        self.assertIn("tcpp port 80", said)
        self.assertIn("fatal", said)
        self.assertIn("syntax error", said)

    def test_a_bad_option_ends_zeek_and_names_the_one_that_was_meant(self):
        said = self.refused("-i", f"pktio::{testnet.B}?blok-size=1M")
        self.assertIn("did you mean 'block-size'", said)
        said = self.refused("-i", f"pktio::{testnet.B}",
                            'Pktio::options={["fanuot"]="cpu"}')
        self.assertIn("did you mean 'fanout'", said)

    def test_a_bad_constant_ends_zeek_and_is_named(self):
        said = self.refused("-i", f"pktio::{testnet.B}",
                            "Pktio::block_size=5000")
        self.assertIn("Pktio::block_size", said)

    def test_an_interface_that_is_not_there_ends_zeek_and_is_named(self):
        self.assertIn("test-c", self.refused("-i", "pktio::test-c"))
        self.assertIn("test-c", self.refused("-i", "af_packet::test-c"))

    def test_a_bad_backend_ends_zeek_and_names_the_one_that_was_meant(self):
        said = self.refused("-i", f"pktio::af_paket:{testnet.B}")
        self.assertIn("did you mean 'af_packet'", said)

    def test_a_file_that_is_not_there_ends_zeek_and_is_named(self):
        self.assertIn("none.pcap", self.refused("-r", "pktio::none.pcap"))


if __name__ == "__main__":
    unittest.main()
