/* SPDX-License-Identifier: BSD-3-Clause */
/* Filter expressions, their programs, and the frames that match. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filter/vlan.h"
#include "support/expect.h"
#include "support/tagged_frames.h"
#include <pktio/backend.h>
#include <pktio/filter.h>

#define ETHERNET 1

static struct pktio_error error;
static struct sock_fprog prog;

static void compile(const char *expression, uint32_t linktype, uint32_t snaplen)
{
	int r = pktio_filter_compile(&prog, expression, linktype, snaplen,
				     &error);

	REQUIRE(r == 0, "%s", error.text);
}

static void expect_failure(const char *expression, uint32_t linktype, int code,
			   const char *message)
{
	static struct sock_filter untouched;
	int r;

	prog = (struct sock_fprog){ 77, &untouched };
	r = pktio_filter_compile(&prog, expression, linktype, 0, &error);
	EXPECT_EQ(r, code);
	EXPECT_EQ(error.code, code);
	EXPECT(!strncmp(error.text, message, strlen(message)), "'%s', not '%s'",
	       error.text, message);
	EXPECT(strlen(error.text) > strlen(message) || message[0] == 'f',
	       "'%s' does not say why", error.text);
	EXPECT(prog.len == 77 && prog.filter == &untouched, "ret changed");
	EXPECT_EQ(pktio_filter_compile(&prog, expression, linktype, 0, NULL),
		  code);
}

/* The return value of the accepting instruction. */
static uint32_t most_kept(void)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < prog.len; i++)
		if (prog.filter[i].code == (BPF_RET | BPF_K) &&
		    prog.filter[i].k > most)
			most = prog.filter[i].k;
	return most;
}

Test(filter, an_empty_expression_selects_every_frame)
{
	compile("", ETHERNET, 0);
	EXPECT_EQ(prog.len, 1);
	EXPECT_EQ(prog.filter[0].code, BPF_RET | BPF_K);
	EXPECT_EQ(prog.filter[0].k, 262144);
	pktio_filter_free(&prog);
}

Test(filter, an_expression_compiles_to_a_program)
{
	compile("ip", 113, 0);
	EXPECT_EQ(prog.len, 4);
	EXPECT_EQ(prog.filter[0].code, BPF_LD | BPF_H | BPF_ABS);
	EXPECT_EQ(prog.filter[0].k, 14);
	EXPECT_EQ(prog.filter[1].code, BPF_JMP | BPF_JEQ | BPF_K);
	EXPECT_EQ(prog.filter[1].k, 0x0800);
	pktio_filter_free(&prog);
}

static bool loads_a_tag(void)
{
	for (unsigned i = 0; i < prog.len; i++)
		if (prog.filter[i].k ==
		    (uint32_t)SKF_AD_OFF + SKF_AD_VLAN_TAG_PRESENT)
			return true;
	return false;
}

Test(filter, a_program_loads_the_tag_only_if_it_depends_on_it)
{
	compile("ip", ETHERNET, 0);
	EXPECT(loads_a_tag(), "a tag is at the offset of the type");
	pktio_filter_free(&prog);
	compile("ether host 02:00:00:00:00:01 and ether[11] = 1", ETHERNET, 0);
	EXPECT(!loads_a_tag(), "all loads are before the tag");
	pktio_filter_free(&prog);
	compile("ip", 113, 0);
	EXPECT(!loads_a_tag(), "cooked frames have no stripped tags");
	pktio_filter_free(&prog);
}

Test(filter, a_snaplen_is_the_return_value)
{
	compile("tcp port 80", ETHERNET, 96);
	EXPECT_EQ(most_kept(), 96);
	pktio_filter_free(&prog);
	compile("tcp port 80", ETHERNET, 0);
	EXPECT_EQ(most_kept(), 262144);
	pktio_filter_free(&prog);
	compile("tcp port 80", ETHERNET, UINT32_MAX);
	EXPECT_EQ(most_kept(), 262144);
	pktio_filter_free(&prog);
}

