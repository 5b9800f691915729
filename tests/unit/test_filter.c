/* SPDX-License-Identifier: BSD-3-Clause */
/* Filter expressions to programs. */
#include <stdio.h>
#include <string.h>

#include "expect.h"
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
			   const char *words)
{
	static struct sock_filter untouched;
	int r;

	prog = (struct sock_fprog){ 77, &untouched };
	r = pktio_filter_compile(&prog, expression, linktype, 0, &error);
	EXPECT_EQ(r, code);
	EXPECT_EQ(error.code, code);
	EXPECT(!strncmp(error.text, words, strlen(words)), "'%s', not '%s'",
	       error.text, words);
	EXPECT(strlen(error.text) > strlen(words) || words[0] == 'f',
	       "'%s' does not say why", error.text);
	EXPECT(prog.len == 77 && prog.filter == &untouched, "ret was changed");
	EXPECT_EQ(pktio_filter_compile(&prog, expression, linktype, 0, NULL),
		  code);
}

/* Of the instruction that lets through. */
static uint32_t most_kept(void)
{
	uint32_t most = 0;

	for (unsigned i = 0; i < prog.len; i++)
		if (prog.filter[i].code == (BPF_RET | BPF_K) &&
		    prog.filter[i].k > most)
			most = prog.filter[i].k;
	return most;
}

Test(filter, an_empty_expression_lets_everything_through)
{
	compile("", ETHERNET, 0);
	EXPECT_EQ(prog.len, 1);
	EXPECT_EQ(prog.filter[0].code, BPF_RET | BPF_K);
	EXPECT_EQ(prog.filter[0].k, 262144);
	pktio_filter_free(&prog);
}

Test(filter, an_expression_becomes_a_program)
{
	compile("ip", ETHERNET, 0);
	EXPECT_EQ(prog.len, 4);
	EXPECT_EQ(prog.filter[0].code, BPF_LD | BPF_H | BPF_ABS);
	EXPECT_EQ(prog.filter[0].k, 12);
	EXPECT_EQ(prog.filter[1].code, BPF_JMP | BPF_JEQ | BPF_K);
	EXPECT_EQ(prog.filter[1].k, 0x0800);
	pktio_filter_free(&prog);
}

Test(filter, a_snaplen_is_what_is_kept)
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

Test(filter, a_bad_expression_fails_with_the_words_of_libpcap)
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

Test(filter, a_long_bad_expression_is_cut_to_its_room)
{
	char expression[2000];

	memset(expression, '(', sizeof(expression) - 1);
	expression[sizeof(expression) - 1] = '\0';
	EXPECT_EQ(pktio_filter_compile(&prog, expression, ETHERNET, 0, &error),
		  -EINVAL);
	EXPECT_EQ(strlen(error.text), sizeof(error.text) - 1);
}

Test(filter, link_types_are_those_of_files)
{
	/* Where the addresses of IP begin in each. */
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
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bool found = false;

		compile("ip src 1.2.3.4", kinds[i].linktype, 0);
		for (unsigned j = 0; j < prog.len; j++)
			found |= prog.filter[j].code ==
					 (BPF_LD | BPF_W | BPF_ABS) &&
				 prog.filter[j].k == kinds[i].offset + 12;
		EXPECT(found, "link type %u looks elsewhere",
		       kinds[i].linktype);
		pktio_filter_free(&prog);
	}
}

Test(filter, unknown_link_types_fail)
{
	static const struct {
		uint32_t linktype;
		const char *words;
	} kinds[] = {
		{ 11, "filter 'ip': there is no link type 11" },
		{ 12, "filter 'ip': there is no link type 12" },
		{ 19, "filter 'ip': there is no link type 19" },
		{ 65000, "filter 'ip': there is no link type 65000" },
		{ UINT32_MAX, "filter 'ip': there is no link type 4294967295" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		expect_failure("ip", kinds[i].linktype, -ENOTSUP,
			       kinds[i].words);
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

Test(filter, free_takes_what_was_freed)
{
	compile("ip", ETHERNET, 0);
	pktio_filter_free(&prog);
	EXPECT_EQ(prog.len, 0);
	EXPECT(!prog.filter, "it is still there");
	pktio_filter_free(&prog);
}
