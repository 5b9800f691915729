/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Classic BPF in user space, compared with libpcap and with the kernel, which
 * applies a filter to datagrams between two local sockets.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>
#include <pcap/pcap.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/expect.h"
#include <pktio/backend.h>
#include <pktio/filter.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LINKTYPE_ETHERNET 1

/* ---- The judges --------------------------------------------------------- */

static int pair[2] = { -1, -1 };

static void begin(void)
{
	REQUIRE(!socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair),
		"socketpair: %s", strerror(errno));
}

static void end(void)
{
	close(pair[0]);
	close(pair[1]);
}

/* Attaches the program; false if the kernel refuses it. */
static bool kernel_accepts(const struct sock_fprog *prog)
{
	return !setsockopt(pair[1], SOL_SOCKET, SO_ATTACH_FILTER, prog,
			   sizeof(*prog));
}

/* The number of these bytes that the attached program keeps. */
static uint32_t kernel_result(const uint8_t *bytes, uint32_t n)
{
	static uint8_t room[70000];
	ssize_t kept;

	REQUIRE_EQ(send(pair[0], bytes, n, 0), n);
	kept = recv(pair[1], room, sizeof(room), 0);
	return kept < 0 ? 0 : (uint32_t)kept;
}

/* The kernel keeps at most all bytes, whatever the program returns. */
static uint32_t at_most(uint32_t kept, uint32_t n)
{
	return kept < n ? kept : n;
}

static struct pktio_frame frame_of(const uint8_t *bytes, uint32_t n)
{
	return (struct pktio_frame){ .data = bytes,
				     .caplen = n,
				     .wirelen = n,
				     .linktype = LINKTYPE_ETHERNET };
}

/* The same sequence in every run. */
static uint32_t noise(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33);
}

static uint32_t below(uint32_t n)
{
	return noise() % n;
}

TestSuite(bpf, .init = begin, .fini = end);

/* ---- Instructions ------------------------------------------------------- */

static const uint8_t sample[] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66,
				  0x77, 0x88, 0x99, 0xaa, 0xbb, 0x08, 0x00,
				  0x45, 0xcc, 0xdd, 0xee, 0xff, 0x12 };

#define K(code, k) BPF_STMT((code), (k))
#define RET_A BPF_STMT(BPF_RET | BPF_A, 0)
#define RET_K(k) BPF_STMT(BPF_RET | BPF_K, (k))
#define LD_K(k) BPF_STMT(BPF_LD | BPF_IMM, (k))
#define LDX_K(k) BPF_STMT(BPF_LDX | BPF_IMM, (k))
#define TAX BPF_STMT(BPF_MISC | BPF_TAX, 0)
#define TXA BPF_STMT(BPF_MISC | BPF_TXA, 0)
#define ALU(op) (BPF_ALU | (op))