Test(filter, an_invalid_expression_fails_with_the_error_text_of_libpcap)
{
	expect_failure("tcp portt 80", ETHERNET, -EINVAL,
		       "filter 'tcp portt 80': ");
	expect_failure("ip and", ETHERNET, -EINVAL, "filter 'ip and': ");
	expect_failure("(ip", ETHERNET, -EINVAL, "filter '(ip': ");
	expect_failure("net 1.2.3.4/33", ETHERNET, -EINVAL,
		       "filter 'net 1.2.3.4/33': ");
	expect_failure("port 65536", ETHERNET, -EINVAL,
		       "filter 'port 65536': ");
	expect_failure("tcp and udp port 80 and arp and ip6 and", ETHERNET,
		       -EINVAL, "filter 'tcp and udp");
}

Test(filter, a_long_error_text_is_truncated)
{
	char expression[2000];

	memset(expression, '(', sizeof(expression) - 1);
	expression[sizeof(expression) - 1] = '\0';
	EXPECT_EQ(pktio_filter_compile(&prog, expression, ETHERNET, 0, &error),
		  -EINVAL);
	EXPECT_EQ(strlen(error.text), sizeof(error.text) - 1);
}

Test(filter, link_types_have_the_numbers_of_files)
{
	/* The offset of the IP addresses for each link type. */
	static const struct {
		uint32_t linktype, offset;
	} kinds[] = {
		{ 0, 4 },    /* BSD loopback */
		{ 1, 14 },   /* Ethernet */
		{ 9, 4 },    /* PPP */
		{ 100, 8 },  /* ATM, as RFC 1483; DLT_ 11 */
		{ 101, 0 },  /* raw IP; DLT_ 12 */
		{ 113, 16 }, /* Linux cooked */
		{ 228, 0 },  /* IPv4 */
		{ 276, 20 }, /* Linux cooked v2 */
		{ 12, 0 },   /* raw IP, in old captures */
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bool found = false;

		compile("ip src 1.2.3.4", kinds[i].linktype, 0);
		for (unsigned j = 0; j < prog.len; j++)
			found |= prog.filter[j].code ==
					 (BPF_LD | BPF_W | BPF_ABS) &&
				 prog.filter[j].k == kinds[i].offset + 12;
		EXPECT(found, "link type %u loads from another offset",
		       kinds[i].linktype);
		pktio_filter_free(&prog);
	}
}

