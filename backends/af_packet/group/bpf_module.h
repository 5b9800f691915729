/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_BPF_MODULE_H
#define PKTIO_AF_PACKET_BPF_MODULE_H

/*
 * What loads eBPF programs: the only part of this backend that needs libbpf,
 * and so a module of its own, loaded when an option asks for it. It exports one
 * symbol, the struct below, and needs nothing of the library.
 */

#include <stdbool.h>
#include <stddef.h>

#include "group/ebpf_table.h"

#define AF_PACKET_BPF_VERSION 1U
#define AF_PACKET_BPF_SYMBOL "pktio_af_packet_bpf"

/* What went wrong, of a call that returned a negative errno value. */
struct bpf_words {
	char text[160];
};

struct af_packet_bpf {
	unsigned version;

	/* The steering program and its table, mapped; munmap() it. Returns a
	 * descriptor of the program. */
	int (*steer)(struct steer_table **ret, struct bpf_words *words);

	/* A table that some process has, of which `is_it` says so; -ENOENT. */
	int (*find)(bool (*is_it)(const struct steer_table *table, void *arg),
		    void *arg, struct steer_table **ret,
		    struct bpf_words *words);

	/* A socket filter from an object file: FILE, or FILE:SECTION, or
	 * FILE:FUNCTION. Returns a descriptor. */
	int (*load)(const char *file, struct bpf_words *words);
};

#endif