/* Programs, and their return values for `sample`. */
static const struct instruction_case {
	const char *name;
	uint32_t expected;
	unsigned len;
	struct sock_filter code[6];
} instructions[] = {
	{ "ret k", 7, 1, { RET_K(7) } },
	{ "ret a, a is 0 at first", 0, 1, { RET_A } },
	{ "x is 0 at first", 0, 2, { TXA, RET_A } },
	{ "ld imm", 0xfffffff0, 2, { LD_K(0xfffffff0), RET_A } },
	{ "ld w abs",
	  0x11223344,
	  2,
	  { K(BPF_LD | BPF_W | BPF_ABS, 1), RET_A } },
	{ "ld h abs", 0x0800, 2, { K(BPF_LD | BPF_H | BPF_ABS, 12), RET_A } },
	{ "ld b abs", 0xff, 2, { K(BPF_LD | BPF_B | BPF_ABS, 18), RET_A } },
	{ "the last word",
	  0xddeeff12,
	  2,
	  { K(BPF_LD | BPF_W | BPF_ABS, 16), RET_A } },
	{ "a word beyond the end",
	  0,
	  2,
	  { K(BPF_LD | BPF_W | BPF_ABS, 17), RET_K(1) } },
	{ "the last half",
	  0xff12,
	  2,
	  { K(BPF_LD | BPF_H | BPF_ABS, 18), RET_A } },
	{ "a half beyond the end",
	  0,
	  2,
	  { K(BPF_LD | BPF_H | BPF_ABS, 19), RET_K(1) } },
	{ "the last byte",
	  0x12,
	  2,
	  { K(BPF_LD | BPF_B | BPF_ABS, 19), RET_A } },
	{ "a byte beyond the end",
	  0,
	  2,
	  { K(BPF_LD | BPF_B | BPF_ABS, 20), RET_K(1) } },
	{ "far beyond the end",
	  0,
	  2,
	  { K(BPF_LD | BPF_W | BPF_ABS, 0x7fffffff), RET_K(1) } },
	{ "ld w ind",
	  0x44556677,
	  3,
	  { LDX_K(3), K(BPF_LD | BPF_W | BPF_IND, 1), RET_A } },
	{ "ld h ind",
	  0xaabb,
	  3,
	  { LDX_K(10), K(BPF_LD | BPF_H | BPF_IND, 0), RET_A } },
	{ "ld b ind",
	  0xcc,
	  3,
	  { LDX_K(0), K(BPF_LD | BPF_B | BPF_IND, 15), RET_A } },
	{ "ind wraps around",
	  0x11,
	  4,
	  { LD_K(0xffffffff), TAX, K(BPF_LD | BPF_B | BPF_IND, 2), RET_A } },
	{ "ind beyond the end",
	  0,
	  3,
	  { LDX_K(17), K(BPF_LD | BPF_W | BPF_IND, 0), RET_K(1) } },
	{ "ld len", 20, 2, { K(BPF_LD | BPF_W | BPF_LEN, 0), RET_A } },
	{ "ldx len", 20, 3, { K(BPF_LDX | BPF_W | BPF_LEN, 0), TXA, RET_A } },
	{ "ldx msh", 20, 3, { K(BPF_LDX | BPF_B | BPF_MSH, 14), TXA, RET_A } },
	{ "msh beyond the end",
	  0,
	  2,
	  { K(BPF_LDX | BPF_B | BPF_MSH, 20), RET_K(1) } },
	{ "st, ld mem",
	  9,
	  5,
	  { LD_K(9), K(BPF_ST, 15), LD_K(1), K(BPF_LD | BPF_MEM, 15), RET_A } },
	{ "stx, ldx mem",
	  8,
	  6,
	  { LDX_K(8), K(BPF_STX, 0), LDX_K(1), K(BPF_LDX | BPF_MEM, 0), TXA,
	    RET_A } },
	{ "tax, txa", 6, 5, { LD_K(6), TAX, LD_K(0), TXA, RET_A } },
	{ "add k", 3, 3, { LD_K(0xffffffff), K(ALU(BPF_ADD), 4), RET_A } },
	{ "add x",
	  9,
	  4,
	  { LDX_K(4), LD_K(5), K(ALU(BPF_ADD | BPF_X), 0), RET_A } },
	{ "sub k", 0xffffffff, 3, { LD_K(1), K(ALU(BPF_SUB), 2), RET_A } },
	{ "sub x",
	  3,
	  4,
	  { LDX_K(2), LD_K(5), K(ALU(BPF_SUB | BPF_X), 0), RET_A } },
	{ "mul k",
	  0xfffffffe,
	  3,
	  { LD_K(0x7fffffff), K(ALU(BPF_MUL), 2), RET_A } },
	{ "mul x",
	  12,
	  4,
	  { LDX_K(3), LD_K(4), K(ALU(BPF_MUL | BPF_X), 0), RET_A } },
	{ "div k",
	  0x7fffffff,
	  3,
	  { LD_K(0xffffffff), K(ALU(BPF_DIV), 2), RET_A } },
	{ "div x",
	  3,
	  4,
	  { LDX_K(3), LD_K(11), K(ALU(BPF_DIV | BPF_X), 0), RET_A } },
	{ "div by zero in x",
	  0,
	  4,
	  { LDX_K(0), LD_K(11), K(ALU(BPF_DIV | BPF_X), 0), RET_K(1) } },
	{ "mod k", 4, 3, { LD_K(11), K(ALU(BPF_MOD), 7), RET_A } },
	{ "mod x",
	  2,
	  4,
	  { LDX_K(3), LD_K(11), K(ALU(BPF_MOD | BPF_X), 0), RET_A } },
	{ "mod by zero in x",
	  0,
	  4,
	  { LDX_K(0), LD_K(11), K(ALU(BPF_MOD | BPF_X), 0), RET_K(1) } },
	{ "and k", 0x0c, 3, { LD_K(0x3c), K(ALU(BPF_AND), 0x0f), RET_A } },
	{ "and x",
	  0x30,
	  4,
	  { LDX_K(0xf0), LD_K(0x3c), K(ALU(BPF_AND | BPF_X), 0), RET_A } },
	{ "or k", 0x3f, 3, { LD_K(0x3c), K(ALU(BPF_OR), 0x0f), RET_A } },
	{ "or x",
	  0xfc,
	  4,
	  { LDX_K(0xf0), LD_K(0x3c), K(ALU(BPF_OR | BPF_X), 0), RET_A } },
	{ "xor k", 0x33, 3, { LD_K(0x3c), K(ALU(BPF_XOR), 0x0f), RET_A } },
	{ "xor x",
	  0xcc,
	  4,
	  { LDX_K(0xf0), LD_K(0x3c), K(ALU(BPF_XOR | BPF_X), 0), RET_A } },
	{ "lsh k", 0x80000000, 3, { LD_K(3), K(ALU(BPF_LSH), 31), RET_A } },
	{ "lsh x",
	  24,
	  4,
	  { LDX_K(3), LD_K(3), K(ALU(BPF_LSH | BPF_X), 0), RET_A } },
	{ "lsh by 33 in x is by 1",
	  6,
	  4,
	  { LDX_K(33), LD_K(3), K(ALU(BPF_LSH | BPF_X), 0), RET_A } },
	{ "rsh k", 1, 3, { LD_K(0x80000000), K(ALU(BPF_RSH), 31), RET_A } },
	{ "rsh x",
	  3,
	  4,
	  { LDX_K(2), LD_K(12), K(ALU(BPF_RSH | BPF_X), 0), RET_A } },
	{ "neg", 0xfffffffb, 3, { LD_K(5), K(ALU(BPF_NEG), 0), RET_A } },
	{ "ja",
	  2,
	  4,
	  { K(BPF_JMP | BPF_JA, 1), RET_K(1), RET_K(2), RET_K(3) } },
	{ "jeq k holds",
	  1,
	  4,
	  { LD_K(5), BPF_JUMP(BPF_JMP | BPF_JEQ, 5, 0, 1), RET_K(1),
	    RET_K(2) } },
	{ "jeq k does not",
	  2,
	  4,
	  { LD_K(5), BPF_JUMP(BPF_JMP | BPF_JEQ, 6, 0, 1), RET_K(1),
	    RET_K(2) } },
	{ "jeq x",
	  1,
	  5,
	  { LD_K(5), TAX, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 1),
	    RET_K(1), RET_K(2) } },
	{ "jgt k",
	  2,
	  4,
	  { LD_K(5), BPF_JUMP(BPF_JMP | BPF_JGT, 5, 0, 1), RET_K(1),
	    RET_K(2) } },
	{ "jgt has no sign",
	  1,
	  4,
	  { LD_K(0x80000000), BPF_JUMP(BPF_JMP | BPF_JGT, 5, 0, 1), RET_K(1),
	    RET_K(2) } },
	{ "jge k",
	  1,
	  4,
	  { LD_K(5), BPF_JUMP(BPF_JMP | BPF_JGE, 5, 0, 1), RET_K(1),
	    RET_K(2) } },
	{ "jge x",
	  2,
	  5,
	  { LDX_K(6), LD_K(5), BPF_JUMP(BPF_JMP | BPF_JGE | BPF_X, 0, 0, 1),
	    RET_K(1), RET_K(2) } },
	{ "jset k holds",
	  1,
	  4,
	  { LD_K(6), BPF_JUMP(BPF_JMP | BPF_JSET, 3, 0, 1), RET_K(1),
	    RET_K(2) } },
	{ "jset k does not",
	  2,
	  4,
	  { LD_K(4), BPF_JUMP(BPF_JMP | BPF_JSET, 3, 0, 1), RET_K(1),
	    RET_K(2) } },
};

