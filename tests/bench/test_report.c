/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports: pages, plots, comparisons, suites and external tools. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_report.h"
#include "run_bench.h"
#include "support/expect.h"

#define PATH_LENGTH 64

/* ---- Pages -------------------------------------------------------------- */

/* Checks a page with the script check-page. */
static void check_page(const char *page, const char *report)
{
	int status;
	pid_t pid = fork();

	REQUIRE(pid >= 0, "fork");
	if (pid == 0) {
		execlp("python3", "python3", CHECK_PAGE, page, report,
		       (char *)NULL);
		_exit(127);
	}
	REQUIRE_EQ(waitpid(pid, &status, 0), pid);
	REQUIRE(WIFEXITED(status), "killed");
	if (WEXITSTATUS(status) == 127)
		cr_skip("no python3");
	EXPECT_EQ(WEXITSTATUS(status), 0);
}

static const struct fake_receiver two[] = {
	{ "af_packet", "backend", { 17, 18, 19, 20 }, { 0, 0, 0, 0 } },
	{ "raw \"&<>", "loop", { 20, 21, 22, 23 }, { 0.1, 0.1, 0.1, 0.1 } },
};

Test(page, has_a_line_for_each_series)
{
	char report[PATH_LENGTH];
	char page[PATH_LENGTH + 8];
	char line[256];
	struct outcome o;

	fake_report_file(report, sizeof(report),
			 fake_report("rates", two, 2, 4));
	snprintf(page, sizeof(page), "%s.html", report);
	snprintf(line, sizeof(line), "--report %s --html %s", report, page);
	run_bench(&o, line);
	EXPECT(o.status == 0, "%s", o.err);
	check_page(page, report);
	unlink(page);
	unlink(report);
}

/* Eight lines end at the same point. */
Test(page, names_of_lines_do_not_overlap)
{
	static const char *const names[] = { "a", "bb", "ccc", "dddd",
					     "e", "ff", "ggg", "hhhh" };
	struct fake_receiver same[8];
	char report[PATH_LENGTH];
	char page[PATH_LENGTH + 8];
	char line[256];
	struct outcome o;

	for (size_t i = 0; i < 8; i++)
		same[i] = (struct fake_receiver){ names[i],
						  i ? "loop" : "backend",
						  { 5, 5, 5, 5 },
						  { 0.2, 0.2, 0.2, 0.2 } };
	fake_report_file(report, sizeof(report),
			 fake_report("rates", same, 8, 4));
	snprintf(page, sizeof(page), "%s.html", report);
	snprintf(line, sizeof(line), "--report %s --html %s", report, page);
	run_bench(&o, line);
	EXPECT(o.status == 0, "%s", o.err);
	check_page(page, report);
	unlink(page);
	unlink(report);
}

/* From the runs to the page. */
Test(suite, smoke_writes_one_document_and_one_page)
{
	char report[PATH_LENGTH] = "/tmp/pktio-suite-XXXXXX";
	char page[PATH_LENGTH + 8];
	char line[256];
	struct outcome o;
	json_t *suite;
	json_t *reports;
	int fd = mkstemp(report);

	REQUIRE(fd >= 0, "no temporary file");
	close(fd);
	snprintf(page, sizeof(page), "%s.html", report);
	snprintf(line, sizeof(line),
		 "--suite smoke --time 0.05 --runs 1 --json=%s --html %s",
		 report, page);
	bench_live(&o, line);
	EXPECT(o.status == 0, "exit %d: %s", o.status, o.err);
	suite = json_load_file(report, 0, NULL);
	REQUIRE(suite, "no JSON");
	EXPECT_EQ(bench_number(suite, "schema"), 3);
	EXPECT_STR(json_string_value(json_object_get(suite, "suite")), "smoke");
	EXPECT_EQ(json_array_size(json_object_get(suite, "failures")), 0);
	reports = json_object_get(suite, "reports");
	EXPECT_EQ(json_array_size(reports), 2);
	for (size_t i = 0; i < json_array_size(reports); i++)
		EXPECT(json_is_string(json_object_get(
			       json_array_get(reports, i), "title")),
		       "no title");
	EXPECT(strstr(o.out, "1 of 2: Maximum rate"), "%s", o.out);
	check_page(page, report);
	json_decref(suite);
	unlink(page);
	unlink(report);
}

