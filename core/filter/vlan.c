/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Programs for frames whose outermost VLAN tag may be in the bytes or beside
 * them. libpcap compiles an expression to a program for the bytes on the wire.
 * The kernel removes the tag of a received frame, the four bytes after the MAC
 * addresses, and provides it in two ancillary words. So the program is extended
 * by a copy for such frames. The copy replaces each load by loads that find the
 * same bytes:
 *
 *      before the tag          at the same offset
 *      in the tag              in the ancillary words
 *      after the tag           4 bytes before
 *      across an end of it     in pieces
 *
 * The first instructions check if there is a tag beside the bytes, and jump to
 * the program or to the copy. Only loads depend on the position of bytes.
 * Therefore the result is the same for every program of any expression.
 */
#include "filter/vlan.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The offset of the tag on the wire, and of the bytes after it. */
#define TAG 12U
#define TAG_SIZE 4U
#define BEHIND (TAG + TAG_SIZE)

/* The maximum that BPF_MSH loads: the length of an IPv4 header. */
#define MOST_MSH 60U

struct rewriter {
	const struct sock_filter *from;
	unsigned n;
	bool differs;   /* the copy differs from the program */
	uint32_t spare; /* a memory word that the program does not use */

	/* For each instruction of the program: */
	uint16_t start[BPF_MAXINSNS]; /* its position in the copy */
	bool far[BPF_MAXINSNS];  /* the targets of the branch are too far */
	bool wild[BPF_MAXINSNS]; /* X may be greater than MOST_MSH */

	/* The copy. Instructions beyond the maximum are counted, not stored. */
	unsigned len;
	struct sock_filter code[BPF_MAXINSNS];
};

/* ---- Writing ------------------------------------------------------------ */

static void emit_jump(struct rewriter *w, uint16_t code, uint32_t k,
		      unsigned jt, unsigned jf)
{
	if (w->len < BPF_MAXINSNS)
		w->code[w->len] = (struct sock_filter)BPF_JUMP(
			code, k, (uint8_t)jt, (uint8_t)jf);
	w->len++;
}

static void emit(struct rewriter *w, unsigned code, uint32_t k)
{
	emit_jump(w, (uint16_t)code, k, 0, 0);
}

/*
 * The size of ancillary data does not depend on the size of the load. Byte
 * loads are used, because libpcap supports them when it runs a program itself.
 */
static void emit_ancillary(struct rewriter *w, uint32_t what)
{
	emit(w, BPF_LD | BPF_B | BPF_ABS, (uint32_t)SKF_AD_OFF + what);
}

/* Loads up to `most` bytes of offset `at` on the wire; returns the number. */
static unsigned emit_piece(struct rewriter *w, uint32_t at, unsigned most)
{
	if (at < TAG || at >= BEHIND) {
		unsigned size = at < TAG && most > TAG - at ? TAG - at : most;

		size = size == 3 ? 2 : size;
		emit(w,
		     BPF_LD | BPF_ABS |
			     (size == 4 ? BPF_W :
			      size == 2 ? BPF_H :
					  BPF_B),
		     at < TAG ? at : at - TAG_SIZE);
		return size;
	}
	emit_ancillary(w, at < TAG + 2 ? SKF_AD_VLAN_TPID : SKF_AD_VLAN_TAG);
	if (at % 2 == 0 && most >= 2)
		return 2;
	if (at % 2 == 0)
		emit(w, BPF_ALU | BPF_RSH | BPF_K, 8);
	else
		emit(w, BPF_ALU | BPF_AND | BPF_K, 0xff);
	return 1;
}

/* Loads `size` bytes of offset `at` on the wire into A; preserves X. */
static void emit_load(struct rewriter *w, uint32_t at, unsigned size)
{
	unsigned done = emit_piece(w, at, size);

	if (done == size)
		return;
	emit(w, BPF_STX, w->spare);
	while (done < size) {
		unsigned shift = w->len;
		unsigned more;

		emit(w, BPF_ALU | BPF_LSH | BPF_K, 0);
		emit(w, BPF_MISC | BPF_TAX, 0);
		more = emit_piece(w, at + done, size - done);
		if (shift < BPF_MAXINSNS)
			w->code[shift].k = 8 * more;
		emit(w, BPF_ALU | BPF_OR | BPF_X, 0);
		done += more;
	}
	emit(w, BPF_LDX | BPF_MEM, w->spare);
}

static unsigned size_of(const struct sock_filter *in)
{
	return BPF_SIZE(in->code) == BPF_W ? 4 :
	       BPF_SIZE(in->code) == BPF_H ? 2 :
					     1;
}

/* ---- Loads -------------------------------------------------------------- */

/*
 * A load at X + k with any X: one branch for each offset at which the load
 * touches the tag, one for offsets after the tag, and one for the others.
 */