Test(bpf, every_instruction_has_its_documented_result_and_that_of_the_kernel)
{
	const struct pktio_frame f = frame_of(sample, sizeof(sample));

	for (size_t i = 0; i < COUNT(instructions); i++) {
		const struct instruction_case *c = &instructions[i];
		const struct sock_fprog prog = {
			(unsigned short)c->len, (struct sock_filter *)c->code
		};
		struct pktio_bpf *bpf;
		uint32_t kept;
		int code;

		code = pktio_bpf_new(&bpf, &prog);
		REQUIRE(code == 0, "%s is refused: %d", c->name, code);
		kept = pktio_bpf_run(bpf, &f);
		EXPECT(kept == c->expected, "%s: %#x, not %#x", c->name, kept,
		       c->expected);
		REQUIRE(kernel_accepts(&prog), "%s: the kernel refuses it",
			c->name);
		EXPECT(kernel_result(sample, sizeof(sample)) ==
			       at_most(c->expected, sizeof(sample)),
		       "%s: the kernel returns something else", c->name);
		EXPECT(!pktio_bpf_free(bpf), "free returns NULL");
	}
}

/* ---- Ancillary data ----------------------------------------------------- */

static uint32_t load_ancillary(const struct pktio_frame *f, uint32_t what)
{
	struct sock_filter code[] = {
		LDX_K(5), LD_K(3),
		K(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + what), RET_A
	};
	const struct sock_fprog prog = { COUNT(code), code };
	struct pktio_bpf *bpf;
	uint32_t kept;
	int r;

	r = pktio_bpf_new(&bpf, &prog);
	REQUIRE(r == 0, "ancillary data %u: %d", what, r);
	kept = pktio_bpf_run(bpf, f);
	pktio_bpf_free(bpf);
	return kept;
}

