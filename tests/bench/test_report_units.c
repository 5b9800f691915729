/* SPDX-License-Identifier: BSD-3-Clause */
/* Functions of report/, and the parsers of external tools. */
#include <math.h>
#include <string.h>

#include "external/tool.h"
#include "receive/receivers.h"
#include "report/chart.h"
#include "report/scale.h"
#include "report/statistics.h"
#include "support/expect.h"

/* ---- The rank test ------------------------------------------------------ */

static void expect_near(double actual, double expected)
{
	EXPECT(fabs(actual - expected) < 1e-6, "%.9f instead of %.9f", actual,
	       expected);
}

/* The expected values are from tables, and counted by hand. */
Test(rank, small_samples_are_exact)
{
	static const double low[] = { 1, 2, 3, 4, 5 };
	static const double high[] = { 6, 7, 8, 9, 10 };
	static const double mixed[] = { 2.5, 3.5, 6, 7, 8 };
	static const double ties[] = { 3, 3, 3, 4, 6 };

	expect_near(rank_test(low, 3, high, 3), 0.1);
	expect_near(rank_test(low, 4, high, 4), 2.0 / 70);
	expect_near(rank_test(low, 5, high, 5), 2.0 / 252);
	expect_near(rank_test(high, 5, low, 5), 2.0 / 252);
	expect_near(rank_test_min(5, 5), 2.0 / 252);
	expect_near(rank_test_min(3, 6), 2.0 / 84);
	expect_near(rank_test(low, 5, low, 5), 1);
	/* U is 5: 1 + 1 + 2 + 3 + 5 + 7 of 252 ways are at least as extreme. */
	expect_near(rank_test(low, 5, mixed, 5), 2.0 * 19 / 252);
	expect_near(rank_test(low, 5, ties, 5), 124.0 / 252);
	expect_near(rank_test(low, 0, high, 5), 1);
}

Test(rank, large_samples_are_approximated)
{
	double a[60];
	double b[60];

	for (int i = 0; i < 60; i++) {
		a[i] = i;
		b[i] = i + 0.5;
	}
	EXPECT(rank_test(a, 60, b, 60) > 0.8, "hardly apart");
	for (int i = 0; i < 60; i++)
		b[i] = i + 30;
	EXPECT(rank_test(a, 60, b, 60) < 1e-6, "far apart");
	for (int i = 0; i < 60; i++)
		b[i] = i + 13;
	/* U is 1104.5, and z -3.65 */
	EXPECT(rank_test(a, 60, b, 60) > 0.00025 &&
		       rank_test(a, 60, b, 60) < 0.00028,
	       "%g", rank_test(a, 60, b, 60));
}

/* ---- Numbers and axes --------------------------------------------------- */

Test(scale, numbers_have_three_significant_digits)
{
	static const struct {
		double value;
		enum unit unit;
		const char *text;
	} numbers[] = {
		{ 0, UNIT_RATE, "0" },
		{ 999.4, UNIT_RATE, "999" },
		{ 999.6, UNIT_RATE, "1k" },
		{ 1234567, UNIT_RATE, "1.23M" },
		{ 17.64, UNIT_COST, "17.6" },
		{ 0.5, UNIT_SHARE, "50 %" },
		{ 1e-7, UNIT_SHARE, "< 0.001 %" },
		{ 1500, UNIT_NS, "1.5 us" },
		{ 9920000, UNIT_NS, "9.92 ms" },
		{ 1518, UNIT_BYTES, "1518" },
		{ 2.5e9, UNIT_BYTE_RATE, "2.5 GB/s" },
		{ NAN, UNIT_RATE, "-" },
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		char text[SCALE_TEXT_SIZE];

		EXPECT_STR(scale_write(text, numbers[i].value, numbers[i].unit),
			   numbers[i].text);
	}
}

