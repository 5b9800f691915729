/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends with BPF_PROG_RUN of an XDP program and live frames: the kernel creates
 * frames, the program writes headers into them and passes them on as if they
 * had arrived on the receiving interface. This is fast, because the frames pass
 * no transmit path, no veth and no backlog. It needs CAP_NET_ADMIN and CAP_BPF
 * in the initial user namespace. All frames have one size, below a page.
 *
 * To start and to end a call takes tens of ms, so one call sends everything.
 * The program keeps the schedule: it drops the frames that the kernel offers
 * before the next one is due, and the kernel creates new ones. A signal ends
 * the call.
 */
#include "traffic/send.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>
#include <net/if.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "traffic/marker.h"
#include "traffic/pace.h"
#include "util/clock.h"
#include "util/error.h"

#define BATCH 256U      /* frames that the kernel processes at a time */
#define PACED_BATCH 32U /* with a schedule: a batch is sent at its end */
#define LONGEST_CALL (1U << 31)
#define MAX_SIZE 3072U        /* the kernel uses a part of the page */
#define HEADERS 72U           /* enough for QinQ, IPv6 and ports */
#define MAX_INSTRUCTIONS 192U /* instructions of the program */

/* The state of the program, in a map. Times are in ns; "fine": 1/1024 ns. */
struct progress {
	uint64_t count;    /* frames passed on */
	uint64_t at;       /* template of the next frame */
	uint64_t start;    /* due time of the first frame; 0: none */
	uint64_t last;     /* time of the last frame */
	uint64_t next;     /* fine: due time of the next frame after `start` */
	uint64_t interval; /* fine: between frames; 0: no schedule */
	uint64_t lag_max;  /* fine */
};

#define FINE_BITS 10

struct xdp_sender {
	int program, progress, templates;
	unsigned ifindex;
	uint32_t size;
	bool paced;
	uint8_t *frame;
};

/* ---- The program -------------------------------------------------------- */

/* A BPF program under construction. */
struct code {
	struct bpf_insn instructions[MAX_INSTRUCTIONS];
	unsigned n;
};

static void put(struct code *c, uint8_t op, unsigned dst, unsigned src,
		int16_t off, int32_t imm)
{
	c->instructions[c->n++] = (struct bpf_insn){ .code = op,
						     .dst_reg = dst & 15,
						     .src_reg = src & 15,
						     .off = off,
						     .imm = imm };
}

enum { R0, R1, R2, R3, R4, R6 = 6, R7, R8, R9, R10 };

/* Two instructions: a 64-bit constant, or the map of a descriptor. */
#define LOAD_WIDE 0x18U
#define MOVE (BPF_ALU64 | BPF_MOV | BPF_X)
#define SET (BPF_ALU64 | BPF_MOV | BPF_K)
#define ADD (BPF_ALU64 | BPF_ADD | BPF_K)
#define LOAD64 (BPF_LDX | BPF_MEM | BPF_DW)
#define LOAD32 (BPF_LDX | BPF_MEM | BPF_W)
#define STORE64 (BPF_STX | BPF_MEM | BPF_DW)
#define STORE32 (BPF_STX | BPF_MEM | BPF_W)

#define SUB_REG (BPF_ALU64 | BPF_SUB | BPF_X)
#define ADD_REG (BPF_ALU64 | BPF_ADD | BPF_X)
#define SHIFT (BPF_ALU64 | BPF_LSH | BPF_K)

/* Offsets in struct progress. */
#define FIELD(name) ((int16_t)offsetof(struct progress, name))

/* A forward jump; land() sets its target. */
static unsigned put_jump(struct code *c, uint8_t condition, unsigned dst,
			 int32_t value)
{
	put(c, BPF_JMP | BPF_K | condition, dst, 0, 0, value);
	return c->n - 1;
}

static unsigned put_jump_reg(struct code *c, uint8_t condition, unsigned dst,
			     unsigned src)
{
	put(c, BPF_JMP | BPF_X | condition, dst, src, 0, 0);
	return c->n - 1;
}

static void land(struct code *c, unsigned jump)
{
	c->instructions[jump].off = (int16_t)(c->n - jump - 1);
}

/* r0 = the element of a map; its index is the last word of the stack. Returns
 * the jump that is taken if there is no such element. */
