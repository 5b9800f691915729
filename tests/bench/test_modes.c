/* SPDX-License-Identifier: BSD-3-Clause */
/* The modes of bench: what they measure, and that every frame is accounted for.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_bench.h"
#include "support/codecs.h"
#include "support/expect.h"

static json_t *member(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);

	REQUIRE(value, "no '%s'", name);
	return value;
}

static const char *text(const json_t *object, const char *name)
{
	const char *value = json_string_value(member(object, name));

	REQUIRE(value, "'%s' is no text", name);
	return value;
}

/* In every run of the report all frames are accounted for. */
static void expect_accounts(const json_t *report)
{
	const json_t *runs = member(report, "runs");

	EXPECT(json_array_size(runs) > 0, "no runs");
	for (size_t i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);

		EXPECT(json_is_true(member(run, "valid")), "run %zu is invalid",
		       i);
		EXPECT(json_is_null(member(run, "reason")), "a reason");
		EXPECT_EQ(bench_number(run, "unaccounted"), 0);
		EXPECT_EQ(bench_number(run, "sent"),
			  bench_number(run, "received") +
				  bench_number(run, "dropped") +
				  bench_number(run, "filtered"));
	}
}

/* Runs bench and checks what all reports have in common. */
static json_t *measured(const char *line, const char *mode)
{
	struct outcome o;
	json_t *report;

	bench_live(&o, line);
	EXPECT(o.status == 0, "%s: exit %d: %s", line, o.status, o.err);
	report = bench_json(&o);
	EXPECT_EQ(bench_number(report, "schema"), 3);
	EXPECT_STR(text(report, "mode"), mode);
	expect_accounts(report);
	EXPECT(json_array_size(member(report, "results")) > 0, "no results");
	text(member(report, "environment"), "counters");
	return report;
}

static const json_t *finding(const json_t *report, const char *name,
			     const char *receiver)
{
	const json_t *list = member(report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);

		if (strcmp(text(f, "name"), name) == 0 &&
		    strcmp(text(f, "receiver"), receiver) == 0)
			return f;
	}
	REQUIRE(false, "no finding '%s' of %s", name, receiver);
	return NULL;
}

static const json_t *series(const json_t *report, const char *name)
{
	const json_t *list = member(report, "series");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(text(json_array_get(list, i), "name"), name) == 0)
			return json_array_get(list, i);
	REQUIRE(false, "no series '%s'", name);
	return NULL;
}

static const json_t *point(const json_t *report, size_t i)
{
	const json_t *p = json_array_get(member(report, "points"), i);

	REQUIRE(p, "no point %zu", i);
	return p;
}

/* ---- Scaling ------------------------------------------------------------ */

Test(modes, rings_share_the_traffic_and_no_flow_is_split)
{
	static const char *const names[] = { "af_packet", "raw", "libpcap" };
	json_t *report = measured(
		"--workers 2 --oversubscribe --bind list:0 --runs 1 --time 0.5"
		" --rate 50k --vs raw --vs libpcap --json",
		"scaling");
	const json_t *runs = member(report, "runs");
	unsigned shared = 0;

	for (size_t i = 0; i < 3; i++) {
		const json_t *f = finding(report, "split_flows", names[i]);

		EXPECT_EQ(bench_number(f, "value"), 0);
		finding(report, "efficiency", names[i]);
	}
	for (size_t i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);
		const json_t *workers = member(run, "workers");
		double sum = 0;

		if (json_array_size(workers) == 0)
			continue;
		for (size_t j = 0; j < json_array_size(workers); j++) {
			const json_t *w = json_array_get(workers, j);

			EXPECT(bench_number(w, "received") > 0,
			       "a worker received nothing");
			sum += bench_number(w, "received");
		}
		EXPECT_EQ(sum, bench_number(run, "received"));
		shared++;
	}
	EXPECT_EQ(shared, 6);
	EXPECT_EQ(
		json_array_size(member(series(report, "efficiency"), "points")),
		2);
	json_decref(report);
}

