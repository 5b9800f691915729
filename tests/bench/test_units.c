/* SPDX-License-Identifier: BSD-3-Clause */
/* Histogram, frame accounting, schedule, search, placement and markers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure/bisect.h"
#include "measure/metrics.h"
#include "measure/statistics.h"
#include "support/expect.h"
#include "system/topology.h"
#include "traffic/marker.h"
#include "traffic/pace.h"

#define SECOND UINT64_C(1000000000)

/* ---- Histogram ---------------------------------------------------------- */

static struct histogram *new_histogram(void)
{
	struct histogram *h = calloc(1, sizeof(*h));

	REQUIRE(h, "out of memory");
	return h;
}

Test(histogram, numbers_up_to_two_thousand_are_exact)
{
	struct histogram *h = new_histogram();

	for (uint64_t i = 1; i <= 2000; i++)
		histogram_add(h, i);
	EXPECT_EQ(histogram_quantile(h, 0.5), 1000);
	EXPECT_EQ(histogram_quantile(h, 0.999), 1998);
	EXPECT_EQ(histogram_quantile(h, 1), 2000);
	EXPECT_EQ(histogram_quantile(h, 0), 1);
	EXPECT_EQ(histogram_below(h, 11), 10);
	EXPECT_EQ(h->min, 1);
	EXPECT_EQ(h->max, 2000);
	free(h);
}

Test(histogram, larger_numbers_have_three_digits)
{
	for (uint64_t ns = 1; ns < UINT64_C(1000000000000); ns = ns * 3 + 1) {
		struct histogram *h = new_histogram();
		uint64_t quantile;

		histogram_add(h, ns);
		histogram_add(h, 2 * ns);
		quantile = histogram_quantile(h, 0.5);
		EXPECT(quantile >= ns && quantile - ns <= ns / 1000,
		       "%llu is counted as %llu", (unsigned long long)ns,
		       (unsigned long long)quantile);
		free(h);
	}
}

Test(histogram, numbers_above_the_range_are_counted)
{
	struct histogram *h = new_histogram();

	histogram_add(h, UINT64_MAX);
	histogram_add(h, 5);
	EXPECT_EQ(h->n, 2);
	EXPECT_EQ(histogram_quantile(h, 0.5), 5);
	EXPECT(histogram_quantile(h, 1) == UINT64_MAX, "not the maximum");
	free(h);
}

Test(histogram, an_empty_histogram_has_no_quantile)
{
	struct histogram *h = new_histogram();
	uint64_t ns;
	size_t at = 0;

	EXPECT_EQ(histogram_quantile(h, 0.5), 0);
	EXPECT_EQ(histogram_next(h, &at, &ns), 0);
	free(h);
}

Test(histogram, merging_adds_all_counts)
{
	struct histogram *a = new_histogram();
	struct histogram *b = new_histogram();
	uint64_t sum = 0;
	uint64_t ns = 0;
	uint64_t n;
	size_t at = 0;

	histogram_add(a, 10);
	histogram_add(a, 1000000);
	histogram_add(b, 3);
	histogram_merge(a, b);
	EXPECT_EQ(a->n, 3);
	EXPECT_EQ(a->min, 3);
	EXPECT_EQ(a->max, 1000000);
	while ((n = histogram_next(a, &at, &ns)) > 0)
		sum += n;
	EXPECT_EQ(sum, 3);
	EXPECT_EQ(ns, 1000000);
	free(a);
	free(b);
}

/* ---- Frame accounting --------------------------------------------------- */

static const uint64_t workers[] = { 60, 30 };

static const struct frame_accounting balanced = {
	.sent_known = true,
	.sent = 100,
	.received = 90,
	.ring = 4,
	.softnet = 3,
	.filtered = 3,
	.workers = workers,
	.nworkers = 2,
};

Test(accounting, balanced_counts_are_valid)
{
	char reason[256] = "?";

	EXPECT(accounting_check(&balanced, reason, sizeof(reason)), "%s",
	       reason);
	EXPECT_STR(reason, "");
}

/* Each count is wrong by one, in both directions. */
Test(accounting, one_frame_more_or_less_is_found)
{
	static const size_t members[] = {
		offsetof(struct frame_accounting, sent),
		offsetof(struct frame_accounting, received),
		offsetof(struct frame_accounting, ring),
		offsetof(struct frame_accounting, softnet),
		offsetof(struct frame_accounting, filtered),
	};

	for (size_t i = 0; i < 2 * sizeof(members) / sizeof(*members); i++) {
		struct frame_accounting a = balanced;
		char reason[256];
		uint64_t *value = (void *)((char *)&a + members[i / 2]);

		*value += i % 2 ? 1 : UINT64_MAX;
		EXPECT(!accounting_check(&a, reason, sizeof(reason)),
		       "member %zu", i / 2);
		EXPECT(strstr(reason, "are 1 more") ||
			       strstr(reason, "are 1 fewer"),
		       "%s", reason);
	}
}