static unsigned put_lookup(struct code *c, int map)
{
	put(c, LOAD_WIDE, R1, BPF_PSEUDO_MAP_FD, 0, map);
	put(c, 0, 0, 0, 0, 0);
	put(c, MOVE, R2, R10, 0, 0);
	put(c, ADD, R2, 0, 0, -4);
	put(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	return put_jump(c, BPF_JEQ, R0, 0);
}

/* Copies `size` bytes from r8 to r2, with the widest instructions. */
static void put_copy(struct code *c, uint32_t size)
{
	static const struct copy_width {
		uint32_t bytes;
		uint8_t width;
	} widths[] = {
		{ 8, BPF_DW }, { 4, BPF_W }, { 2, BPF_H }, { 1, BPF_B }
	};
	uint32_t at = 0;

	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++)
		for (; size - at >= widths[i].bytes; at += widths[i].bytes) {
			put(c, BPF_LDX | BPF_MEM | widths[i].width, R1, R8,
			    (int16_t)at, 0);
			put(c, BPF_STX | BPF_MEM | widths[i].width, R2, R1,
			    (int16_t)at, 0);
		}
}

/*
 * The schedule of pace.c. r7 points to struct progress, r9 is the time. Returns
 * the jump that is taken if the next frame is not due.
 */
static unsigned put_schedule(struct code *c)
{
	unsigned started;
	unsigned early;
	unsigned not_larger;
	unsigned in_limit;

	put(c, LOAD64, R1, R7, FIELD(start), 0);
	started = put_jump(c, BPF_JNE, R1, 0);
	put(c, STORE64, R7, R9, FIELD(start), 0);
	put(c, MOVE, R1, R9, 0, 0);
	land(c, started);
	put(c, MOVE, R2, R9, 0, 0); /* r2: now, r3: due; r4: lag */
	put(c, SUB_REG, R2, R1, 0, 0);
	put(c, SHIFT, R2, 0, 0, FINE_BITS);
	put(c, LOAD64, R3, R7, FIELD(next), 0);
	early = put_jump_reg(c, BPF_JLT, R2, R3);
	put(c, MOVE, R4, R2, 0, 0);
	put(c, SUB_REG, R4, R3, 0, 0);
	put(c, LOAD64, R1, R7, FIELD(lag_max), 0);
	not_larger = put_jump_reg(c, BPF_JLE, R4, R1);
	put(c, STORE64, R7, R4, FIELD(lag_max), 0);
	land(c, not_larger);
	put(c, LOAD_WIDE, R1, 0, 0,
	    (int32_t)(((uint64_t)PACE_MAX_LAG << FINE_BITS) & UINT32_MAX));
	put(c, 0, 0, 0, 0,
	    (int32_t)((uint64_t)PACE_MAX_LAG << FINE_BITS >> 32));
	in_limit = put_jump_reg(c, BPF_JLE, R4, R1);
	put(c, MOVE, R3, R2, 0, 0);
	put(c, SUB_REG, R3, R1, 0, 0);
	land(c, in_limit);
	put(c, LOAD64, R1, R7, FIELD(interval), 0);
	put(c, ADD_REG, R3, R1, 0, 0);
	put(c, STORE64, R7, R3, FIELD(next), 0);
	return early;
}

/* Counts a frame; the index of its template goes to the stack. */
static void put_count(struct code *c, uint32_t n)
{
	put(c, LOAD64, R1, R7, FIELD(count), 0);
	put(c, ADD, R1, 0, 0, 1);
	put(c, STORE64, R7, R1, FIELD(count), 0);
	put(c, STORE64, R7, R9, FIELD(last), 0);
	put(c, LOAD64, R1, R7, FIELD(at), 0);
	put(c, STORE32, R10, R1, -4, 0);
	put(c, ADD, R1, 0, 0, 1);
	put(c, BPF_JMP | BPF_JLT | BPF_K, R1, 0, 1, (int32_t)n);
	put(c, SET, R1, 0, 0, 0);
	put(c, STORE64, R7, R1, FIELD(at), 0);
}

/* A template has the headers of a frame, then the fixed half of its marker. */
static uint32_t headers_of(uint32_t size)
{
	return size < HEADERS ? size : HEADERS;
}

static uint32_t marker_at(uint32_t size)
{
	return (headers_of(size) + 7) & ~7U;
}

