/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A filter of a ring with cooked frames reads the cooked header, which the
 * kernel does not have. So the library runs the filter on received frames. But
 * the kernel can drop most frames before: it has the fields of the header as
 * ancillary data, and the payload at an offset that is smaller by the size of
 * the header. The translated program accepts all tagged frames, because their
 * cooked header has the tag; the library judges them.
 */
#include "ring/cooked.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>
#include <linux/if_ether.h>

#define ACCEPT UINT32_MAX
#define ANCILLARY(what) ((uint32_t)SKF_AD_OFF + SKF_AD_##what)

/* Fields of the headers that the kernel has as ancillary data. */
struct field {
	uint16_t header; /* its size identifies the header */
	uint16_t size;   /* BPF_B, _H or _W */
	uint32_t at, ancillary;
};

static const struct field fields[] = {
	{ 16, BPF_H, 0, ANCILLARY(PKTTYPE) },
	{ 16, BPF_H, 2, ANCILLARY(HATYPE) },
	{ 16, BPF_H, 14, ANCILLARY(PROTOCOL) },
	{ 20, BPF_H, 0, ANCILLARY(PROTOCOL) },
	{ 20, BPF_W, 4, ANCILLARY(IFINDEX) },
	{ 20, BPF_H, 8, ANCILLARY(HATYPE) },
	{ 20, BPF_B, 10, ANCILLARY(PKTTYPE) },
};

/* Accepts tagged frames. For other frames continues with A = 0. */
static const struct sock_filter prologue[] = {
	BPF_STMT(BPF_LD | BPF_B | BPF_ABS, ANCILLARY(VLAN_TAG_PRESENT)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 3, 0),
	BPF_STMT(BPF_LD | BPF_H | BPF_ABS, ANCILLARY(PROTOCOL)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021Q, 1, 0),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_8021AD, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, ACCEPT),
	BPF_STMT(BPF_LD | BPF_IMM, 0),
};
#define PROLOGUE (sizeof(prologue) / sizeof(prologue[0]))

static bool translate_field(struct sock_filter *i, uint32_t header)
{
	for (size_t n = 0; n < sizeof(fields) / sizeof(fields[0]); n++) {
		if (fields[n].header == header && fields[n].at == i->k &&
		    fields[n].size == BPF_SIZE(i->code)) {
			i->k = fields[n].ancillary;
			return true;
		}
	}
	return false;
}

/* A load from the frame; false: the kernel has no such data. */
static bool translate_load(struct sock_filter *i, uint32_t header)
{
	bool absolute = BPF_MODE(i->code) == BPF_ABS;

	/* It is ancillary data already. */
	if (absolute && i->k >= (uint32_t)SKF_AD_OFF)
		return true;
	if (i->k >= header && i->k <= INT32_MAX) {
		i->k -= header;
		return true;
	}
	return absolute && translate_field(i, header);
}

static bool translate(struct sock_filter *i, uint32_t header)
{
	switch (BPF_CLASS(i->code)) {
	case BPF_LD:
	case BPF_LDX:
		switch (BPF_MODE(i->code)) {
		case BPF_ABS:
		case BPF_IND:
		case BPF_MSH:
			return translate_load(i, header);
		case BPF_LEN:
			return false;
		default:
			return true;
		}
	case BPF_RET:
		/* The library truncates the frame, header included. */
		if (BPF_RVAL(i->code) == BPF_K && i->k > 0)
			i->k = ACCEPT;
		return true;
	default:
		return true;
	}
}

int cooked_filter(const struct sock_fprog *prog, uint16_t header,
		  struct sock_fprog *ret)
{
	struct sock_filter *code;
	size_t n = prog->len + PROLOGUE;

	*ret = (struct sock_fprog){ 0 };
	if (n > BPF_MAXINSNS)
		return 0;
	code = malloc(n * sizeof(*code));
	if (!code)
		return -ENOMEM;
	memcpy(code, prologue, sizeof(prologue));
	memcpy(code + PROLOGUE, prog->filter, prog->len * sizeof(*code));
	for (size_t i = PROLOGUE; i < n; i++) {
		if (!translate(&code[i], header)) {
			free(code);
			return 0;
		}
	}
	ret->len = (unsigned short)n;
	ret->filter = code;
	return 0;
}