Test(bpf, ancillary_loads_return_the_fields_of_the_frame)
{
	struct pktio_frame f = frame_of(sample, sizeof(sample));

	f.pkttype = PKTIO_PKT_OTHERHOST;
	f.ifindex = 42;
	f.hash = 0xdeadbeef;
	f.nvlan = 1;
	f.vlan[0] = (struct pktio_vlan){ 0x88a8, 0x6064 };
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 0x0800);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PKTTYPE), 3);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_IFINDEX), 42);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_HATYPE), 1);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_RXHASH), 0xdeadbeef);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TAG), 0x6064);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TAG_PRESENT), 1);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TPID), 0x88a8);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_ALU_XOR_X), 3 ^ 5);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_MARK), 0);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_QUEUE), 0);
	f.vlan[0].tci = 0;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TAG_PRESENT), 1);
	f.nvlan = 0;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TAG_PRESENT), 0);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TAG), 0);
	f.caplen = 13;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 0);
}

Test(bpf, a_length_in_place_of_an_ethertype_loads_as_802_2_or_802_3)
{
	uint8_t bytes[20] = { 0 };
	struct pktio_frame f = frame_of(bytes, sizeof(bytes));

	bytes[12] = 0x05;
	bytes[13] = 0xff;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 4);
	bytes[14] = 0xff;
	bytes[15] = 0xff;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 1);
	f.caplen = 15;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 4);
	bytes[12] = 0x06;
	bytes[13] = 0;
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 0x0600);
}

Test(bpf, loads_from_the_link_and_the_network_header)
{
	struct sock_filter code[] = { K(BPF_LD | BPF_B | BPF_ABS, 0), RET_A };
	const struct sock_fprog prog = { COUNT(code), code };
	const struct pktio_frame f = frame_of(sample, sizeof(sample));
	static const struct {
		uint32_t k, expected;
	} loads[] = { { (uint32_t)SKF_LL_OFF + 1, 0x11 },
		      { (uint32_t)SKF_LL_OFF + 20, 0 },
		      { (uint32_t)SKF_NET_OFF + 1, 0xcc },
		      { (uint32_t)SKF_NET_OFF + 6, 0 } };

	for (size_t i = 0; i < COUNT(loads); i++) {
		struct pktio_bpf *bpf;
		int r;

		code[0].k = loads[i].k;
		r = pktio_bpf_new(&bpf, &prog);
		REQUIRE(r == 0, "%#x: %d", loads[i].k, r);
		EXPECT_EQ(pktio_bpf_run(bpf, &f), loads[i].expected);
		pktio_bpf_free(bpf);
	}
}