/* Copies template r0 into the frame that begins at r2. */
static void put_frame(struct code *c, uint32_t size, bool timestamp)
{
	int16_t end = (int16_t)size;

	put(c, MOVE, R8, R0, 0, 0);
	put_copy(c, headers_of(size));
	put(c, LOAD64, R1, R8, (int16_t)marker_at(size), 0);
	put(c, STORE64, R2, R1, (int16_t)(end - (int)MARKER_SIZE), 0);
	if (timestamp)
		put(c, STORE64, R2, R9, (int16_t)(end - 8), 0);
}

static void write_program(struct code *c, const struct xdp_sender *s,
			  const struct send_config *config)
{
	unsigned outs[4];

	put(c, MOVE, R6, R1, 0, 0);
	put(c, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns);
	put(c, MOVE, R9, R0, 0, 0);
	put(c, BPF_ST | BPF_MEM | BPF_W, R10, 0, -4, 0);
	outs[0] = put_lookup(c, s->progress);
	put(c, MOVE, R7, R0, 0, 0);
	outs[1] = put_schedule(c);
	put_count(c, (uint32_t)config->traffic->n);
	outs[2] = put_lookup(c, s->templates);
	put(c, LOAD32, R2, R6, offsetof(struct xdp_md, data), 0);
	put(c, LOAD32, R3, R6, offsetof(struct xdp_md, data_end), 0);
	put(c, MOVE, R4, R2, 0, 0);
	put(c, ADD, R4, 0, 0, (int32_t)s->size);
	outs[3] = put_jump_reg(c, BPF_JGT, R4, R3);
	put_frame(c, s->size, config->timestamp);
	put(c, SET, R0, 0, 0, XDP_PASS);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (size_t i = 0; i < sizeof(outs) / sizeof(*outs); i++)
		land(c, outs[i]);
	put(c, SET, R0, 0, 0, XDP_DROP);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* ---- System calls ------------------------------------------------------- */

static int call(int command, union bpf_attr *attr)
{
	int r = (int)syscall(SYS_bpf, command, attr, sizeof(*attr));

	return r < 0 ? -errno : r;
}

static int make_map(uint32_t value_size, uint32_t entries)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY };

	attr.key_size = sizeof(uint32_t);
	attr.value_size = value_size;
	attr.max_entries = entries;
	return call(BPF_MAP_CREATE, &attr);
}

/* Writes or reads an element of a map. */
static int access_map(int command, int map, uint32_t number, void *value)
{
	union bpf_attr attr = { .map_fd = (uint32_t)map };

	attr.key = (uintptr_t)&number;
	attr.value = (uintptr_t)value;
	return call(command, &attr);
}

static int fill_templates(const struct xdp_sender *s, const struct traffic *t)
{
	uint8_t value[HEADERS + MARKER_SIZE / 2] = { 0 };
	uint32_t headers = headers_of(s->size);
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < t->n; i++) {
		const uint8_t *bytes = t->bytes + t->frames[i].at;

		memcpy(value, bytes, headers);
		memcpy(value + marker_at(s->size),
		       bytes + s->size - MARKER_SIZE, MARKER_SIZE / 2);
		r = access_map(BPF_MAP_UPDATE_ELEM, s->templates, i, value);
	}
	return r;
}

static int load_program(const struct xdp_sender *s,
			const struct send_config *config)
{
	static const char licence[] = "GPL"; /* required by ktime_get_ns() */
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_XDP };
	struct code code = { .n = 0 };

	write_program(&code, s, config);
	attr.insns = (uintptr_t)code.instructions;
	attr.insn_cnt = code.n;
	attr.license = (uintptr_t)licence;
	return call(BPF_PROG_LOAD, &attr);
}

/* Runs the program for n frames. */
static int run_program(const struct xdp_sender *s, unsigned n)
{
	struct xdp_md context = { .data_end = s->size,
				  .ingress_ifindex = s->ifindex };
	union bpf_attr attr = { 0 };

	attr.test.prog_fd = (uint32_t)s->program;
	attr.test.data_in = (uintptr_t)s->frame;
	attr.test.data_size_in = s->size;
	attr.test.ctx_in = (uintptr_t)&context;
	attr.test.ctx_size_in = sizeof(context);
	attr.test.repeat = n;
	attr.test.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	attr.test.batch_size = s->paced ? PACED_BATCH : BATCH;
	return call(BPF_PROG_TEST_RUN, &attr);
}

