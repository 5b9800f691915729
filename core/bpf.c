/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Classic BPF in user space, with the extensions of the kernel, so that a
 * program has the same result here and in the kernel. The kernel removes at
 * most one VLAN tag from the bytes and provides it as ancillary data. So a
 * program finds vlan[0] of a frame in the ancillary data, and vlan[1] in the
 * bytes.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>

#include <pktio/backend.h>

#include "util/vlan.h"

#define ETHERNET_HEADER 14U
#define ARPHRD_ETHERNET 1

struct pktio_bpf {
	unsigned len;
	struct sock_filter code[];
};

struct machine {
	uint32_t a, x;
	uint32_t mem[BPF_MEMWORDS];
	const struct pktio_frame *f;
};

/* Loads that only the kernel can do. */
static bool is_kernels_own(uint32_t k)
{
	switch (k - (uint32_t)SKF_AD_OFF) {
	case SKF_AD_NLATTR:
	case SKF_AD_NLATTR_NEST:
	case SKF_AD_PAY_OFFSET:
		return true;
	default:
		return false;
	}
}

static bool is_ancillary(uint32_t k)
{
	if (is_kernels_own(k))
		return true;
	switch (k - (uint32_t)SKF_AD_OFF) {
	case SKF_AD_PROTOCOL:
	case SKF_AD_PKTTYPE:
	case SKF_AD_IFINDEX:
	case SKF_AD_MARK:
	case SKF_AD_QUEUE:
	case SKF_AD_HATYPE:
	case SKF_AD_RXHASH:
	case SKF_AD_CPU:
	case SKF_AD_ALU_XOR_X:
	case SKF_AD_VLAN_TAG:
	case SKF_AD_VLAN_TAG_PRESENT:
	case SKF_AD_RANDOM:
	case SKF_AD_VLAN_TPID:
		return true;
	default:
		return false;
	}
}

/* All valid instructions: the kernel refuses any other, too. */
static bool is_instruction(uint16_t code)
{
	switch (code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LDX | BPF_IMM:
	case BPF_LDX | BPF_MEM:
	case BPF_ST:
	case BPF_STX:
	case BPF_ALU | BPF_ADD: /* BPF_K is 0 */
	case BPF_ALU | BPF_ADD | BPF_X:
	case BPF_ALU | BPF_SUB | BPF_K:
	case BPF_ALU | BPF_SUB | BPF_X:
	case BPF_ALU | BPF_MUL | BPF_K:
	case BPF_ALU | BPF_MUL | BPF_X:
	case BPF_ALU | BPF_DIV | BPF_K:
	case BPF_ALU | BPF_DIV | BPF_X:
	case BPF_ALU | BPF_MOD | BPF_K:
	case BPF_ALU | BPF_MOD | BPF_X:
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_ALU | BPF_AND | BPF_X:
	case BPF_ALU | BPF_OR | BPF_K:
	case BPF_ALU | BPF_OR | BPF_X:
	case BPF_ALU | BPF_XOR | BPF_K:
	case BPF_ALU | BPF_XOR | BPF_X:
	case BPF_ALU | BPF_LSH | BPF_K:
	case BPF_ALU | BPF_LSH | BPF_X:
	case BPF_ALU | BPF_RSH | BPF_K:
	case BPF_ALU | BPF_RSH | BPF_X:
	case BPF_ALU | BPF_NEG:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
		return true;
	default:
		return false;
	}
}

static bool check_load(const struct sock_filter *in)
{
	if (BPF_MODE(in->code) == BPF_MEM)
		return in->k < BPF_MEMWORDS;
	return BPF_MODE(in->code) != BPF_ABS || in->k < (uint32_t)SKF_AD_OFF ||
	       is_ancillary(in->k);
}

static bool check_alu(const struct sock_filter *in)
{
	if (BPF_SRC(in->code) == BPF_X)
		return true;
	switch (BPF_OP(in->code)) {
	case BPF_DIV:
	case BPF_MOD:
		return in->k != 0;
	case BPF_LSH:
	case BPF_RSH:
		return in->k < 32;
	default:
		return true;
	}
}

/* `left`: the number of instructions after this one. */
static bool check_one(const struct sock_filter *in, unsigned left)
{
	if (!is_instruction(in->code))
		return false;
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
	case BPF_LDX:
		return check_load(in);
	case BPF_ST:
	case BPF_STX:
		return in->k < BPF_MEMWORDS;
	case BPF_ALU:
		return check_alu(in);
	case BPF_JMP:
		return BPF_OP(in->code) == BPF_JA ?
			       in->k < left :
			       in->jt < left && in->jf < left;
	default:
		return true;
	}
}

/*
 * Returns true if every path to a load from memory writes that word before.
 * `unset` has a set of words for each instruction, empty at first: the words
 * that some path to the instruction does not write. Jumps only go forward, so
 * one pass is enough.
 */