Test(bpf, programs_that_need_the_kernel_are_refused)
{
	static const uint32_t loads[] = { SKF_AD_PAY_OFFSET, SKF_AD_NLATTR,
					  SKF_AD_NLATTR_NEST };

	for (size_t i = 0; i < COUNT(loads); i++) {
		struct sock_filter code[] = { LD_K(0), LDX_K(0),
					      K(BPF_LD | BPF_W | BPF_ABS,
						(uint32_t)SKF_AD_OFF +
							loads[i]),
					      RET_A };
		struct sock_fprog prog = { COUNT(code), code };
		struct pktio_bpf *bpf = NULL;
		int r;

		r = pktio_bpf_new(&bpf, &prog);
		EXPECT(r == -ENOTSUP, "load %zu: %d", i, r);
		EXPECT(kernel_accepts(&prog), "the kernel refuses load %zu", i);
		/* An invalid program fails as such, not as unsupported. */
		code[3] = (struct sock_filter)K(BPF_LD | BPF_MEM, 3);
		EXPECT_EQ(pktio_bpf_new(&bpf, &prog), -EINVAL);
		EXPECT(!bpf, "a failure changed the result");
	}
}

Test(bpf, the_inner_of_two_stripped_tags_is_read_from_the_bytes)
{
	static const struct {
		uint16_t code;
		uint32_t k, expected;
	} loads[] = {
		{ BPF_LD | BPF_W | BPF_ABS, 8, 0x8899aabb },
		{ BPF_LD | BPF_W | BPF_ABS, 10, 0xaabb8100 },
		{ BPF_LD | BPF_W | BPF_ABS, 12, 0x81006005 },
		{ BPF_LD | BPF_H | BPF_ABS, 15, 0x0508 },
		{ BPF_LD | BPF_W | BPF_ABS, 20, 0xddeeff12 },
		{ BPF_LD | BPF_B | BPF_ABS, 24, 0 },
		{ BPF_LD | BPF_W | BPF_LEN, 0, sizeof(sample) + 4 },
	};
	struct pktio_frame f = frame_of(sample, sizeof(sample));

	f.nvlan = 2;
	f.vlan[0] = (struct pktio_vlan){ 0x88a8, 0x00c8 };
	f.vlan[1] = (struct pktio_vlan){ 0x8100, 0x6005 };
	EXPECT_EQ(load_ancillary(&f, SKF_AD_PROTOCOL), 0x8100);
	EXPECT_EQ(load_ancillary(&f, SKF_AD_VLAN_TPID), 0x88a8);
	for (size_t i = 0; i < COUNT(loads); i++) {
		struct sock_filter code[] = { K(loads[i].code, loads[i].k),
					      RET_A };
		const struct sock_fprog prog = { COUNT(code), code };
		struct pktio_bpf *bpf;
		int r;

		r = pktio_bpf_new(&bpf, &prog);
		REQUIRE(r == 0, "load %zu: %d", i, r);
		EXPECT_EQ(pktio_bpf_run(bpf, &f), loads[i].expected);
		pktio_bpf_free(bpf);
	}
}

/* The addresses are incomplete, so no tag can follow them. */
Test(bpf, a_frame_shorter_than_its_addresses_ends_with_its_bytes)
{
	struct sock_filter code[] = { K(BPF_LD | BPF_B | BPF_ABS, 8),
				      K(BPF_RET | BPF_K, 1) };
	const struct sock_fprog prog = { COUNT(code), code };
	uint8_t *bytes = calloc(1, 8);
	struct pktio_frame f = frame_of(bytes, 8);
	struct pktio_bpf *bpf;
	int r;

	f.nvlan = 2;
	for (code[0].k = 7; code[0].k < 12; code[0].k++) {
		r = pktio_bpf_new(&bpf, &prog);
		REQUIRE(r == 0, "%d", r);
		EXPECT(pktio_bpf_run(bpf, &f) == (code[0].k < 8), "byte %u",
		       code[0].k);
		pktio_bpf_free(bpf);
	}
	free(bytes);
}

/* ---- Validity ----------------------------------------------------------- */

static bool pktio_accepts(const struct sock_fprog *prog)
{
	struct pktio_bpf *bpf = NULL;
	int code = pktio_bpf_new(&bpf, prog);

	/* Valid, but only the kernel can run it. */
	if (code == -ENOTSUP)
		return true;
	EXPECT_EQ(code, bpf ? 0 : -EINVAL);
	pktio_bpf_free(bpf);
	return bpf;
}