/* ---- The send method ---------------------------------------------------- */

static void close_xdp(void *state)
{
	struct xdp_sender *s = state;

	if (s->program >= 0)
		close(s->program);
	if (s->progress >= 0)
		close(s->progress);
	if (s->templates >= 0)
		close(s->templates);
	free(s->frame);
	free(s);
}

static int check_sizes(const struct traffic *t, struct pktio_error *reterr)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->frames[i].len != t->longest)
			return error_set(
				reterr, -EINVAL,
				"xdp: all frames must have the same size; there are frames of %u and of %u bytes",
				t->frames[i].len, t->longest);
	if (t->longest > MAX_SIZE || t->longest < MARKER_SIZE)
		return error_set(
			reterr, -EMSGSIZE,
			"xdp: frames must have %zu to %u bytes; these have %u",
			MARKER_SIZE, MAX_SIZE, t->longest);
	return 0;
}

static int set_up(struct xdp_sender *s, const struct send_config *config)
{
	const struct traffic *t = config->traffic;
	struct progress progress = { 0 };
	uint32_t value_size = marker_at(s->size) + MARKER_SIZE / 2;
	int r;

	s->frame = malloc(s->size);
	s->ifindex = if_nametoindex(config->peer);
	if (!s->frame || s->ifindex == 0)
		return s->frame ? -errno : -ENOMEM;
	memcpy(s->frame, t->bytes + t->frames[0].at, s->size);
	s->progress = make_map(sizeof(progress), 1);
	if (s->progress < 0)
		return s->progress;
	if (s->paced)
		progress.interval =
			(uint64_t)(NS_PER_S / config->rate * (1U << FINE_BITS));
	r = access_map(BPF_MAP_UPDATE_ELEM, s->progress, 0, &progress);
	if (r < 0)
		return r;
	s->templates = make_map(value_size, (uint32_t)t->n);
	if (s->templates < 0)
		return s->templates;
	r = fill_templates(s, t);
	if (r < 0)
		return r;
	s->program = load_program(s, config);
	return s->program < 0 ? s->program : 0;
}

static int open_xdp(void **ret, const struct send_config *config,
		    struct pktio_error *reterr)
{
	struct xdp_sender *s;
	int r = check_sizes(config->traffic, reterr);

	if (r < 0)
		return r;
	s = calloc(1, sizeof(*s));
	if (!s)
		return error_set(reterr, -ENOMEM, "out of memory");
	s->program = s->progress = s->templates = -1;
	s->paced = config->rate > 0;
	s->size = config->traffic->longest;
	r = set_up(s, config);
	if (r < 0) {
		close_xdp(s);
		return error_set(
			reterr, r, "xdp: cannot load the program: %s%s",
			strerror(-r),
			r == -EPERM ?
				"; it needs CAP_BPF and CAP_NET_ADMIN in the initial user namespace" :
				"");
	}
	*ret = s;
	return 0;
}

static int send_frames(void *state, unsigned n, struct pktio_error *reterr)
{
	struct xdp_sender *s = state;
	int r = run_program(s, n < LONGEST_CALL ? n : LONGEST_CALL);

	if (r == 0 || r == -EINTR)
		return 0;
	return error_set(reterr, r, "xdp: cannot send: %s%s", strerror(-r),
			 r == -EINVAL ? "; live frames need Linux 5.18" : "");
}

static void ignore_signal(int number)
{
	(void)number;
}

static void stop(void *state, pthread_t sender)
{
	struct sigaction action = { .sa_handler = ignore_signal };

	(void)state;
	sigaction(SIGUSR1, &action, NULL);
	pthread_kill(sender, SIGUSR1);
}

static void finish(void *state, struct send_counts *ret)
{
	const struct xdp_sender *s = state;
	struct progress progress = { 0 };

	access_map(BPF_MAP_LOOKUP_ELEM, s->progress, 0, &progress);
	*ret = (struct send_counts){ .sent = progress.count,
				     .took = progress.last - progress.start,
				     .lag_max = progress.lag_max >> FINE_BITS };
}

const struct send_method send_xdp = {
	.name = "xdp",
	.doc = "live frames of an XDP program: the fastest; needs root",
	.keeps_schedule = true,
	.open = open_xdp,
	.send = send_frames,
	.stop = stop,
	.finish = finish,
	.close = close_xdp,
};
