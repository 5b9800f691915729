# SPDX-License-Identifier: BSD-3-Clause

##! Reads packets from a Linux interface through a memory ring that is shared
##! with the kernel: ``zeek -i af_packet::eth0``.

module AF_Packet;

export {
	## Size of the ring of each worker in bytes, rounded down to whole
	## blocks.
	const buffer_size = 128 * 1024 * 1024 &redef;

	## Size of a block in bytes, a multiple of the page size. The kernel
	## delivers packets by the block.
	const block_size = 32 * 1024 &redef;

	## After this time the kernel delivers a block that is not full.
	const block_timeout = 10msec &redef;

	## Whether packets have timestamps of the NIC.
	const enable_hw_timestamping = F &redef;

	## Whether workers with the same :zeek:see:`AF_Packet::fanout_id` form a
	## fanout group, in which each packet goes to one worker.
	const enable_fanout = T &redef;

	## Whether the kernel reassembles IPv4 fragments before it selects a
	## worker.
	const enable_defrag = F &redef;

	## How the kernel selects the worker for a packet.
	const fanout_mode = FANOUT_HASH &redef;

	## The id of the fanout group. Each interface needs its own id.
	const fanout_id = 23 &redef;

	## The link type as a DLT number. With 1 (Ethernet), Zeek uses the link
	## type of the interface.
	const link_type = 1 &redef;

	## Who verifies layer 4 checksums.
	const checksum_validation_mode: ChecksumMode = CHECKSUM_ON &redef;
}
