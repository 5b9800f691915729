# SPDX-License-Identifier: BSD-3-Clause

##! Packets from a Linux interface, through a ring shared with the kernel:
##! ``zeek -i af_packet::eth0``.

module AF_Packet;

export {
	## Bytes of the ring of each worker, in whole blocks.
	const buffer_size = 128 * 1024 * 1024 &redef;

	## Bytes of a block, which the kernel hands over as a whole; a multiple
	## of the page size.
	const block_size = 32 * 1024 &redef;

	## A block that is not full is handed over after this long.
	const block_timeout = 10msec &redef;

	## Whether the NIC takes the times of packets.
	const enable_hw_timestamping = F &redef;

	## Whether workers with the same :zeek:see:`AF_Packet::fanout_id` share
	## the packets.
	const enable_fanout = T &redef;

	## Whether the kernel puts IPv4 fragments together before it shares out.
	const enable_defrag = F &redef;

	## How packets are shared out.
	const fanout_mode = FANOUT_HASH &redef;

	## The group of workers. Each interface needs one of its own.
	const fanout_id = 23 &redef;

	## The link type, as a DLT number. 1, Ethernet, leaves it to what the
	## interface says.
	const link_type = 1 &redef;

	## Who checks the checksums of layer 4.
	const checksum_validation_mode: ChecksumMode = CHECKSUM_ON &redef;
}
