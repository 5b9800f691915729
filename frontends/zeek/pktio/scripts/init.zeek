# SPDX-License-Identifier: BSD-3-Clause

##! Packets through a backend of pktio: ``zeek -i pktio::eth0``, or any backend
##! by its URI, ``zeek -i pktio::af_packet:eth0?fanout=cpu``, ``zeek -r
##! pktio::pcap_file:big.pcapng.zst``.
##!
##! The constants here are those that ``AF_Packet`` has, and hold for the
##! backend of that name. As long as one is not set, the one of ``AF_Packet``
##! holds, if this Zeek has it and if a site has set it. A value in
##! :zeek:see:`Pktio::options` goes over both, and one in the URI over all.

module Pktio;

export {
	## Bytes of the ring of each worker; 0 leaves it to the library.
	const buffer_size = 0 &redef;

	## Bytes of a block, which the kernel hands over as a whole; a multiple
	## of the page size. 0 leaves it to the library.
	const block_size = 0 &redef;

	## A block that is not full is handed over after this long: what packets
	## wait for at most when there are few. 0 makes it 100msec, or, with a
	## profile among the options, the library's for that.
	const block_timeout = 0sec &redef;

	## Whether the NIC takes the times of packets.
	const enable_hw_timestamping = F &redef;

	## Whether the workers on one interface share its packets.
	const enable_fanout = T &redef;

	## Whether the kernel puts IPv4 fragments together before it shares out.
	const enable_defrag = F &redef;

	## How packets are shared out.
	const fanout_mode = FANOUT_HASH &redef;

	## The group of workers. 0 makes one for each interface, and for each
	## :zeek:see:`Pktio::ring_count`.
	const fanout_id = 0 &redef;

	## The link type, as a DLT number; 0 leaves it to what the source says.
	const link_type = 0 &redef;

	## Who checks the checksums of layer 4.
	const checksum_validation_mode: ChecksumMode = CHECKSUM_ON &redef;

	## Of how many workers on one interface this is one; 0 if nobody
	## counted. All of them have the same. zeekctl sets it.
	const ring_count = 0 &redef;

	## And which, from 0 on. zeekctl sets it.
	const ring_index = 0 &redef;
}