Test(scale, ticks_are_round_and_on_the_axis)
{
	static const double ends[][2] = {
		{ 0, 1 }, { 3, 7 },     { 0, 3.8e6 }, { 0.2, 0.21 }, { 5, 5 },
		{ 0, 0 }, { 1e3, 4e6 }, { 12, 1e9 },  { 60, 1514 },  { 1, 2 },
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		for (int how = 0; how < 4; how++) {
			struct scale s = scale_make(ends[i][0], ends[i][1],
						    how & 1, how & 2);

			EXPECT(s.nticks >= 2 && s.nticks < SCALE_MAX_TICKS,
			       "%zu ticks from %g to %g", s.nticks, ends[i][0],
			       ends[i][1]);
			EXPECT(s.low <= ends[i][0] && s.high >= ends[i][1],
			       "%g to %g", s.low, s.high);
			for (size_t j = 0; j < s.nticks; j++)
				EXPECT(scale_at(&s, s.ticks[j]) > -0.001 &&
					       scale_at(&s, s.ticks[j]) < 1.001,
				       "%g", s.ticks[j]);
		}
}

Test(chart, names_are_moved_apart_and_stay_on_the_chart)
{
	double positions[] = { 1, 1, 0.99, 0.02, 0.02, 0.5 };

	chart_spread(positions, 6, 0.05);
	for (int i = 0; i < 6; i++) {
		EXPECT(positions[i] > -0.001 && positions[i] < 1.001, "%g",
		       positions[i]);
		for (int j = 0; j < i; j++)
			EXPECT(fabs(positions[i] - positions[j]) > 0.0499,
			       "%d and %d", i, j);
	}
	EXPECT(positions[5] == 0.5, "moved without reason");
	EXPECT(positions[2] < positions[0], "out of order");
}

/* ---- Output of external tools ------------------------------------------- */

static void expect_count(const char *program, const char *output,
			 uint64_t received, uint64_t dropped)
{
	const struct receiver *c = receiver_find(program);
	struct tool_counts count = { 0 };

	REQUIRE(c && c->tool, "no %s", program);
	EXPECT(c->tool->parse(output, &count), "%s", output);
	EXPECT_EQ(count.received, received);
	EXPECT_EQ(count.dropped, dropped);
	EXPECT(!c->tool->parse("it says nothing\n", &count), "%s", program);
}

/* With -b, Zeek loads only the plugins that are named. */
Test(tools, the_command_line_of_zeek_names_the_plugin)
{
	const struct receiver_config config = { .target = "veth0",
						.ring_size = 4096 };
	const struct receiver *c = receiver_find("zeek-af_packet");
	char command[256];

	REQUIRE(c && c->tool, "no zeek-af_packet");
	tool_command(c->tool, &config, command, sizeof(command));
	EXPECT_STR(command, "zeek -b Zeek::AF_Packet -C -i af_packet::veth0"
			    " AF_Packet::buffer_size=4096");
}

Test(tools, counts_in_the_output_are_parsed)
{
	expect_count("tcpdump",
		     "tcpdump: listening on veth0, snapshot length 262144\n"
		     "1995272 packets captured\n"
		     "2012416 packets received by filter\n"
		     "17144 packets dropped by kernel\n",
		     1995272, 17144);
	expect_count("tcpdump",
		     "1 packet captured\n1 packet received by filter\n"
		     "0 packets dropped by kernel\n",
		     1, 0);
	expect_count("dumpcap",
		     "Capturing on 'a/b 1'\nFile: /dev/null\n"
		     "Packets captured: 1312732\n"
		     "Packets received/dropped on interface 'a/b 1': "
		     "1312732/1143076 (pcap:1143076/dumpcap:0/flushed:0/"
		     "ps_ifdrop:0) (53.5%)\n",
		     1312732, 1143076);
	expect_count("netsniff-ng",
		     "Running! Hang up with ^C!\n\n\n"
		     "     2350723  packets incoming (0 unread on exit)\n"
		     "     2350723  packets passed filter\n"
		     "        6525  packets failed filter (out of space)\n"
		     "     0.2768% packet droprate\n",
		     2350723, 6525);
	expect_count(
		"tracertstats",
		"output format: 'txt'\n\n        ts    packets      bytes \n"
		"1795436227          1         64 \n"
		"1795436228      17616    1127424 \n",
		17617, 0);
	expect_count(
		"zeek",
		"listening on veth0\n\n1.5 received termination signal\n"
		"1795436162.7 2075767 packets received on interface veth0, "
		"553609 (21.05%) dropped, 0 (0.00%) not processed\n",
		2075767, 553609);
}