Test(filter, unknown_link_types_fail)
{
	static const struct {
		uint32_t linktype;
		const char *message;
	} kinds[] = {
		{ 11, "filter 'ip': there is no link type 11" },
		{ 19, "filter 'ip': there is no link type 19" },
		{ 65000, "filter 'ip': there is no link type 65000" },
		{ UINT32_MAX, "filter 'ip': there is no link type 4294967295" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		expect_failure("ip", kinds[i].linktype, -ENOTSUP,
			       kinds[i].message);
}

Test(filter, a_program_that_is_too_long_for_the_kernel_fails)
{
	static char expression[200000];
	size_t at = 0;

	for (unsigned i = 0; i < 3000; i++)
		at += (size_t)snprintf(expression + at, sizeof(expression) - at,
				       "%sether[%u] = %u", i ? " or " : "",
				       i % 1500, i % 256);
	expect_failure(expression, ETHERNET, -EINVAL, "filter 'ether[0]");
}

Test(filter, free_accepts_a_freed_program)
{
	compile("ip", ETHERNET, 0);
	pktio_filter_free(&prog);
	EXPECT_EQ(prog.len, 0);
	EXPECT(!prog.filter, "the program is still set");
	pktio_filter_free(&prog);
}

Test(filter, an_expression_that_needs_a_loop_is_refused)
{
	expect_failure("ip6 protochain 6", ETHERNET, -ENOTSUP,
		       "filter 'ip6 protochain 6': needs a loop");
}

/* ---- Tags here or there ------------------------------------------------- */

static struct tagged *frames;
static unsigned nframes;

static struct pktio_bpf *checked(const struct sock_fprog *p, const char *what)
{
	struct pktio_bpf *bpf;
	int code = pktio_bpf_new(&bpf, p);

	REQUIRE(code == 0, "'%s' is refused: %d", what, code);
	return bpf;
}

/* Runs the program with each number of tags stripped. */
static bool is_same(const struct pktio_bpf *bpf, const struct tagged *t,
		    bool meant, const char *what)
{
	static uint8_t room[TAGGED_MOST_BYTES];

	for (unsigned ntags = 0; ntags <= 2; ntags++) {
		const struct pktio_frame f = tagged_strip(t, ntags, room);
		bool passes;

		if (f.nvlan < ntags)
			break;
		passes = pktio_bpf_run(bpf, &f) != 0;
		EXPECT(passes == meant, "'%s', frame %u, %u tags stripped: %s",
		       what, (unsigned)(t - frames), ntags,
		       passes ? "passes" : "is refused");
		if (passes != meant)
			return false;
	}
	return true;
}

/* libpcap compiles some expressions to programs that no kernel accepts. */
static bool is_valid(const struct bpf_program *program)
{
	const struct sock_fprog p = { (unsigned short)program->bf_len,
				      (void *)program->bf_insns };
	struct pktio_bpf *bpf;

	if (pktio_bpf_new(&bpf, &p) < 0)
		return false;
	pktio_bpf_free(bpf);
	return true;
}

/*
 * Returns the number of matching frames; -1 if libpcap refuses the expression.
 */
static int compare(const char *expression)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program meant;
	struct pktio_bpf *bpf;
	int passed = 0;

	if (!tagged_compile(&meant, expression, message)) {
		EXPECT_EQ(pktio_filter_compile(&prog, expression, ETHERNET, 0,
					       &error),
			  -EINVAL);
		cr_log_info("'%s': %s", expression, message);
		return -1;
	}
	if (!is_valid(&meant)) {
		cr_log_info("the kernel refuses '%s'", expression);
		pcap_freecode(&meant);
		return -1;
	}
	compile(expression, ETHERNET, 0);
	bpf = checked(&prog, expression);
	for (unsigned i = 0; i < nframes; i++) {
		bool passes = tagged_matches(&meant, &frames[i]);

		passed += passes;
		if (!is_same(bpf, &frames[i], passes, expression))
			break;
	}
	pktio_bpf_free(bpf);
	pktio_filter_free(&prog);
	pcap_freecode(&meant);
	return passed;
}

Test(filter, an_expression_selects_the_same_frames_wherever_the_tags_are)
{
	unsigned n;
	char(*expressions)[TAGGED_TEXT] = tagged_expressions(&n);
	unsigned unknown = 0;
	unsigned selective = 0;

	frames = tagged_frames(&nframes);
	for (unsigned i = 0; i < n; i++) {
		int passed = compare(expressions[i]);

		unknown += passed < 0;
		selective += passed > 0 && (unsigned)passed < nframes;
	}
	cr_log_info("%u expressions, %u frames: %u match, %u invalid", n,
		    nframes, selective, unknown);
	/* Without matching frames, the comparison would be empty. */
	EXPECT(unknown < n / 20, "libpcap refuses %u of %u", unknown, n);
	EXPECT(selective > n / 2, "only %u of %u match anything", selective, n);
	free(expressions);
	free(frames);
}

/* Stores the times of the matching frames of `uri`; returns their number. */
static unsigned receive_times(const char *uri, uint64_t times[], unsigned most)
{
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	struct pktio_ring *ring = NULL;
	unsigned n = 0;

	REQUIRE(!pktio_open(&ring, uri, &args, &error), "%s", error.text);
	for (;;) {
		struct pktio_frame f[16];
		int got = pktio_recv(ring, f, 16);

		if (got == PKTIO_EOF)
			break;
		REQUIRE(got >= 0 && n + (unsigned)got <= most, "%d", got);
		for (int i = 0; i < got; i++)
			times[n++] = f[i].ts;
		pktio_release(ring, f, (unsigned)got);
	}
	pktio_close(ring);
	return n;
}

#define GENERATED 64U

/* Returns true if the expression matches any frame with such tags. */
static bool compare_generated(const char *expression, const char *vlan)
{
	static const char *const strips[] = { "none", "outer", "all" };
	uint64_t first[GENERATED];
	unsigned n = 0;

	for (unsigned i = 0; i < sizeof(strips) / sizeof(strips[0]); i++) {
		uint64_t times[GENERATED];
		char uri[160];
		unsigned got;

		snprintf(uri, sizeof(uri),
			 "gen:?ip=both&proto=both&sizes=imix&flows=8"
			 "&vlan=%s&vlan-strip=%s&count=%u",
			 vlan, strips[i], GENERATED);
		got = receive_times(uri, i ? times : first, GENERATED);
		if (i == 0)
			n = got;
		EXPECT(got == n && (i == 0 || !memcmp(times, first,
						      n * sizeof(times[0]))),
		       "'%s', %s: %u frames, %u with vlan-strip=%s", expression,
		       vlan, n, got, strips[i]);
	}
	return n > 0 && n < GENERATED;
}

Test(filter, generated_frames_match_the_same_with_any_tags_stripped)
{
	static const char *const kinds[] = { "none", "802.1q", "qinq",
					     "priority" };
	unsigned n;
	char(*expressions)[TAGGED_TEXT] = tagged_expressions(&n);
	unsigned selective = 0;

	for (unsigned i = 0; i < n; i++) {
		/*
		 * Some programs of libpcap for these read memory that they did
		 * not write.
		 */
		if (strstr(expressions[i], "geneve") ||
		    pktio_filter_compile(&prog, expressions[i], ETHERNET, 0,
					 &error) < 0)
			continue;
		for (unsigned j = 0; j < sizeof(kinds) / sizeof(kinds[0]); j++)
			selective +=
				compare_generated(expressions[i], kinds[j]);
		pktio_filter_free(&prog);
	}
	EXPECT(selective > 300, "only %u match", selective);
	free(expressions);
}

/* The same sequence in every run. */
static uint32_t below(uint32_t n)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33) % n;
}