/* ---- Plots -------------------------------------------------------------- */

/* Puts a fake gnuplot, which runs a shell script, first on the PATH. */
static void fake_gnuplot(char *directory, const char *script)
{
	char path[PATH_LENGTH];
	FILE *file;

	REQUIRE(mkdtemp(directory), "no temporary directory");
	snprintf(path, sizeof(path), "%s/gnuplot", directory);
	file = fopen(path, "we");
	REQUIRE(file, "no file");
	fprintf(file, "#!/bin/sh\n%s\n", script);
	REQUIRE_EQ(fclose(file), 0);
	REQUIRE_EQ(chmod(path, 0700), 0);
	snprintf(path, sizeof(path), "%s:/usr/bin:/bin", directory);
	setenv("PATH", path, 1);
}

static void remove_gnuplot(const char *directory)
{
	char path[PATH_LENGTH];

	snprintf(path, sizeof(path), "%s/gnuplot", directory);
	unlink(path);
	rmdir(directory);
}

static void plot(struct outcome *ret, char *report, size_t size)
{
	char line[256];

	fake_report_file(report, size, fake_report("rates", two, 2, 4));
	snprintf(line, sizeof(line), "--report %s --plot a'b.png", report);
	run_bench(ret, line);
	unlink(report);
}

Test(plot, the_script_has_every_line_and_bar)
{
	char directory[] = "/tmp/pktio-fake-XXXXXX";
	char report[PATH_LENGTH];
	struct outcome o;

	fake_gnuplot(directory, "cat");
	plot(&o, report, sizeof(report));
	remove_gnuplot(directory);
	EXPECT(o.status == 0, "%s", o.err);
	EXPECT(strstr(o.out, "set output 'a''b.png'"), "%s", o.out);
	EXPECT(strstr(o.out, "$line0 << END") && strstr(o.out, "$line1 << END"),
	       "a line is missing");
	EXPECT(strstr(o.out, "set label 'raw \"&<>' at graph"),
	       "no name at a line");
	EXPECT(strstr(o.out, "$bars << END"), "no bars");
	EXPECT(!strstr(o.out, "nan"), "%s", o.out);
}

Test(plot, a_missing_or_failing_gnuplot_is_reported)
{
	char directory[] = "/tmp/pktio-fake-XXXXXX";
	char report[PATH_LENGTH];
	struct outcome o;

	fake_gnuplot(directory, "exit 1");
	plot(&o, report, sizeof(report));
	remove_gnuplot(directory);
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "--plot: gnuplot failed"), "%s", o.err);
	setenv("PATH", "/nowhere", 1);
	plot(&o, report, sizeof(report));
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "gnuplot is not on the PATH"), "%s", o.err);
}

/* ---- Comparisons -------------------------------------------------------- */

/* Compares two reports and releases them. */
static void compare(struct outcome *ret, const char *options, json_t *old,
		    json_t *new)
{
	char a[PATH_LENGTH];
	char b[PATH_LENGTH];
	char line[256];

	fake_report_file(a, sizeof(a), old);
	fake_report_file(b, sizeof(b), new);
	snprintf(line, sizeof(line), "%s --compare %s %s", options, a, b);
	run_bench(ret, line);
	unlink(a);
	unlink(b);
}

static json_t *alone(double cpu, double step, double loss, size_t runs)
{
	struct fake_receiver m = { .name = "af_packet", .kind = "backend" };

	for (size_t i = 0; i < runs; i++) {
		m.cpu[i] = cpu + step * (double)i;
		m.loss[i] = loss;
	}
	return fake_report("plain", &m, 1, runs);
}

