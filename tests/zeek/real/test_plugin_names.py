# SPDX-License-Identifier: BSD-3-Clause
"""The plugins that Zeek lists, and the errors of a failed open."""
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
    def test_pktio_is_listed_with_all_constants_of_af_packet(self):
        lines = listing("Pktio::PktSrc")
        self.assertRegex(lines[0], r"^Pktio::PktSrc - .* \(dynamic, version ")
        self.assertEqual(lines[1:], [
            '[Packet Source] PktioReader (interface prefix "pktio"; supports '
            'live and trace input)',
            *items("Pktio", CONSTANTS + ["ring_index", "ring_count"]),
            "[Function] Pktio::get_stats"])

    def test_af_packet_is_listed_with_its_constants(self):
        # The list is the same for the built-in plugin and for pktio.
        lines = listing("Zeek::AF_Packet")
        self.assertIn(lines[0], [
            "Zeek::AF_Packet - Packet acquisition via AF_Packet " + how
            for how in ("(built-in)", "(dynamic, version 4.0.0)")])
        self.assertEqual(lines[1:], [
            '[Packet Source] AF_PacketReader (interface prefix "af_packet"; '
            'supports live input)', *items("AF_Packet", CONSTANTS)])

    @testnet.needs_none_built_in
    def test_af_packet_is_the_plugin_of_pktio(self):
        self.assertIn("dynamic, version 4.0.0", listing("Zeek::AF_Packet")[0])

    @testnet.needs_built_in
    def test_af_packet_is_not_built_if_zeek_has_it_built_in(self):
        self.assertEqual(os.listdir(os.environ["ZEEK_PLUGIN_PATH"]),
                         ["Pktio_PktSrc"])


class Errors(testnet.Case):
    def test_an_invalid_filter_ends_zeek_with_its_error(self):
        output = self.expect_error("-i", f"pktio::{testnet.B}",
                                   "-f", "tcpp port 80")
        self.assertIn("tcpp port 80", output)
        self.assertIn("fatal", output)
        self.assertIn("syntax error", output)

    def test_an_unknown_option_ends_zeek_and_the_closest_is_named(self):
        output = self.expect_error("-i", f"pktio::{testnet.B}?blok-size=1M")
        self.assertIn("did you mean 'block-size'", output)
        output = self.expect_error("-i", f"pktio::{testnet.B}",
                                   'Pktio::options={["fanuot"]="cpu"}')
        self.assertIn("did you mean 'fanout'", output)

    def test_an_invalid_constant_ends_zeek_and_is_named(self):
        output = self.expect_error("-i", f"pktio::{testnet.B}",
                                   "Pktio::block_size=5000")
        self.assertIn("Pktio::block_size", output)

    def test_a_missing_interface_ends_zeek_and_is_named(self):
        self.assertIn("test-c", self.expect_error("-i", "pktio::test-c"))
        self.assertIn("test-c", self.expect_error("-i", "af_packet::test-c"))

    def test_an_unknown_backend_ends_zeek_and_the_closest_is_named(self):
        output = self.expect_error("-i", f"pktio::af_paket:{testnet.B}")
        self.assertIn("did you mean 'af_packet'", output)

    def test_a_missing_file_ends_zeek_and_is_named(self):
        self.assertIn("none.pcap", self.expect_error("-r", "pktio::none.pcap"))


if __name__ == "__main__":
    unittest.main()