Test(accounting, a_wrong_sum_of_the_workers_is_found)
{
	static const uint64_t wrong[] = { 60, 31 };
	struct frame_accounting a = balanced;
	char reason[256];

	a.workers = wrong;
	EXPECT(!accounting_check(&a, reason, sizeof(reason)), "not found");
	EXPECT(strstr(reason, "received 91 frames, but their sum is 90"), "%s",
	       reason);
}

Test(accounting, foreign_frames_are_found)
{
	struct frame_accounting a = balanced;
	char reason[256];

	a.foreign = 2;
	EXPECT(!accounting_check(&a, reason, sizeof(reason)), "not found");
	EXPECT(strstr(reason, "2 received frames have no marker"), "%s",
	       reason);
}

Test(accounting, unknown_counts_are_valid)
{
	struct frame_accounting a = balanced;
	char reason[256];

	a.sent_known = false;
	a.sent = 0;
	EXPECT(accounting_check(&a, reason, sizeof(reason)), "%s", reason);
}

/* ---- The schedule ------------------------------------------------------- */

Test(pace, a_second_has_as_many_frames_as_the_rate)
{
	static const double rates[] = { 1, 7, 1000, 123456, 3000000 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
		struct pace p;
		uint64_t n = 0;

		pace_start(&p, rates[i], 5 * SECOND);
		for (uint64_t t = 0; t < SECOND; t += 1000)
			n += pace_take(&p, 5 * SECOND + t, 64);
		/* The frame at the end is due only then. */
		EXPECT(n + 4 >= rates[i] && n <= rates[i] + 1, "%llu of %.0f",
		       (unsigned long long)n, rates[i]);
	}
}

Test(pace, no_frame_is_due_early)
{
	struct pace p;

	pace_start(&p, 1000, 0);
	EXPECT_EQ(pace_take(&p, 0, 64), 1);
	EXPECT_EQ(pace_take(&p, 999999, 64), 0);
	EXPECT_EQ(pace_wait(&p, 400000), 600000);
	EXPECT_EQ(pace_take(&p, 1000000, 64), 1);
	EXPECT_EQ(pace_wait(&p, 2000000), 0);
}

Test(pace, a_short_delay_is_made_up_and_a_long_one_is_not)
{
	struct pace p;
	uint64_t n = 0;

	pace_start(&p, 100000, 0);
	for (int i = 0; i < 100; i++)
		n += pace_take(&p, 5000000, 64); /* 5 ms late */
	EXPECT_EQ(n, 501);
	for (int i = 0; i < 100; i++)
		n += pace_take(&p, SECOND, 64); /* then 1 s late */
	/* Only the frames of the last 10 ms are sent. */
	EXPECT(n > 501 + 990 && n < 501 + 1010, "%llu frames",
	       (unsigned long long)n);
	EXPECT(p.lag_max > SECOND / 10 * 9, "a lag of %llu ns",
	       (unsigned long long)p.lag_max);
}

Test(pace, without_a_rate_all_frames_are_due)
{
	struct pace p;

	pace_start(&p, 0, 0);
	EXPECT_EQ(pace_take(&p, 0, 64), 64);
	EXPECT_EQ(pace_wait(&p, 0), 0);
}

/* ---- Bisection ---------------------------------------------------------- */

/* Finds what is lost above `limit`; returns how many it tried. */
static unsigned find(struct bisect *s, double limit, double max,
		     double resolution)
{
	unsigned n = 0;
	double next;

	bisect_start(s, 16, max, resolution);
	while ((next = bisect_next(s)) > 0 && n < 100) {
		EXPECT(next <= max, "above the maximum");
		bisect_record(s, next, next <= limit);
		n++;
	}
	return n;
}

Test(bisect, the_limit_is_found_to_the_resolution)
{
	for (uint64_t i = 20; i < 1000000; i += i / 2) {
		double limit = (double)i;
		struct bisect s;
		unsigned n = find(&s, limit, 1e6, 0.02);

		EXPECT(n < 30, "%u tries", n);
		EXPECT(s.bounded && s.good <= limit && s.bad > limit,
		       "%f to %f", s.good, s.bad);
		EXPECT(s.bad - s.good <= 0.02 * s.bad || s.bad <= 16,
		       "%f to %f", s.good, s.bad);
	}
}

Test(bisect, a_maximum_that_succeeds_is_tried_once)
{
	struct bisect s;

	EXPECT_EQ(find(&s, 2e6, 1e6, 0.02), 1);
	EXPECT(!s.bounded, "the search is bounded");
	EXPECT_EQ(s.good, 1e6);
}

