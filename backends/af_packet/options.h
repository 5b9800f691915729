/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_OPTIONS_H
#define PKTIO_AF_PACKET_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <pktio/backend.h>

enum af_packet_fanout_option {
	AF_PACKET_FANOUT_AUTO, /* hash, if there are several rings */
	AF_PACKET_FANOUT_NONE,
	AF_PACKET_FANOUT_FIRST, /* and from here on the kernel's modes */
};

enum af_packet_profile {
	AF_PACKET_THROUGHPUT,
	AF_PACKET_BALANCED,
	AF_PACKET_LATENCY, /* a V2 ring, the others are V3 */
};

enum af_packet_timestamp {
	AF_PACKET_STAMP_KERNEL,
	AF_PACKET_STAMP_SOFTWARE,
	AF_PACKET_STAMP_HARDWARE,
};

enum af_packet_direction {
	AF_PACKET_DIRECTION_IN,
	AF_PACKET_DIRECTION_INOUT,
};

enum af_packet_vlan_strip {
	AF_PACKET_VLAN_STRIP_NONE,
	AF_PACKET_VLAN_STRIP_OUTER,
};

enum af_packet_fanout_key {
	AF_PACKET_FANOUT_KEY_FLOW,
	AF_PACKET_FANOUT_KEY_ADDRESSES,
};

/* The values of the options; options.c has their names and texts. */
struct af_packet_conf {
	uint64_t profile;   /* enum af_packet_profile */
	uint64_t timestamp; /* enum af_packet_timestamp */
	/* Bytes, and ns. 0: as the profile has it. */
	uint64_t ring_size, block_size, frame_size, block_timeout;
	const char *numa;     /* "auto", "none" or a node */
	const char *linktype; /* "auto", a name or a number */
	bool ring_strict;
	uint64_t fanout;       /* enum af_packet_fanout_option */
	uint64_t fanout_flags; /* PACKET_FANOUT_FLAG_ */
	uint64_t fanout_id;    /* 0: derived */
	uint64_t fanout_max;   /* 0: the kernel's default */
	const char *netns;     /* "": this one */
	uint64_t direction;    /* enum af_packet_direction */
	uint64_t vlan_strip;   /* enum af_packet_vlan_strip */
	uint64_t gro;          /* 1: cut what was merged */
	uint64_t fd;           /* a packet socket; 0: none */
	uint64_t busy_wait;    /* ns */
	uint64_t gso_size;     /* bytes; 0: what the MTU allows */
	uint64_t fanout_wait;  /* ns */
	uint64_t fanout_key;   /* AF_PACKET_FANOUT_KEY_ */
	uint64_t fanout_seed;
	const char *fanout_weights;
	const char *fanout_program, *filter_program; /* "": none */
	bool fanout_unique, promisc, rxhash, qdisc_bypass;
	bool wait_for_interface;
	bool gso;
};

extern const struct pktio_opt_decl af_packet_options[];
extern const struct pktio_renamed_opt af_packet_renamed_options[];

#endif
