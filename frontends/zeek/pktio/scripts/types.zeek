# SPDX-License-Identifier: BSD-3-Clause

module Pktio;

export {
	## What a packet source received, lost, and waits for; a line of
	## ``pktio.log``.
	type Stats: record {
		ts: time &log &optional;
		## Which Zeek of a cluster it is.
		peer: string &log &optional;
		## What it reads, as it was given to Zeek.
		source: string &log &default="";
		## Of the interface: "up", "down", "gone", or "none" where there
		## is no interface.
		link: string &log &default="none";
		# generated: fields
		## In frames: received.
		received: count &log &default=0;
		## In bytes: received, as captured.
		received_bytes: count &log &default=0;
		## In frames: lost for want of room in the ring.
		dropped: count &log &default=0;
		## In events: times that the kernel found the ring full.
		freezes: count &log &default=0;
		## In frames: refused by a filter in user space.
		filtered: count &log &default=0;
		## In frames: received with fewer bytes than on the wire.
		truncated: count &log &default=0;
		## In events: times that held frames were in the way of new ones.
		stalls: count &log &default=0;
		## In events: times that the interface went down.
		link_downs: count &log &default=0;
		## In events: times that the interface was replaced by a new one.
		reattached: count &log &default=0;
		## In blocks: blocks of a file that are no frames, unread.
		skipped: count &log &default=0;
		## In blocks, at this moment: blocks with frames not yet received.
		pending_blocks: count &log &default=0;
		## In blocks, at this moment: the largest pending_blocks so far.
		pending_blocks_max: count &log &default=0;
		## In ns, at this moment: age of the oldest frame not yet received.
		oldest_age: count &log &default=0;
		# end
	};
}