static void rewrite_wild(struct rewriter *w, const struct sock_filter *in)
{
	unsigned size = size_of(in);
	/* Jumps at the end of branches; their offsets are set at the end. */
	unsigned ends[8];
	unsigned nends = 0;
	unsigned end;

	emit(w, BPF_MISC | BPF_TXA, 0);
	emit(w, BPF_ALU | BPF_ADD, in->k); /* BPF_K is 0 */
	emit_jump(w, BPF_JMP | BPF_JGE | BPF_K, BEHIND, 0, 2);
	emit(w, in->code, in->k - TAG_SIZE); /* modulo 2^32, as the sum is */
	ends[nends++] = w->len;
	emit(w, BPF_JMP | BPF_JA, 0);
	for (uint32_t at = TAG - size + 1; at < BEHIND; at++) {
		unsigned branch = w->len;

		emit_jump(w, BPF_JMP | BPF_JEQ | BPF_K, at, 0, 0);
		emit_load(w, at, size);
		ends[nends++] = w->len;
		emit(w, BPF_JMP | BPF_JA, 0);
		if (branch < BPF_MAXINSNS)
			w->code[branch].jf = (uint8_t)(w->len - branch - 1);
	}
	emit(w, in->code, in->k);
	end = w->len;
	for (unsigned i = 0; i < nends; i++)
		if (ends[i] < BPF_MAXINSNS)
			w->code[ends[i]].k = end - ends[i] - 1;
}

/* A load into X is computed in A, whose value is saved in memory. */
static void begin_x(struct rewriter *w)
{
	emit(w, BPF_ST, w->spare);
}

static void end_x(struct rewriter *w)
{
	emit(w, BPF_MISC | BPF_TAX, 0);
	emit(w, BPF_LD | BPF_MEM, w->spare);
}

static void rewrite_length(struct rewriter *w, const struct sock_filter *in)
{
	bool x = BPF_CLASS(in->code) == BPF_LDX;

	if (x)
		begin_x(w);
	emit(w, BPF_LD | BPF_W | BPF_LEN, 0);
	emit(w, BPF_ALU | BPF_ADD, TAG_SIZE);
	if (x)
		end_x(w);
}

/* The length of an IPv4 header. */
static void rewrite_msh(struct rewriter *w, const struct sock_filter *in)
{
	if (in->k >= BEHIND) {
		emit(w, in->code, in->k - TAG_SIZE);
		return;
	}
	begin_x(w);
	emit_load(w, in->k, 1);
	emit(w, BPF_ALU | BPF_AND | BPF_K, 0xf);
	emit(w, BPF_ALU | BPF_LSH | BPF_K, 2);
	end_x(w);
}

/* `wild`: X can have any value. */
static void rewrite_load(struct rewriter *w, const struct sock_filter *in,
			 bool wild)
{
	bool differs = true;

	switch (BPF_MODE(in->code)) {
	case BPF_ABS:
		differs = in->k + size_of(in) > TAG &&
			  in->k < (uint32_t)SKF_LL_OFF;
		if (differs)
			emit_load(w, in->k, size_of(in));
		break;
	case BPF_IND:
		if (wild || in->k < BEHIND || in->k > INT32_MAX)
			rewrite_wild(w, in);
		else
			emit(w, in->code, in->k - TAG_SIZE);
		break;
	case BPF_LEN:
		rewrite_length(w, in);
		break;
	case BPF_MSH:
		differs = in->k >= TAG && in->k < (uint32_t)SKF_LL_OFF;
		if (differs)
			rewrite_msh(w, in);
		break;
	default:
		differs = false;
	}
	if (differs)
		w->differs = true;
	else
		emit(w, in->code, in->k);
}

/* ---- The copy ----------------------------------------------------------- */

/*
 * Finds the instructions at which X can be greater than the result of BPF_MSH.
 * Jumps only go forward, so one pass is enough.
 */
static void find_wild(struct rewriter *w)
{
	bool now = false; /* X is 0 at the start */

	for (unsigned i = 0; i < w->n; i++) {
		const struct sock_filter *in = &w->from[i];

		now |= w->wild[i];
		w->wild[i] = now;
		if (BPF_CLASS(in->code) == BPF_LDX) {
			now = BPF_MODE(in->code) != BPF_MSH;
		} else if (in->code == (BPF_MISC | BPF_TAX)) {
			now = true;
		} else if (in->code == (BPF_JMP | BPF_JA)) {
			w->wild[i + 1 + in->k] |= now;
			now = false; /* only jumps reach the next instruction */
		} else if (BPF_CLASS(in->code) == BPF_JMP) {
			w->wild[i + 1 + in->jt] |= now;
			w->wild[i + 1 + in->jf] |= now;
			now = false;
		}
	}
}