Test(compare, more_cpu_time_is_worse)
{
	struct outcome o;

	compare(&o, "", alone(20, 0.1, 0, 5), alone(22, 0.1, 0, 5));
	EXPECT(o.status == 1, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "WORSE") && strstr(o.out, "+9.9 %"), "%s", o.out);
	EXPECT(strstr(o.out, "0 better, 1 worse"), "%s", o.out);
	EXPECT(strstr(o.out, "p 0.0079"), "%s", o.out);
}

Test(compare, less_cpu_time_is_better)
{
	struct outcome o;

	compare(&o, "", alone(22, 0.1, 0, 5), alone(20, 0.1, 0, 5));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "1 better, 0 worse"), "%s", o.out);
}

Test(compare, more_loss_is_worse)
{
	struct outcome o;

	compare(&o, "", alone(20, 0.1, 0, 5), alone(20, 0.1, 0.01, 5));
	EXPECT(o.status == 1, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "WORSE"), "%s", o.out);
}

Test(compare, runs_that_overlap_show_no_difference)
{
	struct outcome o;

	compare(&o, "", alone(20, 1, 0, 5), alone(21.5, 1, 0, 5));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "no significant difference"), "%s", o.out);
	EXPECT(strstr(o.out, "0 better, 0 worse"), "%s", o.out);
}

Test(compare, a_small_difference_is_within_the_tolerance)
{
	struct outcome o;

	compare(&o, "", alone(20, 0.01, 0, 5), alone(20.5, 0.01, 0, 5));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "within the tolerance"), "%s", o.out);
	compare(&o, "--tolerance 1", alone(20, 0.01, 0, 5),
		alone(20.5, 0.01, 0, 5));
	EXPECT(o.status == 1, "%s%s", o.out, o.err);
}

Test(compare, three_runs_are_too_few)
{
	struct outcome o;

	compare(&o, "", alone(20, 0.1, 0, 3), alone(40, 0.1, 0, 3));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "too few runs"), "%s", o.out);
}

/* A slower machine slows down both receivers. */
Test(compare, with_a_common_loop_the_ratio_is_judged)
{
	static const struct fake_receiver slow[] = {
		{ "af_packet", "backend", { 34, 36, 38, 40 }, { 0 } },
		{ "raw \"&<>", "loop", { 40, 42, 44, 46 }, { 0 } },
	};
	static const struct fake_receiver changed[] = {
		{ "af_packet", "backend", { 34, 36, 38, 40 }, { 0 } },
		{ "raw \"&<>", "loop", { 20, 21, 22, 23 }, { 0 } },
	};
	struct outcome o;

	compare(&o, "", fake_report("plain", two, 2, 4),
		fake_report("plain", slow, 2, 4));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "CPU ratio") && strstr(o.out, "not judged"), "%s",
	       o.out);
	compare(&o, "", fake_report("plain", two, 2, 4),
		fake_report("plain", changed, 2, 4));
	EXPECT(o.status == 1, "%s%s", o.out, o.err);
}

/* A ratio needs two valid runs of the same round. */
Test(compare, ratios_are_taken_within_a_round)
{
	static const struct fake_receiver more[] = {
		{ "af_packet", "backend", { 17, 18, 19, 20, 21 }, { 0 } },
		{ "raw \"&<>", "loop", { 17, 18, 19, 20, 21 }, { 0 } },
	};
	json_t *old = fake_report("plain", more, 2, 5);
	json_t *runs = json_object_get(old, "runs");
	struct outcome o;
	const char *at;

	/* The first run of one receiver and the last run of the other. */
	json_object_set_new(json_array_get(runs, 0), "valid", json_false());
	json_object_set_new(json_array_get(runs, 9), "valid", json_false());
	compare(&o, "", old, fake_report("plain", more, 2, 5));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	at = strstr(o.out, "1 (1 to 1)");
	EXPECT(at && strstr(at + 1, "1 (1 to 1)"), "%s", o.out);
}

static json_t *searched(double value, bool at_least)
{
	static const struct fake_receiver m = {
		"af_packet", "backend", { 20 }, { 0 }
	};
	json_t *report = fake_report("search", &m, 1, 4);

	json_array_append_new(json_object_get(report, "findings"),
			      json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:b}",
					"name", "zero_loss_pps", "receiver",
					"af_packet", "scenario", "", "value",
					value, "min", value, "max", value,
					"at_least", (int)at_least));
	return report;
}

