# SPDX-License-Identifier: BSD-3-Clause

module Pktio;

export {
	## Counters and gauges of a packet source; also a line of ``pktio.log``.
	type Stats: record {
		ts: time &log &optional;
		## The name of the cluster node.
		peer: string &log &optional;
		## The source, as in the command line of Zeek.
		source: string &log &default="";
		## The state of the interface: "up", "down", "gone", or "none"
		## if the source is not an interface.
		link: string &log &default="none";
		# generated: fields
		## Received; counter, in frames.
		received: count &log &default=0;
		## Received, as captured; counter, in bytes.
		received_bytes: count &log &default=0;
		## Lost because the ring was full; counter, in frames.
		dropped: count &log &default=0;
		## How often the kernel found the ring full; counter, in events.
		freezes: count &log &default=0;
		## Rejected by a filter in user space; counter, in frames.
		filtered: count &log &default=0;
		## Received with fewer bytes than on the wire; counter, in frames.
		truncated: count &log &default=0;
		## How often held frames blocked new frames; counter, in events.
		stalls: count &log &default=0;
		## How often the interface went down; counter, in events.
		link_downs: count &log &default=0;
		## How often a new interface replaced the interface; counter, in events.
		reattached: count &log &default=0;
		## Skipped in a file because they contain no frame; counter, in blocks.
		skipped: count &log &default=0;
		## Blocks with frames not yet received; gauge, in blocks.
		pending_blocks: count &log &default=0;
		## The largest pending_blocks so far; gauge, in blocks.
		pending_blocks_max: count &log &default=0;
		## Age of the oldest frame not yet received; gauge, in ns.
		oldest_age: count &log &default=0;
		# end
	};
}