Test(modes, a_worker_on_the_cpu_of_the_sender_is_noted)
{
	char line[128];
	struct outcome o;
	json_t *report;
	const json_t *notes;
	const char *at;

	run_bench(&o, "--show-placement");
	at = strstr(o.out, "sender on CPU ");
	REQUIRE(at, "%s", o.out);
	snprintf(line, sizeof(line),
		 "--bind list:%d --sender ring --runs 1 --time 0.1 --json",
		 (int)strtol(at + strlen("sender on CPU "), NULL, 10));
	report = measured(line, "plain");
	notes = member(report, "notes");
	EXPECT(json_array_size(notes) == 1 &&
		       strstr(json_string_value(json_array_get(notes, 0)),
			      "take time from each other"),
	       "no note");
	json_decref(report);
}

/* ---- Rate and loss ------------------------------------------------------ */

Test(modes, rates_are_offered_as_set)
{
	json_t *report = measured("--rates 5k,20k,max --runs 1 --time 0.2"
				  " --sender sendmmsg --json",
				  "rates");
	static const double rates[] = { 5e3, 20e3 };

	for (size_t i = 0; i < 2; i++) {
		const json_t *run = json_array_get(member(report, "runs"), i);

		EXPECT_EQ(bench_number(run, "offered_pps"), rates[i]);
		/* A busy machine may miss the rate, but not exceed it. */
		EXPECT(bench_number(run, "sent_pps") < rates[i] * 1.05,
		       "%.0f/s were sent", bench_number(run, "sent_pps"));
		EXPECT(bench_number(run, "pacing_lag_max_ns") >= 0, "no lag");
	}
	EXPECT(json_is_null(member(json_array_get(member(report, "runs"), 2),
				   "offered_pps")),
	       "max has a rate");
	/* Without a schedule, x is the rate that was reached. */
	EXPECT_EQ(json_array_size(member(series(report, "loss"), "points")), 3);
	json_decref(report);
}

Test(modes, search_finds_the_rate_without_loss)
{
	json_t *report = measured("--search zero-loss --rate 20k --runs 1"
				  " --time 0.1 --sender sendmmsg --json",
				  "search");
	const json_t *f = finding(report, "zero_loss_pps", "af_packet");

	EXPECT(bench_number(f, "value") > 0 && bench_number(f, "value") <= 20e3,
	       "%.0f/s", bench_number(f, "value"));
	EXPECT(strstr(text(f, "text"), "frames/s without loss"), "%s",
	       text(f, "text"));
	if (bench_number(f, "value") >= 20e3)
		EXPECT(strstr(text(f, "text"), "--rate limits the search"),
		       "%s", text(f, "text"));
	json_decref(report);
}

/* A longer burst than the ring holds is lost, which ends the search. */
Test(modes, burst_finds_the_capacity_of_the_ring)
{
	json_t *report = measured(
		"--burst --runs 1 --time 0.03 --sender sendmmsg"
		" --resolution 40 -o ring-size=128K -o block-size=32K --json",
		"burst");
	const json_t *ours = finding(report, "largest_burst", "af_packet");

	EXPECT(json_is_false(member(ours, "at_least")), "no burst was lost");
	/* A frame of 60 bytes uses about 150 bytes of the ring. */
	EXPECT(bench_number(ours, "value") > 100 &&
		       bench_number(ours, "value") < 1100,
	       "%.0f frames", bench_number(ours, "value"));
	json_decref(report);
}