static bool check_memory(const struct sock_fprog *prog, uint16_t *unset)
{
	uint16_t now = UINT16_MAX;

	for (unsigned i = 0; i < prog->len; i++) {
		const struct sock_filter *in = &prog->filter[i];
		uint16_t word = (uint16_t)(1U << in->k % BPF_MEMWORDS);

		now |= unset[i];
		switch (BPF_CLASS(in->code)) {
		case BPF_ST:
		case BPF_STX:
			now &= (uint16_t)~word;
			break;
		case BPF_LD:
		case BPF_LDX:
			if (BPF_MODE(in->code) == BPF_MEM && now & word)
				return false;
			break;
		case BPF_JMP:
			if (BPF_OP(in->code) == BPF_JA) {
				unset[i + 1 + in->k] |= now;
			} else {
				unset[i + 1 + in->jt] |= now;
				unset[i + 1 + in->jf] |= now;
			}
			now = 0; /* only jumps reach the next instruction */
			break;
		default:
			break;
		}
	}
	return true;
}

static bool is_for_the_kernel(const struct sock_fprog *prog)
{
	for (unsigned i = 0; i < prog->len; i++) {
		const struct sock_filter *in = &prog->filter[i];

		if (BPF_CLASS(in->code) == BPF_LD &&
		    BPF_MODE(in->code) == BPF_ABS && is_kernels_own(in->k))
			return true;
	}
	return false;
}

int pktio_bpf_new(struct pktio_bpf **ret, const struct sock_fprog *prog)
{
	uint16_t unset[BPF_MAXINSNS] = { 0 };
	unsigned len = prog->len;
	struct pktio_bpf *bpf;

	if (len == 0 || len > BPF_MAXINSNS || !prog->filter ||
	    BPF_CLASS(prog->filter[len - 1].code) != BPF_RET)
		return -EINVAL;
	for (unsigned i = 0; i < len; i++)
		if (!check_one(&prog->filter[i], len - 1 - i))
			return -EINVAL;
	if (!check_memory(prog, unset))
		return -EINVAL;
	if (is_for_the_kernel(prog))
		return -ENOTSUP;
	bpf = malloc(sizeof(*bpf) + len * sizeof(bpf->code[0]));
	if (!bpf)
		return -ENOMEM;
	bpf->len = len;
	memcpy(bpf->code, prog->filter, len * sizeof(bpf->code[0]));
	*ret = bpf;
	return 0;
}

struct pktio_bpf *pktio_bpf_free(struct pktio_bpf *bpf)
{
	free(bpf);
	return NULL;
}

/* The size of the inner tag, which a program finds in the bytes. */
static uint32_t virtual_tag(const struct pktio_frame *f)
{
	return f->nvlan > 1 && f->linktype == PKTIO_LINKTYPE_ETHERNET &&
			       f->caplen >= MAC_ADDRESSES ?
		       VLAN_TAG :
		       0;
}

/* The byte at this offset, with the inner tag in the bytes. */
static uint8_t byte_at(const struct pktio_frame *f, uint32_t at)
{
	const struct pktio_vlan *tag = &f->vlan[1];

	if (at < MAC_ADDRESSES)
		return f->data[at];
	switch (at - MAC_ADDRESSES) {
	case 0:
		return (uint8_t)(tag->tpid >> 8);
	case 1:
		return (uint8_t)tag->tpid;
	case 2:
		return (uint8_t)(tag->tci >> 8);
	case 3:
		return (uint8_t)tag->tci;
	default:
		return f->data[at - VLAN_TAG];
	}
}

/* Loads 1, 2 or 4 bytes in network order; false beyond the end. */
static bool load(const struct machine *m, uint32_t at, uint16_t code,
		 uint32_t *ret)
{
	const struct pktio_frame *f = m->f;
	uint32_t tag = virtual_tag(f);
	uint32_t end = f->caplen + tag;
	unsigned bytes = BPF_SIZE(code) == BPF_W ? 4 :
			 BPF_SIZE(code) == BPF_H ? 2 :
						   1;
	uint32_t value = 0;

	if (at >= (uint32_t)SKF_LL_OFF) {
		bool from_net = at >= (uint32_t)SKF_NET_OFF;

		at -= from_net ? (uint32_t)SKF_NET_OFF : (uint32_t)SKF_LL_OFF;
		if (from_net && f->linktype == PKTIO_LINKTYPE_ETHERNET)
			at += ETHERNET_HEADER;
	}
	if (at > end || bytes > end - at)
		return false;
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 |
			(tag ? byte_at(f, at + i) : f->data[at + i]);
	*ret = value;
	return true;
}

/* As in the kernel: a length becomes one of two types of 802.2 frames. */
static uint32_t ethertype(const struct machine *m)
{
	uint32_t type;
	uint32_t first;

	if (m->f->linktype != PKTIO_LINKTYPE_ETHERNET ||
	    !load(m, MAC_ADDRESSES, BPF_H, &type))
		return 0;
	if (type >= ETH_P_802_3_MIN)
		return type;
	return load(m, ETHERNET_HEADER, BPF_H, &first) && first == 0xffff ?
		       ETH_P_802_3 :
		       ETH_P_802_2;
}