/* Each has one mistake and is valid otherwise; RET K follows. */
static const struct {
	const char *name;
	struct sock_filter first;
} mistakes[] = {
	{ "division by 0", K(ALU(BPF_DIV), 0) },
	{ "modulo 0", K(ALU(BPF_MOD), 0) },
	{ "shift by 32", K(ALU(BPF_LSH), 32) },
	{ "shift by 2^31", K(ALU(BPF_RSH), 0x80000000) },
	{ "an operation that is none", K(ALU(0xb0), 0) },
	{ "neg of x", K(ALU(BPF_NEG | BPF_X), 0) },
	{ "a word of memory beyond the last", K(BPF_ST, 16) },
	{ "a word of memory beyond the last, from x", K(BPF_STX, 16) },
	{ "memory that nobody wrote", K(BPF_LD | BPF_MEM, 0) },
	{ "memory that nobody wrote, to x", K(BPF_LDX | BPF_MEM, 0) },
	{ "ja beyond the end", K(BPF_JMP | BPF_JA, 1) },
	{ "ja back", K(BPF_JMP | BPF_JA, 0xffffffff) },
	{ "jt beyond the end", BPF_JUMP(BPF_JMP | BPF_JEQ, 0, 1, 0) },
	{ "jf beyond the end", BPF_JUMP(BPF_JMP | BPF_JEQ, 0, 0, 1) },
	{ "ja by x", K(BPF_JMP | BPF_JA | BPF_X, 0) },
	{ "a jump that is none", BPF_JUMP(BPF_JMP | 0x50, 0, 0, 0) },
	{ "ret x", K(BPF_RET | BPF_X, 0) },
	{ "ldx of a byte", K(BPF_LDX | BPF_B | BPF_ABS, 0) },
	{ "ldx ind", K(BPF_LDX | BPF_W | BPF_IND, 0) },
	{ "ld msh", K(BPF_LD | BPF_B | BPF_MSH, 0) },
	{ "eight bytes", K(BPF_LD | 0x18 | BPF_ABS, 0) },
	{ "half of a length", K(BPF_LD | BPF_H | BPF_LEN, 0) },
	{ "misc that is none", K(BPF_MISC | 0x40, 0) },
	{ "store with a size", K(BPF_ST | BPF_B, 0) },
	{ "bits above the code", K(0x100 | BPF_LD | BPF_IMM, 0) },
	{ "ancillary data that is none",
	  K(BPF_LD | BPF_W | BPF_ABS, 0xffffffff) },
};

Test(bpf, the_kernel_refuses_the_same_invalid_programs)
{
	for (size_t i = 0; i < COUNT(mistakes); i++) {
		struct sock_filter code[] = { mistakes[i].first, RET_K(1) };
		const struct sock_fprog prog = { COUNT(code), code };

		EXPECT(!pktio_accepts(&prog), "%s is accepted",
		       mistakes[i].name);
		EXPECT(!kernel_accepts(&prog), "%s is accepted by the kernel",
		       mistakes[i].name);
	}
}

Test(bpf, a_program_without_length_or_return_is_refused)
{
	static struct sock_filter code[BPF_MAXINSNS + 1];
	struct sock_fprog prog = { 0, code };

	for (size_t i = 0; i < COUNT(code); i++)
		code[i] = (struct sock_filter)RET_K(1);
	EXPECT(!pktio_accepts(&prog), "an empty program");
	prog.len = BPF_MAXINSNS;
	EXPECT(pktio_accepts(&prog), "of the maximum length");
	prog.len = BPF_MAXINSNS + 1;
	EXPECT(!pktio_accepts(&prog), "too long");
	prog.len = 2;
	code[1] = (struct sock_filter)LD_K(0);
	EXPECT(!pktio_accepts(&prog), "without a return at the end");
	prog = (struct sock_fprog){ 1, NULL };
	EXPECT(!pktio_accepts(&prog), "without code");
}

static struct sock_filter random_instruction(void)
{
	static const uint32_t numbers[] = { 0,  1,   2,      3,         7,
					    12, 15,  16,     31,        32,
					    60, 255, 0xffff, 0x7fffffff };
	static const uint16_t classes[] = {
		BPF_LD,  BPF_LDX, BPF_ST,  BPF_STX,
		BPF_ALU, BPF_JMP, BPF_RET, BPF_MISC
	};
	struct sock_filter in = { 0 };

	in.code = (uint16_t)(classes[below(8)] | below(32) << 3);
	if (below(100) == 0)
		in.code |= (uint16_t)(1 << below(16));
	in.jt = (uint8_t)below(5);
	in.jf = (uint8_t)below(5);
	in.k = numbers[below(COUNT(numbers))];
	if (below(10) == 0)
		in.k = noise() << 1 | below(2);
	if (below(20) == 0)
		in.k = (uint32_t)SKF_AD_OFF + below(70);
	return in;
}