/*
 * Loads, mostly near the tag; instructions that change their offsets; branches.
 */
static struct sock_filter random_instruction(unsigned left)
{
	static const uint16_t codes[] = { BPF_LD | BPF_W | BPF_ABS,
					  BPF_LD | BPF_H | BPF_ABS,
					  BPF_LD | BPF_B | BPF_ABS,
					  BPF_LD | BPF_W | BPF_IND,
					  BPF_LD | BPF_H | BPF_IND,
					  BPF_LD | BPF_B | BPF_IND,
					  BPF_LD | BPF_W | BPF_LEN,
					  BPF_LDX | BPF_W | BPF_LEN,
					  BPF_LDX | BPF_B | BPF_MSH,
					  BPF_LDX | BPF_IMM,
					  BPF_LD | BPF_MEM,
					  BPF_LDX | BPF_MEM,
					  BPF_ST,
					  BPF_STX,
					  BPF_ALU | BPF_AND | BPF_K,
					  BPF_ALU | BPF_ADD | BPF_X,
					  BPF_ALU | BPF_SUB | BPF_K,
					  BPF_ALU | BPF_XOR | BPF_X,
					  BPF_JMP | BPF_JEQ | BPF_K,
					  BPF_JMP | BPF_JGT | BPF_X,
					  BPF_JMP | BPF_JSET | BPF_K,
					  BPF_JMP | BPF_JA,
					  BPF_MISC | BPF_TAX,
					  BPF_MISC | BPF_TAX,
					  BPF_MISC | BPF_TXA };
	struct sock_filter in = { 0 };

	in.code = codes[below(sizeof(codes) / sizeof(codes[0]))];
	in.k = below(24);
	in.jt = (uint8_t)below(left < 4 ? left : 4);
	in.jf = (uint8_t)below(left < 4 ? left : 4);
	if (in.code == (BPF_JMP | BPF_JA))
		in.k = in.jt;
	else if (in.code == (BPF_ALU | BPF_AND | BPF_K))
		in.k = below(2) ? 0x1f : 0xf;
	else if (BPF_CLASS(in.code) == BPF_ST ||
		 BPF_CLASS(in.code) == BPF_STX || BPF_MODE(in.code) == BPF_MEM)
		in.k = 12 + below(4);
	return in;
}

