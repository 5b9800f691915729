# SPDX-License-Identifier: BSD-3-Clause

module Pktio;

export {
	## Options of the backend, with the same names and values as in its
	## URI: ``redef Pktio::options += { ["ring-size"] = "256M" };``. The
	## library checks the options. An invalid option ends Zeek with a message
	## that shows the valid values.
	##
	# generated: options
	## Options of af_packet (a Linux interface, through a memory ring shared with the kernel):
	##
	## ``profile``: sets ring-size, block-size, block-timeout and frame-size from link speed and MTU, unless they are set. One of throughput, balanced, latency; default balanced.
	##
	## ``ring-size``: memory for frames in bytes, a multiple of block-size; 0: by profile. Size such as 64K; default 0.
	##
	## ``block-size``: bytes of a block, which the kernel delivers as a whole; a multiple of the page size; 0: by profile. Size such as 64K; default 0.
	##
	## ``block-timeout``: the kernel delivers a block that is not full after this time, in whole ms; 0: by profile. Time such as 10ms; default 0.
	##
	## ``frame-size``: with profile=latency: bytes of a frame slot, including about 100 bytes of headers; longer frames are truncated; 0: by profile. Size such as 64K; default 0.
	##
	## ``ring-strict``: if memory is short, fail instead of using a smaller ring or another NUMA node. Yes or no; default no.
	##
	## ``numa``: NUMA node of the ring memory: a number, auto (the node of the NIC) or none. Text; default auto.
	##
	## ``timestamp``: who takes the timestamp of a frame. One of kernel, software, hardware; default kernel.
	##
	## ``linktype``: link type of the frames: a name or number from tcpdump.org/linktypes.html, such as ETHERNET, RAW or LINUX_SLL2; auto: the link type of the interface. Text; default auto.
	##
	## ``promisc``: also receive frames for other hosts (promiscuous mode). Yes or no; default yes.
	##
	## ``fanout``: how the kernel distributes frames to the rings of a fanout group. One of auto, none, hash, lb, cpu, rollover, rnd, qm, cbpf, ebpf; default auto.
	##
	## ``fanout-id``: id of the fanout group, unique in a network namespace; 0: derived from interface and ring count. Number; default 0.
	##
	## ``fanout-unique``: let the kernel choose an unused id; other rings join with this id. Yes or no; default no.
	##
	## ``fanout-flags``: further properties of the fanout group. None, or several joined by + of defrag, rollover; default none.
	##
	## ``fanout-max``: maximum number of rings in a group, set by the first ring; 0: 256. Number; default 0.
	##
	## ``fanout-wait``: block all frames until all rings of a group are open, at most this long; 0: do not wait. Time such as 10ms; default 5s.
	##
	## ``fanout-program``: with fanout=ebpf: eBPF program that selects the ring, FILE.o or FILE.o:SECTION; empty: the built-in program. Text.
	##
	## ``fanout-key``: with fanout=ebpf or cbpf: frames with the same key go to the same ring. One of flow, addresses; default flow.
	##
	## ``fanout-weights``: with fanout=ebpf: share of each ring by index, such as 3:1:1; empty: equal shares. Text.
	##
	## ``fanout-seed``: with fanout=ebpf or cbpf: secret seed of the hash, so that a sender cannot direct its flows to one ring. Number; default 0.
	##
	## ``filter-program``: eBPF filter program, FILE.o or FILE.o:SECTION; returns the bytes of a frame to keep, 0 drops the frame. Text.
	##
	## ``direction``: which frames to receive. One of in, inout; default inout.
	##
	## ``vlan-strip``: VLAN tags of a received frame to move from the bytes to the metadata. One of none, outer; default outer.
	##
	## ``gro``: what to do with frames that the kernel merged or left for the NIC to segment. One of keep, split; default keep.
	##
	## ``netns``: network namespace of the interface: a name of ip-netns(8) or a path; empty: the current one. Text.
	##
	## ``wait-for-interface``: if the interface does not exist, open anyway and wait until it appears. Yes or no; default no.
	##
	## ``fd``: descriptor of a packet socket (SOCK_RAW, protocol 0, unbound) opened by a privileged process; 0: open one. Number; default 0.
	##
	## ``busy-wait``: busy-wait for frames this long before sleeping; uses a whole CPU core; 0: never. Time such as 10ms; default 0us.
	##
	## ``rxhash``: provide the flow hash of the kernel or NIC with every frame. Yes or no; default no.
	##
	## ``qdisc-bypass``: bypass the queueing discipline when sending: other sniffers see no frames, a busy driver drops frames. Yes or no; default no.
	##
	## ``gso``: segment TCP frames that are longer than the MTU when sending. Yes or no; default no.
	##
	## ``gso-size``: with gso=yes: payload bytes of a segment; segments UDP as well; 0: as the MTU allows, TCP only. Number; default 0.
	##
	## Options of gen (generates frames from a seed; discards frames that are sent):
	##
	## ``size``: bytes of a frame without VLAN tags and FCS; at least the size of its headers. Number; default 60.
	##
	## ``sizes``: distribution of the frame sizes. One of fixed, imix; default fixed.
	##
	## ``flows``: number of flows, each in both directions, over all rings. Number; default 64.
	##
	## ``ip``: IP version. One of 4, 6, both; default 4.
	##
	## ``proto``: transport protocol. One of udp, tcp, both; default udp.
	##
	## ``vlan``: VLAN tags of a frame. One of none, 802.1q, qinq, priority; default none.
	##
	## ``vlan-id``: VLAN id of the 0x8100 tag, unless it is a priority tag. Number; default 100.
	##
	## ``vlan-outer-id``: VLAN id of the 0x88a8 tag. Number; default 200.
	##
	## ``vlan-priority``: priority in every VLAN tag. Number; default 0.
	##
	## ``vlan-strip``: VLAN tags to move from the bytes to the metadata. One of none, outer, all; default none.
	##
	## ``count``: number of frames of each ring; 0: no limit. Number; default 0.
	##
	## ``seed``: seed of the random ports, ids and payloads. Number; default 1.
	##
	## ``snaplen``: truncate frames to this many bytes; 0: do not truncate. Number; default 0.
	##
	## ``first-time``: timestamp of the first frame, since 1970. Time such as 10ms; default 1000000000s.
	##
	## ``interval``: time between two frames. Time such as 10ms; default 1us.
	##
	## ``tx-buffers``: number of frames that a program can allocate to send. Number; default 1024.
	##
	## ``tx-buffer-size``: size of the longest frame to send. Size such as 64K; default 16K.
	##
	## Options of pcap_file (reads and writes pcap and pcapng files):
	##
	## ``buffer-size``: bytes of a read or write call. Size such as 64K; default 256K.
	##
	## ``buffers``: reading: maximum number of buffers in use while frames are held. Number; default 64.
	##
	## ``format``: writing: file format. One of auto, pcap, pcapng; default auto.
	##
	## ``timestamp-precision``: writing: unit of the timestamps. One of us, ns; default ns.
	##
	## ``linktype``: writing: link type of all frames, as a name or number of tcpdump.org. Text; default ETHERNET.
	##
	## ``snaplen``: writing: truncate frames to this many bytes. Number; default 262144.
	##
	## ``compress``: writing: compression. One of auto, none, gzip, zstd, lz4; default auto.
	##
	## ``level``: writing: compression level, up to 9 for gzip, 12 for lz4, 22 for zstd; 0: default of the codec. Number; default 0.
	##
	## ``rotate-size``: writing: start a new file before a file exceeds this size in bytes; 0: never. Size such as 64K; default 0.
	##
	## ``rotate-time``: writing: start a new file at each multiple of this time, by the timestamps in UTC; 0: never. Time such as 10ms; default 0.
	##
	## ``rotate-count``: writing: start a new file after this many frames; 0: never. Number; default 0.
	##
	## ``rotate-keep``: writing: keep this many files and delete the oldest; 0: keep all. Number; default 0.
	##
	## ``rotate-zone``: writing: time zone of the times in file names. One of utc, local; default utc.
	##
	## ``sync``: writing: a flush waits until the data is on disk. Yes or no; default no.
	##
	## ``comment``: writing pcapng: comment on the file. Text.
	##
	## ``hardware``: writing pcapng: hardware of the capturing machine. Text.
	##
	## ``os``: writing pcapng: operating system of the capturing machine. Text.
	##
	## ``application``: writing pcapng: name of the program that writes the file. Text; default pktio.
	##
	## ``if-names``: writing pcapng: interface names of this machine, by interface index. Yes or no; default no.
	##
	## ``merge``: reading a directory or pattern: order of the frames of all files. One of none, time; default none.
	##
	## ``follow``: reading: at the end of a regular file, wait for more frames. Yes or no; default no.
	##
	## ``window``: reading: maximum window of a zstd frame in bytes; files of zstd --ultra and --long need more. Size such as 64K; default 8M.
	##
	## ``decompress-thread``: reading: decompress a regular file in a separate thread. Yes or no; default yes.
	##
	## ``speed``: reading: speed relative to the recording, such as 1 or 2.5; max: without waiting. Text; default max.
	##
	## ``rate``: reading: constant rate in frames or bits per second, such as 100kpps or 1Gbps; empty: by speed. Text.
	##
	## ``loop``: reading: number of passes over a regular file; 0: no limit. Number; default 1.
	##
	## ``skip``: reading: number of frames to skip at the start of each pass. Number; default 0.
	##
	## ``count``: reading: maximum number of frames of each pass; 0: all. Number; default 0.
	##
	## ``start-time``: reading: skip frames before this time: 90s after the first frame, or 2026-01-31T12:00:00Z. Text.
	##
	## ``stop-time``: reading: stop at this time, in the same format as start-time. Text.
	##
	## ``shift``: reading: how to shift the timestamps. One of none, now; default none.
	##
	## ``busy-wait``: reading with speed or rate: busy-wait at most this long before a frame is due; 0: never. Time such as 10ms; default 100us.
	##
	## Options of pcap_live (a device through libpcap, for devices without another backend):
	##
	## ``snaplen``: truncate frames to this many bytes. Size such as 64K; default 256K.
	##
	## ``promisc``: also receive frames for other hosts (promiscuous mode). Yes or no; default yes.
	##
	## ``rfmon``: put a Wi-Fi device into monitor mode. Yes or no; default no.
	##
	## ``block-timeout``: maximum time that libpcap buffers frames; whole milliseconds only. Time such as 10ms; default 10ms.
	##
	## ``immediate``: deliver each frame at once; uses more CPU time. Yes or no; default no.
	##
	## ``ring-size``: buffer size of libpcap, in bytes. Size such as 64K; default 16M.
	##
	## ``frame-slots``: number of frames that a program can hold or allocate. Number; default 256.
	##
	## ``timestamp``: who takes the timestamp of a frame. One of host, host_lowprec, host_hiprec, host_hiprec_unsynced, adapter, adapter_unsynced; default host.
	##
	## ``timestamp-precision``: unit of the timestamps. One of us, ns; default ns.
	##
	## ``direction``: which frames to receive. One of in, out, inout; default inout.
	##
	## ``linktype``: link type of the frames: a name or number from tcpdump.org/linktypes.html, such as ETHERNET; auto: the link type of the device. Text; default auto.
	##
	## ``protocol``: receive only frames with this EtherType; 0: all frames. Number; default 0.
	##
	# end
	const options: table[string] of string = table() &redef;
}