/* A program that is likely to be valid. */
static void random_program(struct sock_fprog *prog)
{
	prog->len = (unsigned short)(2 + below(7));
	for (unsigned i = 0; i < prog->len; i++)
		prog->filter[i] = random_instruction();
	if (below(20))
		prog->filter[prog->len - 1] = (struct sock_filter)RET_A;
}

/* True if the program reads only the bytes, which have the same offsets for
 * both. */
static bool is_about_bytes(const struct sock_fprog *prog)
{
	for (unsigned i = 0; i < prog->len; i++) {
		const struct sock_filter *in = &prog->filter[i];

		if (BPF_CLASS(in->code) == BPF_LD &&
		    (BPF_MODE(in->code) == BPF_ABS ||
		     BPF_MODE(in->code) == BPF_IND) &&
		    in->k >= 0x80000000 &&
		    in->k != (uint32_t)SKF_AD_OFF + SKF_AD_ALU_XOR_X)
			return false;
		if (BPF_CLASS(in->code) == BPF_LDX && in->k >= 0x80000000)
			return false;
	}
	return true;
}

static void print_program(const struct sock_fprog *prog)
{
	for (unsigned i = 0; i < prog->len; i++)
		cr_log_error("  { %#x, %u, %u, %#x }", prog->filter[i].code,
			     prog->filter[i].jt, prog->filter[i].jf,
			     prog->filter[i].k);
}

static bool run_both(const struct sock_fprog *prog)
{
	uint8_t bytes[64];
	uint32_t n = 1 + below(sizeof(bytes));
	struct pktio_frame f = frame_of(bytes, n);
	struct pktio_bpf *bpf;
	uint32_t ours;
	uint32_t theirs;

	for (unsigned i = 0; i < n; i++)
		bytes[i] = (uint8_t)noise();
	REQUIRE_EQ(pktio_bpf_new(&bpf, prog), 0);
	ours = at_most(pktio_bpf_run(bpf, &f), n);
	pktio_bpf_free(bpf);
	theirs = kernel_result(bytes, n);
	EXPECT(ours == theirs, "%u, but the kernel returns %u of %u", ours,
	       theirs, n);
	return ours == theirs;
}

Test(bpf, random_programs_return_what_the_kernel_returns)
{
	struct sock_filter code[8];
	struct sock_fprog prog = { 0, code };
	unsigned taken = 0;
	unsigned run = 0;
	bool same = true;

	for (unsigned i = 0; i < 100000 && same; i++) {
		bool kernel;

		random_program(&prog);
		kernel = kernel_accepts(&prog);
		same = pktio_accepts(&prog) == kernel;
		EXPECT(same, "program %u is %s by the kernel", i,
		       kernel ? "taken" : "refused");
		taken += kernel;
		if (same && kernel && is_about_bytes(&prog)) {
			run++;
			same = run_both(&prog);
		}
		if (!same)
			print_program(&prog);
	}
	EXPECT(taken > 1000, "only %u programs were valid", taken);
	EXPECT(run > 1000, "only %u programs were run", run);
}

/* ---- Expressions -------------------------------------------------------- */

static const char *const expressions[] = {
	"",
	"ip",
	"ip6",
	"arp",
	"tcp",
	"udp",
	"icmp or icmp6",
	"not ip",
	"host 198.18.0.1",
	"src net 198.18.0.0/16",
	"dst net 198.19.0.0/16 and udp",
	"ip6 host 2001:2::1",
	"port 53",
	"tcp portrange 1024-30000",
	"udp src portrange 20000-60000",
	"tcp[tcpflags] & (tcp-syn|tcp-push) != 0",
	"ip[6:2] & 0x1fff = 0 and ip[8] > 10",
	"ip proto 17 and udp[4:2] > 100",
	"ether dst 02:00:00:00:00:02",
	"ether broadcast or ether multicast",
	"ether[0] & 1 = 0 and ip[16] >= 224",
	"len > 100",
	"less 64 or greater 1000",
	"vlan",
	"vlan 100",
	"vlan 100 and tcp",
	"vlan 200 and vlan 100 and ip",
	"vlan and vlan and ip6",
	"mpls",
	"pppoes",
	"ip[2:2] % 7 = 3",
	"(ip[4:2] * 3 - 1) / 2 > 1000",
	"ether[ip[9]] > 127",
	"udp[ip[8]] > 3",
	"ip[0] << 2 & 0x3c = 20",
	"tcp[((tcp[12] & 0xf0) >> 2):4] != 0",
	"ip6[6] = 6 and ip6[40:2] > 2000",
	"ether proto 0x88a8",
	"sctp or ip proto 50",
};

