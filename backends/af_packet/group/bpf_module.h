/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_BPF_MODULE_H
#define PKTIO_AF_PACKET_BPF_MODULE_H

/*
 * The module that loads eBPF programs. Only this part of the backend needs
 * libbpf, so it is a shared object of its own, which the backend loads if an
 * option requires eBPF. It exports one symbol, the struct below, and uses no
 * function of the library.
 */

#include <stdbool.h>
#include <stddef.h>

#include "group/ebpf_table.h"

#define AF_PACKET_BPF_VERSION 2U
#define AF_PACKET_BPF_SYMBOL "pktio_af_packet_bpf"

/* The message of a call that returned a negative errno value. */
struct bpf_message {
	char text[160];
};

/* A steering program and its table. */
struct steering_object {
	struct steer_table *table; /* mapped: munmap() it */
	int program;               /* a descriptor */
};

struct af_packet_bpf {
	unsigned version;

	/* Loads the steering program, with a table of zeros, but for `id`. */
	int (*steer)(struct steering_object *ret, struct bpf_message *message);

	/* Calls visit() with each table of any process, until that returns
	 * true, and returns the table with its program; -ENOENT: it never did.
	 */
	int (*find)(bool (*visit)(struct steer_table *table, void *arg),
		    void *arg, struct steering_object *ret,
		    struct bpf_message *message);

	/* A socket filter from an object file: FILE, or FILE:SECTION, or
	 * FILE:FUNCTION. Returns a descriptor. */
	int (*load)(const char *file, struct bpf_message *message);
};

#endif