static uint32_t ancillary(struct machine *m, uint32_t k)
{
	const struct pktio_frame *f = m->f;

	switch (k - (uint32_t)SKF_AD_OFF) {
	case SKF_AD_PROTOCOL:
		return ethertype(m);
	case SKF_AD_PKTTYPE:
		return f->pkttype;
	case SKF_AD_IFINDEX:
		return f->ifindex;
	case SKF_AD_HATYPE:
		return f->linktype == PKTIO_LINKTYPE_ETHERNET ?
			       ARPHRD_ETHERNET :
			       0;
	case SKF_AD_RXHASH:
		return f->hash;
	case SKF_AD_ALU_XOR_X:
		return m->a ^ m->x;
	case SKF_AD_VLAN_TAG:
		return f->nvlan ? f->vlan[0].tci : 0;
	case SKF_AD_VLAN_TAG_PRESENT:
		return f->nvlan > 0;
	case SKF_AD_VLAN_TPID:
		return f->nvlan ? f->vlan[0].tpid : 0;
	case SKF_AD_RANDOM:
		return (uint32_t)random();
	default: /* mark, queue, cpu: not in a frame */
		return 0;
	}
}

static bool run_load(struct machine *m, const struct sock_filter *in)
{
	uint32_t *to = BPF_CLASS(in->code) == BPF_LD ? &m->a : &m->x;

	switch (BPF_MODE(in->code)) {
	case BPF_IMM:
		*to = in->k;
		return true;
	case BPF_LEN:
		*to = m->f->wirelen + virtual_tag(m->f);
		return true;
	case BPF_MEM:
		*to = m->mem[in->k];
		return true;
	case BPF_ABS:
		if (in->k >= (uint32_t)SKF_AD_OFF) {
			*to = ancillary(m, in->k);
			return true;
		}
		return load(m, in->k, in->code, to);
	case BPF_IND:
		return load(m, m->x + in->k, in->code, to); /* modulo 2^32 */
	default: /* BPF_MSH: the length of an IPv4 header */
		if (!load(m, in->k, BPF_B, to))
			return false;
		*to = (*to & 0xf) * 4;
		return true;
	}
}

static bool run_alu(struct machine *m, const struct sock_filter *in)
{
	uint32_t b = BPF_SRC(in->code) == BPF_X ? m->x : in->k;

	switch (BPF_OP(in->code)) {
	case BPF_ADD:
		m->a += b;
		break;
	case BPF_SUB:
		m->a -= b;
		break;
	case BPF_MUL:
		m->a *= b;
		break;
	case BPF_DIV:
		if (b == 0)
			return false;
		m->a /= b;
		break;
	case BPF_MOD:
		if (b == 0)
			return false;
		m->a %= b;
		break;
	case BPF_AND:
		m->a &= b;
		break;
	case BPF_OR:
		m->a |= b;
		break;
	case BPF_XOR:
		m->a ^= b;
		break;
	case BPF_LSH:
		m->a <<= b & 31;
		break;
	case BPF_RSH:
		m->a >>= b & 31;
		break;
	default:
		m->a = -m->a;
	}
	return true;
}

/* Returns the number of instructions to skip. */
static uint32_t run_jump(const struct machine *m, const struct sock_filter *in)
{
	uint32_t b = BPF_SRC(in->code) == BPF_X ? m->x : in->k;
	bool holds;

	switch (BPF_OP(in->code)) {
	case BPF_JA:
		return in->k;
	case BPF_JEQ:
		holds = m->a == b;
		break;
	case BPF_JGT:
		holds = m->a > b;
		break;
	case BPF_JGE:
		holds = m->a >= b;
		break;
	default:
		holds = (m->a & b) != 0;
	}
	return holds ? in->jt : in->jf;
}

static void run_move(struct machine *m, const struct sock_filter *in)
{
	if (BPF_CLASS(in->code) == BPF_ST)
		m->mem[in->k] = m->a;
	else if (BPF_CLASS(in->code) == BPF_STX)
		m->mem[in->k] = m->x;
	else if (BPF_MISCOP(in->code) == BPF_TAX)
		m->x = m->a;
	else
		m->a = m->x;
}

uint32_t pktio_bpf_run(const struct pktio_bpf *bpf, const struct pktio_frame *f)
{
	struct machine m = { .f = f };

	for (const struct sock_filter *in = bpf->code;; in++) {
		switch (BPF_CLASS(in->code)) {
		case BPF_LD:
		case BPF_LDX:
			if (!run_load(&m, in))
				return 0;
			break;
		case BPF_ALU:
			if (!run_alu(&m, in))
				return 0;
			break;
		case BPF_JMP:
			in += run_jump(&m, in);
			break;
		case BPF_RET:
			return BPF_RVAL(in->code) == BPF_A ? m.a : in->k;
		default:
			run_move(&m, in);
		}
	}
}