#define FRAMES 400U
static struct pktio_ring *rings[4];
static struct pktio_frame frames[FRAMES];
static uint8_t garbled[FRAMES / 2][256];

/* Frames of all kinds, and a truncated or corrupted copy of every other one. */
static void make_frames(void)
{
	static const char *const uris[] = {
		"gen:?ip=both&proto=both&sizes=imix",
		"gen:?ip=both&proto=both&sizes=imix&vlan=802.1q",
		"gen:?ip=both&proto=both&sizes=imix&vlan=qinq&seed=3",
		"gen:?ip=both&proto=both&vlan=priority&snaplen=40",
	};
	unsigned n = FRAMES / COUNT(uris);
	struct pktio_error error;

	for (unsigned i = 0; i < COUNT(uris); i++) {
		REQUIRE(!pktio_open(&rings[i], uris[i], NULL, &error), "%s",
			error.text);
		REQUIRE_EQ(pktio_recv(rings[i], frames + (size_t)i * n, n), n);
	}
	for (unsigned i = 0; i < FRAMES; i += 2) {
		uint8_t *room = garbled[i / 2];
		uint32_t size = 1 + below(sizeof(garbled[0]));

		pktio_frame_copy(&frames[i], &frames[i], room, size);
		for (unsigned j = 0; j < 3; j++)
			room[below(frames[i].caplen)] = (uint8_t)noise();
	}
}

static void close_frames(void)
{
	for (unsigned i = 0; i < COUNT(rings); i++)
		pktio_close(rings[i]);
}

/* Returns the number of frames that match the expression. */
static unsigned compare(const char *expression, const struct sock_fprog *prog)
{
	bool kernel = kernel_accepts(prog);
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 262144);
	struct bpf_program plain;
	struct pktio_bpf *bpf;
	unsigned passed = 0;
	int code;

	REQUIRE(!pcap_compile(dead, &plain, expression, 1,
			      PCAP_NETMASK_UNKNOWN),
		"%s", pcap_geterr(dead));
	code = pktio_bpf_new(&bpf, prog);
	REQUIRE(code == 0, "'%s' is refused: %d", expression, code);
	EXPECT(kernel, "'%s' is refused by the kernel", expression);
	for (unsigned i = 0; i < FRAMES; i++) {
		const struct pktio_frame *f = &frames[i];
		struct pktio_frame whole = *f;
		uint32_t ours = pktio_bpf_run(bpf, f);
		uint32_t pcap = bpf_filter(plain.bf_insns, f->data, f->wirelen,
					   f->caplen);

		EXPECT(ours == pcap,
		       "'%s', frame %u: %u, but libpcap returns %u", expression,
		       i, ours, pcap);
		passed += ours > 0;
		/* The wirelen of a datagram is its length. */
		whole.wirelen = f->caplen;
		ours = at_most(pktio_bpf_run(bpf, &whole), f->caplen);
		if (kernel)
			EXPECT(ours == kernel_result(f->data, f->caplen),
			       "'%s', frame %u: %u, unlike the kernel",
			       expression, i, ours);
	}
	pcap_freecode(&plain);
	pcap_close(dead);
	pktio_bpf_free(bpf);
	return passed;
}

Test(bpf, expressions_select_the_same_frames_as_libpcap_and_the_kernel)
{
	unsigned selective = 0;

	make_frames();
	for (size_t i = 0; i < COUNT(expressions); i++) {
		struct pktio_error error;
		struct sock_fprog prog;
		unsigned passed;

		REQUIRE(!pktio_filter_compile(&prog, expressions[i],
					      LINKTYPE_ETHERNET, 0, &error),
			"%s", error.text);
		passed = compare(expressions[i], &prog);
		selective += passed > 0 && passed < FRAMES;
		pktio_filter_free(&prog);
	}
	/* Without matching frames, the comparison would be empty. */
	EXPECT(selective > COUNT(expressions) / 2,
	       "only %u expressions match anything", selective);
	close_frames();
}