Test(compare, a_value_limited_by_the_sender_is_not_worse)
{
	struct outcome o;

	compare(&o, "", searched(2e6, false), searched(1e6, true));
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out, "not judged: limited by the sender"), "%s", o.out);
	compare(&o, "", searched(2e6, true), searched(1e6, false));
	EXPECT(o.status == 1, "%s%s", o.out, o.err);
}

Test(compare, another_machine_is_a_warning)
{
	json_t *other = alone(20, 0.1, 0, 5);
	struct outcome o;

	json_object_set_new(json_object_get(other, "machine"), "kernel",
			    json_string("6.18"));
	compare(&o, "", alone(20, 0.1, 0, 5), other);
	EXPECT(o.status == 0, "%s%s", o.out, o.err);
	EXPECT(strstr(o.out,
		      "warning: machine.kernel differs: old \"6.1\", new \"6.18\""),
	       "%s", o.out);
}

Test(compare, files_without_a_common_receiver_are_refused)
{
	struct fake_receiver other = two[0];
	json_t *schema = alone(20, 0.1, 0, 5);
	struct outcome o;

	compare(&o, "", alone(20, 0.1, 0, 5),
		fake_report("rates", &other, 1, 4));
	EXPECT_EQ(o.status, 2);
	EXPECT(strstr(o.err, "no receiver in common"), "%s", o.err);
	other.name = "gen";
	compare(&o, "", alone(20, 0.1, 0, 5),
		fake_report("plain", &other, 1, 4));
	EXPECT_EQ(o.status, 2);
	json_object_set_new(schema, "schema", json_integer(1));
	compare(&o, "", alone(20, 0.1, 0, 5), schema);
	EXPECT_EQ(o.status, 2);
	EXPECT(strstr(o.err,
		      "has schema 1, but this version of bench reads schema 3"),
	       "%s", o.err);
}

/* ---- Wrong usage -------------------------------------------------------- */

Test(report, wrong_usage_is_refused_with_a_message)
{
	static const struct {
		const char *line;
		int status;
		const char *message;
	} wrong[] = {
		{ "--compare a.json", 2, "--compare OLD.json NEW.json" },
		{ "--compare /nowhere/a /nowhere/b", 2, "No such file" },
		{ "--compare /dev/null /dev/null", 2, "is not JSON" },
		{ "--report /dev/null", 2, "--html FILE" },
		{ "--report /dev/null --html x", 1, "is not JSON" },
		{ "--suite none", 2, "the suites are: smoke, quick, full" },
		{ "--suite quick --latency", 2, "--suite sets modes" },
		{ "--suite quick --resolution 5", 2, "--suite sets modes" },
		{ "--tolerance 0", 2, "--tolerance: invalid value '0'" },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct outcome o;

		run_bench(&o, wrong[i].line);
		EXPECT(o.status == wrong[i].status, "%s: exit %d: %s",
		       wrong[i].line, o.status, o.err);
		EXPECT(strstr(o.err, wrong[i].message), "%s: %s", wrong[i].line,
		       o.err);
	}
}

/* ---- External tools ----------------------------------------------------- */

Test(tools, tcpdump_accounts_for_every_frame)
{
	struct outcome o;
	json_t *report;
	const json_t *result;

	if (access("/usr/bin/tcpdump", X_OK) < 0 &&
	    access("/usr/sbin/tcpdump", X_OK) < 0)
		cr_skip("no tcpdump");
	bench_live(&o, "--vs tcpdump --time 0.2 --runs 1 --rate 50k --json");
	report = bench_json(&o);
	result = json_array_get(json_object_get(report, "results"), 1);
	EXPECT_STR(json_string_value(json_object_get(result, "name")),
		   "tcpdump");
	EXPECT_STR(json_string_value(json_object_get(result, "kind")), "tool");
	EXPECT(strstr(json_string_value(json_object_get(result, "command")),
		      "-i bench-rx"),
	       "not on the interface");
	EXPECT(strstr(json_string_value(
			      json_object_get(result, "tool_version")),
		      "tcpdump version"),
	       "no version");
	EXPECT(bench_number(result, "received") > 0, "nothing received");
	EXPECT_EQ(bench_number(result, "unaccounted"), 0);
	EXPECT(bench_number(result, "cpu_ns_per_packet") > 0, "no CPU time");
	EXPECT(json_is_null(json_object_get(result, "bytes")),
	       "bytes that nobody counted");
	json_decref(report);
}