Test(modes, every_frame_size_is_measured)
{
	json_t *report = measured("--sizes 60,1514,imix,jumbo --runs 1"
				  " --time 0.05 --json",
				  "plain");
	static const double sizes[] = { 60, 1514, 0, 9014 };

	for (size_t i = 0; i < 4; i++) {
		const json_t *p = point(report, i);
		const json_t *c = json_array_get(member(p, "results"), 0);

		if (sizes[i] > 0)
			EXPECT_EQ(bench_number(c, "bytes"),
				  sizes[i] * bench_number(c, "received"));
		else
			EXPECT_STR(text(member(p, "parameters"), "size"),
				   "imix");
	}
	EXPECT_EQ(json_array_size(member(series(report, "pps"), "points")), 3);
	json_decref(report);
}

/* ---- Latency and idle rings --------------------------------------------- */

Test(modes, latency_follows_the_block_timeout)
{
	json_t *report = measured(
		"--latency --rate 2k --vary block-timeout=1ms,100ms --runs 1"
		" --time 0.2 --vs raw --vs libpcap --json",
		"plain");
	const json_t *quick =
		json_array_get(member(point(report, 0), "results"), 0);
	const json_t *slow =
		json_array_get(member(point(report, 1), "results"), 0);

	EXPECT(bench_number(quick, "latency_p50_ns") > 1000,
	       "the latency is too small");
	EXPECT(bench_number(slow, "latency_p50_ns") >
		       2 * bench_number(quick, "latency_p50_ns"),
	       "the latency does not follow the timeout");
	for (size_t i = 0; i < json_array_size(member(report, "runs")); i++) {
		const json_t *run = json_array_get(member(report, "runs"), i);
		const json_t *latency = member(run, "latency");

		EXPECT_EQ(bench_number(latency, "count"),
			  bench_number(run, "received"));
		EXPECT(bench_number(latency, "p50") <=
				       bench_number(latency, "p99") &&
			       bench_number(latency, "p99") <=
				       bench_number(latency, "max"),
		       "quantiles out of order");
	}
	EXPECT_STR(text(member(series(report, "latency_cdf"), "x"), "name"),
		   "latency_ns");
	json_decref(report);
}

Test(modes, an_idle_ring_is_compared_with_no_ring)
{
	json_t *report = measured("--idle --runs 1 --time 0.2 --json", "idle");
	const json_t *results = member(report, "results");

	EXPECT_EQ(json_array_size(results), 2);
	EXPECT_STR(text(json_array_get(results, 1), "name"), "none");
	for (size_t i = 0; i < 2; i++) {
		const json_t *c = json_array_get(results, i);

		EXPECT_EQ(bench_number(c, "received"), 0);
		EXPECT(bench_number(c, "cpu_share") >= 0 &&
			       bench_number(c, "cpu_share") < 0.9,
		       "idle, at %f of a CPU", bench_number(c, "cpu_share"));
	}
	json_decref(report);
}

/* ---- Files -------------------------------------------------------------- */

Test(modes, the_same_frames_are_read_in_all_formats, .init = need_codecs)
{
	char path[64];
	char line[256];
	struct outcome o;
	json_t *report;
	const json_t *points;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--formats all --file %s --runs 1 --time 0.02 --vs raw --json",
		 path);
	run_bench(&o, line);
	unlink(path);
	report = bench_json(&o);
	expect_accounts(report);
	points = member(report, "points");
	EXPECT_EQ(json_array_size(points), 8);
	for (size_t i = 0; i < json_array_size(points); i++) {
		const json_t *p = json_array_get(points, i);
		bool plain = strcmp(text(member(p, "parameters"), "codec"),
				    "none") == 0;

		/* Other receivers do not read compressed files. */
		EXPECT_EQ(json_array_size(member(p, "results")), plain ? 2 : 1);
	}
	json_decref(report);
}

Test(modes, replay_jitter_writes_a_report)
{
	char path[64];
	char line[256];
	struct outcome o;
	json_t *report;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--replay-jitter --file %s --time 5 -o loop=10 -o rate=1kpps"
		 " --json",
		 path);
	run_bench(&o, line);
	unlink(path);
	report = bench_json(&o);
	EXPECT_STR(text(report, "mode"), "replay_jitter");
	EXPECT_EQ(
		bench_number(member(member(report, "replay_jitter"), "latency"),
			     "count"),
		30);
	EXPECT(json_array_size(
		       member(series(report, "latency_cdf"), "points")) > 0,
	       "no curve");
	json_decref(report);
}

