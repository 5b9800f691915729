# SPDX-License-Identifier: BSD-3-Clause

module Pktio;

export {
	## Options of the backend, with the same names and values as in its
	## URI: ``redef Pktio::options += { ["ring-size"] = "256M" };``. The
	## library checks the options. An invalid option ends Zeek with a message
	## that shows the valid values.
	##
	# generated: options
	## Options of af_packet (a Linux interface, through a ring shared with the kernel):
	##
	## ``profile``: sets what is not given of ring-size, block-size, block-timeout and frame-size, from link speed and MTU. One of throughput, balanced, latency; default balanced.
	##
	## ``ring-size``: memory for frames that wait, unswappable; whole blocks; 0: by profile. Size such as 64K; default 0.
	##
	## ``block-size``: what the kernel hands over at once; whole pages; 0: by profile. Size such as 64K; default 0.
	##
	## ``block-timeout``: a block that is not full is handed over after this long (not how long a wait is); whole milliseconds; 0: by profile. Time such as 10ms; default 0.
	##
	## ``frame-size``: with profile=latency: room for a frame and 100 bytes, longer ones are cut; 0: by profile. Size such as 64K; default 0.
	##
	## ``ring-strict``: if memory is short, fail instead of using a smaller ring or another NUMA node. Yes or no; default no.
	##
	## ``numa``: node to have the ring's memory on: a number, auto (the NIC's) or none. Text; default auto.
	##
	## ``timestamp``: who takes the time of a frame. One of kernel, software, hardware; default kernel.
	##
	## ``linktype``: link type of the frames: a name such as EN10MB, RAW or LINUX_SLL2, or a LINKTYPE_ number; auto: of the interface. Text; default auto.
	##
	## ``promisc``: receive frames for other hosts, too. Yes or no; default yes.
	##
	## ``fanout``: how frames are shared out to the rings of a group. One of auto, none, hash, lb, cpu, rollover, rnd, qm, cbpf, ebpf; default auto.
	##
	## ``fanout-id``: the group, unique in a network namespace; 0: made from interface and ring count. Number; default 0.
	##
	## ``fanout-unique``: the kernel finds an id that is free; others join by it. Yes or no; default no.
	##
	## ``fanout-flags``: what else the group does. None, or several joined by + of defrag, rollover; default none.
	##
	## ``fanout-max``: rings that a group may have, 0: 256; the first to join decides. Number; default 0.
	##
	## ``fanout-wait``: let nothing in until all rings of a group are there, but no longer than this; 0: each at once. Time such as 10ms; default 5s.
	##
	## ``fanout-program``: with fanout=ebpf: choose the ring by a program of yours, FILE.o or FILE.o:SECTION, instead of ours. Text.
	##
	## ``fanout-key``: with fanout=ebpf or cbpf: frames with the same key go to the same ring. One of flow, addresses; default flow.
	##
	## ``fanout-weights``: with fanout=ebpf: share of each ring by index, such as 3:1:1; empty: equal shares. Text.
	##
	## ``fanout-seed``: with fanout=ebpf or cbpf: secret seed of the hash, so that a sender cannot direct its flows to one ring. Number; default 0.
	##
	## ``filter-program``: a filter in eBPF, FILE.o or FILE.o:SECTION: the bytes to keep of a frame, 0 refuses it. Text.
	##
	## ``outgoing``: receive also what this host sends. Yes or no; default yes.
	##
	## ``vlan``: where the outermost VLAN tag of a frame is. One of meta, insert; default meta.
	##
	## ``gro``: frames that the kernel merged, or that a NIC is to cut. One of keep, split; default keep.
	##
	## ``netns``: network namespace of the interface: a name of ip-netns(8) or a path; empty: this one. Text.
	##
	## ``wait-for-interface``: if the interface does not exist, open anyway and wait until it appears. Yes or no; default no.
	##
	## ``fd``: a packet socket (SOCK_RAW, protocol 0, unbound) made by who may; 0: make one. Number; default 0.
	##
	## ``busy-wait``: busy-wait for frames this long before sleeping; uses a whole CPU core; 0: never. Time such as 10ms; default 0us.
	##
	## ``rxhash``: give the kernel's or NIC's hash with every frame. Yes or no; default no.
	##
	## ``qdisc-bypass``: send past the queueing discipline: other sniffers see nothing, a busy driver drops. Yes or no; default no.
	##
	## ``gso``: send TCP that is longer than the MTU in segments that are not. Yes or no; default no.
	##
	## ``gso-size``: payload of such a segment, of UDP as well, which is not cut otherwise; 0: as the MTU allows. Number; default 0.
	##
	## Options of gen (frames made from a seed, and a sink for frames to send):
	##
	## ``size``: bytes of a frame, without tags and FCS; short ones grow as headers need. Number; default 60.
	##
	## ``sizes``: all frames of one size, or a mix. One of fixed, imix; default fixed.
	##
	## ``flows``: flows, each in both directions, over all rings. Number; default 64.
	##
	## ``ip``: IP version. One of 4, 6, both; default 4.
	##
	## ``proto``: transport protocol. One of udp, tcp, both; default udp.
	##
	## ``vlan``: VLAN tags. One of none, 802.1q, qinq, priority; default none.
	##
	## ``vlan-id``: VLAN of the 0x8100 tag, unless it is a priority tag. Number; default 100.
	##
	## ``vlan-outer-id``: VLAN of the 0x88a8 tag. Number; default 200.
	##
	## ``vlan-priority``: priority in every tag. Number; default 0.
	##
	## ``vlan-strip``: tags that are taken out of the bytes. One of none, outer, all; default none.
	##
	## ``count``: frames until the end, of each ring; 0: without end. Number; default 0.
	##
	## ``seed``: what ports, ids and payloads are drawn from. Number; default 1.
	##
	## ``snaplen``: bytes to keep of a frame; 0: all. Number; default 0.
	##
	## ``first-time``: time of the first frame since 1970. Time such as 10ms; default 1000000000s.
	##
	## ``interval``: time from each frame to the next. Time such as 10ms; default 1us.
	##
	## ``tx-buffers``: frames that a program can allocate to send. Number; default 1024.
	##
	## ``tx-buffer-size``: size of the longest frame to send. Size such as 64K; default 16K.
	##
	## Options of pcap_file (pcap files, read and written):
	##
	## ``buffer-size``: bytes read or written at a time; fits in a cache. Size such as 64K; default 256K.
	##
	## ``buffers``: reading: most buffers in use while frames are held. Number; default 64.
	##
	## ``format``: writing: of the file. One of auto, pcap, pcapng; default auto.
	##
	## ``timestamp-precision``: writing: unit of the time stamps. One of us, ns; default ns.
	##
	## ``linktype``: writing: LINKTYPE_ value of all frames; 1 is Ethernet. Number; default 1.
	##
	## ``snaplen``: writing: longer frames are cut to so many bytes. Number; default 262144.
	##
	## ``compress``: writing: how to compress. One of auto, none, gzip, zstd, lz4; default auto.
	##
	## ``level``: writing: of compression: to 9 for gzip, 12 for lz4, 22 for zstd; 0: the codec's own default. Number; default 0.
	##
	## ``rotate-size``: writing: the next file before this one gets longer; 0: never. Size such as 64K; default 0.
	##
	## ``rotate-time``: writing: the next file at each multiple of this time of the frames, in UTC; 0: never. Time such as 10ms; default 0.
	##
	## ``rotate-count``: writing: the next file after so many frames; 0: never. Number; default 0.
	##
	## ``rotate-keep``: writing: the oldest file goes when there would be more; 0: all stay. Number; default 0.
	##
	## ``rotate-zone``: writing: of the times in the names of the files. One of utc, local; default utc.
	##
	## ``sync``: writing: flush waits until it is on the disk. Yes or no; default no.
	##
	## ``comment``: writing pcapng: a comment on the file. Text.
	##
	## ``hardware``: writing pcapng: the machine that captured. Text.
	##
	## ``os``: writing pcapng: the operating system that captured. Text.
	##
	## ``application``: writing pcapng: the program that wrote the file. Text; default pktio.
	##
	## ``if-names``: writing pcapng: name interfaces as this machine does, by their index. Yes or no; default no.
	##
	## ``merge``: reading a directory or pattern: in which order the frames of all files come. One of none, time; default none.
	##
	## ``follow``: reading: wait for more at the end of a regular file. Yes or no; default no.
	##
	## ``window``: reading: most memory that a zstd frame may ask for; zstd --ultra and --long need more. Size such as 64K; default 8M.
	##
	## ``decompress-thread``: reading: unpack a regular file in a thread of its own. Yes or no; default yes.
	##
	## ``speed``: reading: max, or how many times as fast as recorded: 1, 2.5. Text; default max.
	##
	## ``rate``: reading: a pace instead, like 100kpps or 1Gbps. Text.
	##
	## ``loop``: reading: passes through a regular file; 0: for ever. Number; default 1.
	##
	## ``skip``: reading: frames to pass over at the start of each pass. Number; default 0.
	##
	## ``count``: reading: most frames of each pass; 0: all. Number; default 0.
	##
	## ``start-time``: reading: from then on: 90s after the first, or 2026-01-31T12:00:00Z. Text.
	##
	## ``stop-time``: reading: only before then, written in the same way. Text.
	##
	## ``shift``: reading: whether times are moved. One of none, now; default none.
	##
	## ``busy-wait``: reading with speed or rate: busy-wait at most this long before a frame is due; 0: never. Time such as 10ms; default 100us.
	##
	## Options of pcap_live (libpcap: for devices that have no backend of their own):
	##
	## ``snaplen``: bytes to keep of a frame. Size such as 64K; default 256K.
	##
	## ``promisc``: receive frames for other stations, too. Yes or no; default yes.
	##
	## ``rfmon``: monitor mode, of Wi-Fi. Yes or no; default no.
	##
	## ``block-timeout``: how long libpcap lets frames gather, in whole ms. Time such as 10ms; default 10ms.
	##
	## ``immediate``: have each frame at once; costs more CPU. Yes or no; default no.
	##
	## ``ring-size``: bytes of libpcap's buffer. Size such as 64K; default 16M.
	##
	## ``frame-slots``: frames that may be held. Number; default 256.
	##
	## ``timestamp``: who takes the time of a frame. One of host, host_lowprec, host_hiprec, host_hiprec_unsynced, adapter, adapter_unsynced; default host.
	##
	## ``timestamp-precision``: unit of time that libpcap is asked for. One of us, ns; default ns.
	##
	## ``direction``: which frames to receive. One of in, out, inout; default inout.
	##
	## ``linktype``: link type of the frames: a libpcap name such as EN10MB; auto: of the device. Text; default auto.
	##
	## ``protocol``: EtherType to receive, 0: all. Number; default 0.
	##
	# end
	const options: table[string] of string = table() &redef;
}
