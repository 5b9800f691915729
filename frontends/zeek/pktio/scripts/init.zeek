# SPDX-License-Identifier: BSD-3-Clause

##! Reads packets through a backend of pktio: ``zeek -i pktio::eth0``, or, with
##! the URI of any backend, ``zeek -i pktio::af_packet:eth0?fanout=cpu`` and
##! ``zeek -r pktio::pcap_file:big.pcapng.zst``.
##!
##! The constants here have the names of the ``AF_Packet`` constants, and apply
##! to the backend af_packet. If a constant is not redefined here, but its
##! ``AF_Packet`` namesake is, the ``AF_Packet`` value applies. An entry of
##! :zeek:see:`Pktio::options` overrides both, and an option in the URI
##! overrides everything.

module Pktio;

export {
	## Size of the ring of each worker in bytes; 0: library default.
	const buffer_size = 0 &redef;

	## Size of a block in bytes, a multiple of the page size; 0: library
	## default. The kernel delivers packets by the block.
	const block_size = 0 &redef;

	## After this time the kernel delivers a block that is not full. If
	## packets are rare, they wait this long. 0: 100msec, or, if the options
	## contain a profile, the timeout of the profile.
	const block_timeout = 0sec &redef;

	## Whether packets have timestamps of the NIC.
	const enable_hw_timestamping = F &redef;

	## Whether the workers on one interface form a fanout group, in which
	## each packet goes to one worker.
	const enable_fanout = T &redef;

	## Whether the kernel reassembles IPv4 fragments before it selects a
	## worker.
	const enable_defrag = F &redef;

	## How the kernel selects the worker for a packet.
	const fanout_mode = FANOUT_HASH &redef;

	## The id of the fanout group; 0: an id derived from the interface and
	## :zeek:see:`Pktio::ring_count`.
	const fanout_id = 0 &redef;

	## The link type as a DLT number; 0: the link type of the source.
	const link_type = 0 &redef;

	## Who verifies layer 4 checksums.
	const checksum_validation_mode: ChecksumMode = CHECKSUM_ON &redef;

	## The number of workers on the interface; 0: unknown. All workers of an
	## interface need the same value. zeekctl sets it.
	const ring_count = 0 &redef;

	## The index of this worker, from 0 to ring_count - 1. zeekctl sets it.
	const ring_index = 0 &redef;
}