/* A program that returns A xor X; true if it is valid. */
static bool random_program(struct sock_fprog *random)
{
	const struct sock_filter end[] = {
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	unsigned n = 1 + below(14);
	struct pktio_bpf *bpf;

	for (unsigned i = 0; i < n; i++)
		random->filter[i] = random_instruction(n - i);
	memcpy(random->filter + n, end, sizeof(end));
	random->len = (unsigned short)(n + 2);
	if (pktio_bpf_new(&bpf, random) < 0)
		return false;
	pktio_bpf_free(bpf);
	return true;
}

/* Returns the number of frames with a result other than 0. */
static unsigned compare_program(const struct sock_fprog *random)
{
	static uint8_t room[TAGGED_MOST_BYTES];
	struct sock_fprog rewritten;
	struct pktio_bpf *plain;
	struct pktio_bpf *bpf;
	unsigned answers = 0;

	REQUIRE_EQ(vlan_rewrite(&rewritten, random), 0);
	plain = checked(random, "random");
	bpf = checked(&rewritten, "rewritten");
	for (unsigned j = 0; j < 20; j++) {
		const struct tagged *t = &frames[below(nframes)];
		const struct pktio_frame wire = tagged_strip(t, 0, room);
		uint32_t meant = pktio_bpf_run(plain, &wire);

		answers += meant != 0;
		for (unsigned ntags = 0; ntags <= 2; ntags++) {
			const struct pktio_frame f =
				tagged_strip(t, ntags, room);
			uint32_t got = pktio_bpf_run(bpf, &f);

			EXPECT(got == meant, "%#x, not %#x", got, meant);
		}
	}
	pktio_bpf_free(plain);
	pktio_bpf_free(bpf);
	pktio_filter_free(&rewritten);
	return answers;
}

Test(filter, any_program_returns_the_same_wherever_the_tags_are)
{
	struct sock_filter code[16];
	struct sock_fprog random = { 0, code };
	unsigned programs = 0;
	unsigned answers = 0;

	frames = tagged_frames(&nframes);
	for (unsigned i = 0; i < 100000; i++) {
		if (!random_program(&random))
			continue;
		programs++;
		answers += compare_program(&random);
	}
	cr_log_info("%u programs, %u results", programs, answers);
	EXPECT(programs > 10000, "only %u programs were valid", programs);
	EXPECT(answers > programs, "only %u results", answers);
	free(frames);
}

/* The rewrite makes each load longer, so branches exceed their range. */
Test(filter, long_branches_reach_their_targets)
{
	static struct sock_filter code[513];
	struct sock_fprog far = { 0, code };

	frames = tagged_frames(&nframes);
	for (size_t n = 40; n <= 250; n += 30) {
		far.len = (unsigned short)(2 * n + 2);
		for (uint32_t i = 0; i < n; i++) {
			size_t left = 2 * n - 2 * (size_t)i - 2;

			code[2 * (size_t)i] = (struct sock_filter)BPF_STMT(
				BPF_LD | BPF_W | BPF_ABS, 9 + i % 8);
			code[2 * (size_t)i + 1] = (struct sock_filter)BPF_JUMP(
				BPF_JMP | BPF_JEQ | BPF_K, 0x81000000 + i,
				(uint8_t)(left < 255 ? left : 254), 0);
		}
		code[2 * n] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
		code[2 * n + 1] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 7);
		EXPECT(compare_program(&far) > 0, "%zu loads: no frame matches",
		       n);
	}
	free(frames);
}

Test(filter, a_program_too_long_for_its_rewritten_copy_fails)
{
	static struct sock_filter code[BPF_MAXINSNS];
	struct sock_fprog full = { BPF_MAXINSNS, code };
	struct sock_fprog copy = { 0 };

	for (unsigned i = 0; i < BPF_MAXINSNS; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						       11);
	code[BPF_MAXINSNS - 1] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
	EXPECT_EQ(vlan_rewrite(&copy, &full), -E2BIG);
	for (unsigned i = 0; i < BPF_MEMWORDS; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_ST, i);
	full.len = BPF_MEMWORDS + 2;
	code[BPF_MEMWORDS + 1] = code[BPF_MAXINSNS - 1];
	EXPECT_EQ(vlan_rewrite(&copy, &full), -ENOSPC);
}