/* Two processes of a tool would both receive all frames. */
Test(tools, a_tool_is_skipped_at_points_with_several_rings)
{
	struct outcome o;
	json_t *report;
	const json_t *points;

	if (access("/usr/bin/tcpdump", X_OK) < 0 &&
	    access("/usr/sbin/tcpdump", X_OK) < 0)
		cr_skip("no tcpdump");
	bench_live(&o, "--workers 2 --oversubscribe --bind list:0 --vs tcpdump"
		       " --time 0.1 --runs 1 --rate 20k --json");
	report = bench_json(&o);
	points = json_object_get(report, "points");
	EXPECT_EQ(json_array_size(points), 3);
	for (size_t i = 0; i < json_array_size(points); i++)
		EXPECT_EQ(json_array_size(json_object_get(
				  json_array_get(points, i), "results")),
			  i == 0 ? 2 : 1);
	json_decref(report);
}

Test(tools, a_missing_tool_is_refused)
{
	char directory[] = "/tmp/pktio-fake-XXXXXX";
	struct outcome o;

	run_bench(&o, "--vs nosuch");
	EXPECT_EQ(o.status, 2);
	EXPECT(strstr(o.err, "unknown receiver 'nosuch'"), "%s", o.err);
	run_bench(&o, "--vs tcpdump --latency");
	EXPECT_EQ(o.status, 2);
	EXPECT(strstr(o.err, "an external tool does not support --latency"),
	       "%s", o.err);
	fake_gnuplot(directory, "exit 1"); /* sets a PATH without zeek */
	run_bench(&o, "--vs zeek");
	remove_gnuplot(directory);
	EXPECT_EQ(o.status, 2);
	EXPECT(strstr(o.err, "the program is not on the PATH"), "%s", o.err);
}

/* bench must not wait for a tool that has ended. */
Test(tools, the_message_of_a_failing_tool_is_reported)
{
	char directory[] = "/tmp/pktio-fake-XXXXXX";
	char from[PATH_LENGTH];
	char to[PATH_LENGTH];
	struct outcome o;

	fake_gnuplot(directory, "echo it is broken >&2; exit 3");
	snprintf(from, sizeof(from), "%s/gnuplot", directory);
	snprintf(to, sizeof(to), "%s/zeek", directory);
	REQUIRE_EQ(rename(from, to), 0);
	bench_live(&o, "--vs zeek --vs raw --time 0.1 --runs 2");
	unlink(to);
	rmdir(directory);
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err,
		      "zeek: ended too early; its last message: it is broken"),
	       "%s", o.err);
	/* The other receivers still run. */
	EXPECT(strstr(o.out, "note: zeek: ended") &&
		       strstr(o.out, "median raw"),
	       "%s", o.out);
}

Test(tools, a_search_refuses_a_tool_without_a_drop_count)
{
	char directory[] = "/tmp/pktio-fake-XXXXXX";
	char from[PATH_LENGTH];
	char to[PATH_LENGTH];
	struct outcome o;

	fake_gnuplot(directory, "exit 1");
	snprintf(from, sizeof(from), "%s/gnuplot", directory);
	snprintf(to, sizeof(to), "%s/tracertstats", directory);
	REQUIRE_EQ(rename(from, to), 0);
	run_bench(&o, "--vs tracertstats --search zero-loss");
	EXPECT_EQ(o.status, 2);
	EXPECT(strstr(o.err,
		      "tracertstats: it does not print how many frames it drops"),
	       "%s", o.err);
	unlink(to);
	rmdir(directory);
}