static bool find_spare(struct rewriter *w)
{
	bool used[BPF_MEMWORDS] = { false };

	for (unsigned i = 0; i < w->n; i++) {
		const struct sock_filter *in = &w->from[i];
		unsigned class = BPF_CLASS(in->code);

		if (class == BPF_ST || class == BPF_STX ||
		    (class <= BPF_LDX && BPF_MODE(in->code) == BPF_MEM))
			used[in->k % BPF_MEMWORDS] = true;
	}
	/* From the end: compilers use the first words. */
	for (w->spare = BPF_MEMWORDS; w->spare > 0;)
		if (!used[--w->spare])
			return true;
	return false;
}

/* Writes the copy; link_copy() sets the offsets of jumps. */
static void write_copy(struct rewriter *w)
{
	w->len = 0;
	for (unsigned i = 0; i < w->n; i++) {
		const struct sock_filter *in = &w->from[i];

		/* If the copy is too long, its positions are not used. */
		w->start[i] = (uint16_t)w->len;
		if (BPF_CLASS(in->code) <= BPF_LDX)
			rewrite_load(w, in, w->wild[i]);
		else
			emit(w, in->code, in->k);
		if (w->far[i]) {
			emit(w, BPF_JMP | BPF_JA, 0);
			emit(w, BPF_JMP | BPF_JA, 0);
		}
		if (w->len > BPF_MAXINSNS)
			return;
	}
}

/* The offset of a jump at `at` in the copy to instruction `i`. */
static uint32_t distance(const struct rewriter *w, unsigned at, unsigned i)
{
	return w->start[i] - at - 1U;
}

/*
 * Sets the offsets of jumps. Returns false if an offset does not fit into a
 * branch. The branch is marked, and gets two long jumps in the next copy.
 */
static bool link_copy(struct rewriter *w)
{
	bool all = true;

	for (unsigned i = 0; i < w->n; i++) {
		const struct sock_filter *in = &w->from[i];
		unsigned at = w->start[i];
		struct sock_filter *to = &w->code[at];
		unsigned jt = i + 1 + in->jt;
		unsigned jf = i + 1 + in->jf;

		if (BPF_CLASS(in->code) != BPF_JMP)
			continue;
		if (in->code == (BPF_JMP | BPF_JA)) {
			to->k = distance(w, at, i + 1 + in->k);
		} else if (w->far[i]) {
			to->jf = 1;
			to[1].k = distance(w, at + 1, jt);
			to[2].k = distance(w, at + 2, jf);
		} else if (distance(w, at, jt) > UINT8_MAX ||
			   distance(w, at, jf) > UINT8_MAX) {
			w->far[i] = true;
			all = false;
		} else {
			to->jt = (uint8_t)distance(w, at, jt);
			to->jf = (uint8_t)distance(w, at, jf);
		}
	}
	return all;
}

/* True if the program may read A before it writes A: then A must be 0. */
static bool wants_zero(const struct sock_fprog *prog)
{
	return BPF_CLASS(prog->filter[0].code) != BPF_LD;
}

/* Joins the check for a tag, the program and the copy. */
static int join(struct sock_fprog *ret, const struct sock_fprog *prog,
		const struct rewriter *w)
{
	const struct sock_filter check[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS,
			 (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0),
		BPF_STMT(BPF_JMP | BPF_JA, prog->len),
	};
	const struct sock_filter zero = BPF_STMT(BPF_LD | BPF_IMM, 0);
	unsigned ncheck = sizeof(check) / sizeof(check[0]);
	size_t total = ncheck + prog->len + wants_zero(prog) + w->len;
	struct sock_filter *out;

	if (w->len > BPF_MAXINSNS || total > BPF_MAXINSNS)
		return -E2BIG;
	ret->filter = malloc(total * sizeof(*out));
	if (!ret->filter)
		return -ENOMEM;
	ret->len = (unsigned short)total;
	out = ret->filter;
	memcpy(out, check, sizeof(check));
	out += ncheck;
	memcpy(out, prog->filter, prog->len * sizeof(*out));
	out += prog->len;
	if (wants_zero(prog))
		*out++ = zero;
	memcpy(out, w->code, w->len * sizeof(*out));
	return 0;
}

int vlan_keep(struct sock_fprog *ret, const struct sock_fprog *prog)
{
	size_t size = prog->len * sizeof(*prog->filter);

	assert(size > 0);
	ret->filter = malloc(size);
	if (!ret->filter)
		return -ENOMEM;
	ret->len = prog->len;
	memcpy(ret->filter, prog->filter, size);
	return 0;
}

int vlan_rewrite(struct sock_fprog *ret, const struct sock_fprog *prog)
{
	struct rewriter *w = calloc(1, sizeof(*w));
	bool has_spare;
	int r;

	if (!w)
		return -ENOMEM;
	w->from = prog->filter;
	w->n = prog->len;
	has_spare = find_spare(w);
	find_wild(w);
	do
		write_copy(w);
	while (w->len <= BPF_MAXINSNS && !link_copy(w));
	if (!w->differs)
		r = vlan_keep(ret, prog);
	else
		r = has_spare ? join(ret, prog, w) : -ENOSPC;
	free(w);
	return r;
}