Test(bisect, a_value_that_cannot_be_tried_is_a_limit)
{
	struct bisect s;

	bisect_start(&s, 16, 1e6, 0.02);
	bisect_limit(&s, 4e5);
	bisect_record(&s, 4e5, true);
	EXPECT_EQ(bisect_next(&s), 0);
	EXPECT(s.limited && !s.bounded, "no limit");
	EXPECT_EQ(s.good, 4e5);
}

Test(bisect, the_search_ends_if_nothing_succeeds)
{
	struct bisect s;

	EXPECT(find(&s, 0, 1e6, 0.02) < 20, "the search does not end");
	EXPECT_EQ(s.good, 0);
}

Test(stats, the_median_is_in_the_middle)
{
	double odd[] = { 3, 1, 2 };
	double even[] = { 4, 1, 3, 2 };

	EXPECT_EQ(stats_median(odd, 3), 2);
	EXPECT_EQ(10 * stats_median(even, 4), 25);
	EXPECT(stats_median(odd, 0) != stats_median(odd, 0), "of nothing");
}

/* ---- CPUs for workers --------------------------------------------------- */

/* Two nodes with two cores each; each core has a sibling. */
static struct cpu_core cores[] = {
	{ .cpu = 6, .sibling = 7, .node = 1 },
	{ .cpu = 4, .sibling = 5, .node = 1 },
	{ .cpu = 2, .sibling = 3, .node = 0 },
	{ .cpu = 0, .sibling = 1, .node = 0 },
};

static const struct placement machine = {
	.receiver = 6,
	.sender = 4,
	.list = cores,
	.cores = 4,
};

static void expect_cpus(const char *policy, const char *expected)
{
	struct pktio_error error = { 0 };
	char text[64] = "";
	int cpus[8];
	int r = affinity_assign(cpus, 8, &machine, policy, true, &error);

	EXPECT(r == 0, "%s: %s", policy, error.text);
	for (int i = 0; i < 8; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text),
			 "%d ", cpus[i]);
	EXPECT_STR(text, expected);
}

Test(affinity, workers_get_cores_first_and_siblings_last)
{
	expect_cpus("cores", "6 2 0 4 7 3 1 5 ");
	expect_cpus("numa", "6 2 4 0 7 3 1 5 ");
	expect_cpus("list:0,5-7", "0 5 6 7 0 5 6 7 ");
}

Test(affinity, more_workers_than_cpus_are_refused)
{
	struct pktio_error error = { 0 };
	int cpus[16];

	EXPECT(affinity_assign(cpus, 9, &machine, "cores", false, &error) < 0,
	       "9 workers on 8 CPUs");
	EXPECT(strstr(error.text, "--workers 9: there are only 8 CPUs"), "%s",
	       error.text);
	EXPECT_EQ(affinity_assign(cpus, 9, &machine, "cores", true, &error), 0);
	EXPECT(affinity_assign(cpus, 3, &machine, "list:0-1", false, &error) <
		       0,
	       "3 workers on 2 CPUs");
	EXPECT(strstr(error.text, "in --bind"), "%s", error.text);
	EXPECT(affinity_assign(cpus, 1, &machine, "list:8", false, &error) < 0,
	       "no such CPU");
	EXPECT(strstr(error.text, "CPU 8 does not exist"), "%s", error.text);
}

/* ---- Markers ------------------------------------------------------------ */

Test(markers, both_directions_of_a_flow_have_one_number)
{
	static const struct pktio_setting settings[] = {
		{ "flows", "10" },  { "ip", "both" },  { "proto", "both" },
		{ "vlan", "qinq" }, { "size", "128" },
	};
	struct pktio_error error = { 0 };
	struct traffic *t;
	struct marker_reader *markers;
	unsigned seen = 0;
	int r = traffic_generate(&t, settings, 5, &error);

	REQUIRE(r == 0, "%s", error.text);
	REQUIRE(markers_write(t, &error) == 0, "%s", error.text);
	EXPECT_EQ(t->flows, 10);
	markers = marker_reader_new(t->flows, true);
	for (size_t i = 0; i < t->n; i++) {
		uint8_t *frame = t->bytes + t->frames[i].at;

		marker_set_time(frame + t->frames[i].len, 1000);
		marker_read(markers, frame, t->frames[i].len, 3000);
	}
	for (size_t i = 0; i < 20; i++)
		seen += markers->seen[i];
	EXPECT_EQ(seen, 20);
	EXPECT_EQ(markers->foreign, 0);
	EXPECT_EQ(histogram_quantile(markers->latency, 0.5), 2000);
	/* A frame without a marker. */
	t->bytes[t->frames[0].at + t->frames[0].len - MARKER_SIZE]++;
	marker_read(markers, t->bytes + t->frames[0].at, t->frames[0].len,
		    3000);
	EXPECT_EQ(markers->foreign, 1);
	marker_reader_free(markers);
	traffic_free(t);
}