/* ---- Invalid runs ------------------------------------------------------- */

/* The file grows after bench has counted its frames. */
Test(modes, unaccounted_frames_make_a_run_invalid)
{
	char path[64];
	char line[256];
	struct outcome o;
	json_error_t error;
	json_t *report;
	struct program *p;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--backend pcap_file --file %s --runs 1 --time 1.5 --json",
		 path);
	p = bench_start(line);
	/* The new frames are in the first page, so none is read partly. */
	for (int i = 0; i < 3; i++) {
		usleep(400000);
		bench_capture_grow(path);
	}
	program_finish(p, &o);
	unlink(path);
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "INVALID") &&
		       strstr(o.err, "are invalid: not all") &&
		       strstr(o.err, "frames were sent, but"),
	       "%s", o.err);
	report = json_loads(o.out, 0, &error);
	REQUIRE(report, "%s", error.text);
	EXPECT(json_is_false(member(json_array_get(member(report, "runs"), 0),
				    "valid")),
	       "the run is valid");
	EXPECT(strstr(text(json_array_get(member(report, "runs"), 0), "reason"),
		      "more"),
	       "no reason");
	EXPECT(json_is_null(member(json_array_get(member(report, "results"), 0),
				   "pps")),
	       "the run is in the median");
	json_decref(report);
}

/* ---- Senders ------------------------------------------------------------ */

Test(modes, every_send_method_accounts_for_every_frame)
{
	static const char *const senders[] = { "ring", "sendmmsg", "xdp" };

	for (size_t i = 0; i < 3; i++) {
		char line[128];
		struct outcome o;
		json_t *report;

		snprintf(line, sizeof(line),
			 "--sender %s --rate 20k --latency --runs 1 --time 0.2"
			 " --json",
			 senders[i]);
		bench_live(&o, line);
		if (o.status != 0 && i == 2) {
			/* Without privileges it is refused. */
			EXPECT(strstr(o.err, "it needs CAP_BPF"), "%s", o.err);
			continue;
		}
		report = bench_json(&o);
		expect_accounts(report);
		EXPECT_STR(text(member(member(report, "environment"), "sender"),
				"method"),
			   senders[i]);
		json_decref(report);
	}
}

/* xdp cannot send the IMIX. */
Test(modes, the_reason_of_the_sender_belongs_to_the_first_scenario)
{
	json_t *report = measured(
		"--sizes 60,imix --rates 5k --runs 1 --time 0.1 --json",
		"rates");
	const json_t *sender = member(member(report, "environment"), "sender");
	bool first = strcmp(text(sender, "method"), "xdp") == 0;

	EXPECT(first == !strstr(text(sender, "reason"), "not the preferred"),
	       "%s: %s", text(sender, "method"), text(sender, "reason"));
	json_decref(report);
}

Test(modes, without_privileges_xdp_is_refused_or_replaced)
{
	struct outcome o;
	json_t *report;
	const json_t *notes;

	bench_unprivileged(&o, "--sender xdp --runs 1 --time 0.1");
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "xdp: ") && strstr(o.err, "it needs CAP_BPF"),
	       "%s", o.err);
	bench_unprivileged(&o, "--rates max --runs 1 --time 0.1 --json");
	report = bench_json(&o);
	expect_accounts(report);
	notes = member(report, "notes");
	EXPECT_EQ(json_array_size(notes), 1);
	EXPECT(strstr(json_string_value(json_array_get(notes, 0)),
		      "sent with sendmmsg(2), because of: xdp: "),
	       "another note");
	EXPECT_STR(text(member(member(report, "environment"), "sender"),
			"method"),
		   "sendmmsg");
	json_decref(report);
}
