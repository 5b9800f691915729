/* SPDX-License-Identifier: BSD-3-Clause */
/* The command bench, run as a user runs it: what it prints and exits with. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_bench.h"
#include "support/expect.h"

/* The receiver `i` of a report, which is to be called so. */
static json_t *receiver(const json_t *report, size_t i, const char *name)
{
	json_t *c = json_array_get(json_object_get(report, "results"), i);

	REQUIRE(c, "no receiver %zu", i);
	EXPECT_STR(json_string_value(json_object_get(c, "name")), name);
	return c;
}

/* Every frame that was sent was received, or lost at a stage that says so. */
static void expect_accounted(const json_t *c)
{
	const json_t *stages = json_object_get(c, "dropped_by_stage");

	EXPECT(bench_number(c, "sent") > 0, "nothing was sent");
	EXPECT_EQ(bench_number(c, "unaccounted"), 0);
	EXPECT_EQ(bench_number(c, "invalid_runs"), 0);
	EXPECT_EQ(bench_number(c, "sent"),
		  bench_number(c, "received") + bench_number(c, "dropped"));
	/* softnet is null where nothing is sent. */
	EXPECT_EQ(
		bench_number(c, "dropped"),
		bench_number(stages, "ring") +
			json_number_value(json_object_get(stages, "softnet")));
}

static void expect_measured(const json_t *c)
{
	expect_accounted(c);
	EXPECT(bench_number(c, "pps") > 0, "no rate");
	EXPECT(bench_number(c, "cpu_ns_per_packet") > 0, "no CPU time");
	EXPECT(bench_number(c, "wakeups") > 0, "it never slept");
}

Test(bench, every_frame_is_accounted_for_by_each_of_the_receivers)
{
	static const char *const names[] = { "af_packet", "raw", "raw-prefetch",
					     "libpcap" };
	struct outcome o;
	json_t *report;
	json_t *ratios;

	bench_live(&o, "--backend af_packet --runs 1 --time 0.2 --json"
		       " --vs raw --vs raw-prefetch --vs libpcap");
	report = bench_json(&o);
	ratios = json_object_get(report, "ratios");
	for (size_t i = 0; i < 4; i++) {
		expect_measured(receiver(report, i, names[i]));
		if (i > 0)
			EXPECT(bench_number(ratios, names[i]) > 0, "no ratio");
	}
	EXPECT(strstr(o.err, "median"), "no table beside the JSON");
	json_decref(report);
}

Test(bench, frames_lost_in_a_ring_that_is_too_small_are_accounted_for)
{
	struct outcome o;
	json_t *report;

	bench_live(&o, "--runs 1 --time 0.2 --json --vs raw -o ring-size=8K"
		       " -o block-size=4K");
	report = bench_json(&o);
	expect_accounted(receiver(report, 0, "af_packet"));
	expect_accounted(receiver(report, 1, "raw"));
	EXPECT(bench_number(receiver(report, 0, "af_packet"), "dropped") > 0,
	       "8 KiB took everything");
	json_decref(report);
}

/* ---- Traffic from a file ------------------------------------------------ */

Test(bench, frames_of_a_file_are_sent_as_they_are_in_it)
{
	char path[64];
	char line[256];
	struct outcome o;
	const json_t *c;
	json_t *report;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--traffic %s --runs 1 --time 0.1 --json --vs libpcap", path);
	bench_live(&o, line);
	unlink(path);
	report = bench_json(&o);
	expect_measured(receiver(report, 0, "af_packet"));
	/* libpcap puts tags back into the bytes, so that it sees them all. */
	c = receiver(report, 1, "libpcap");
	expect_measured(c);
	if (bench_number(c, "dropped") == 0)
		EXPECT_EQ(bench_number(c, "bytes"),
			  bench_capture_bytes(
				  (uint64_t)bench_number(c, "received")));
	json_decref(report);
}

Test(bench, a_file_is_read_over_and_over_until_the_time_is_up)
{
	char path[64];
	char line[256];
	struct outcome o;
	const json_t *c;
	json_t *report;

	bench_capture(path, sizeof(path));
	snprintf(
		line, sizeof(line),
		"--backend pcap_file --traffic %s --runs 2 --time 0.05 --json --vs libpcap",
		path);
	run_bench(&o, line);
	unlink(path);
	report = bench_json(&o);
	c = receiver(report, 0, "pcap_file");
	expect_accounted(c);
	EXPECT(bench_number(c, "received") > 3, "read once only");
	expect_accounted(receiver(report, 1, "libpcap"));
	json_decref(report);
}

Test(bench, a_generator_is_measured_without_any_network)
{
	struct outcome o;
	const json_t *c;
	json_t *report;

	run_bench(&o,
		  "--backend gen --runs 1 --time 0.05 --json -o count=1000");
	report = bench_json(&o);
	c = receiver(report, 0, "gen");
	expect_accounted(c);
	EXPECT_EQ((uint64_t)bench_number(c, "received") % 1000, 0);
	json_decref(report);
}

/* It would go on for ever, and is ended when the time is up. */
Test(bench, a_source_without_an_end_is_measured_for_its_time, .timeout = 60)
{
	char path[64];
	char line[3][256];
	size_t n = geteuid() == 0 ? 3 : 2; /* others cannot open lo */

	bench_capture(path, sizeof(path));
	snprintf(line[0], sizeof(line[0]), "--backend gen -o count=0");
	snprintf(line[1], sizeof(line[1]),
		 "--backend pcap_file --file %s -o follow=yes", path);
	snprintf(line[2], sizeof(line[2]), "--target lo");
	for (size_t i = 0; i < n; i++) {
		char words[sizeof(line) + 32];
		struct outcome o;
		json_t *report;
		const json_t *c;

		snprintf(words, sizeof(words), "%s --runs 2 --time 0.1 --json",
			 line[i]);
		run_bench(&o, words);
		report = bench_json(&o);
		c = json_array_get(json_object_get(report, "results"), 0);
		EXPECT(json_is_null(json_object_get(c, "sent")),
		       "%s: nobody knows how many", words);
		EXPECT(bench_number(c, "seconds") > 0.09 &&
			       bench_number(c, "seconds") < 10,
		       "%s: %f s", words, bench_number(c, "seconds"));
		json_decref(report);
	}
	unlink(path);
}

/* ---- Packet files ------------------------------------------------------- */

/* All receivers found the same in the file, in whole passes. */
Test(bench, a_file_is_read_by_each_of_the_receivers)
{
	static const char *const names[] = { "pcap_file", "libpcap",
					     "libpcap-dispatch", "raw",
					     "raw-mmap" };
	char path[64];
	char line[256];
	struct outcome o;
	json_t *report;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--backend pcap_file --file %s --runs 1 --time 0.05 --json"
		 " --vs libpcap --vs libpcap-dispatch --vs raw --vs raw-mmap",
		 path);
	run_bench(&o, line);
	unlink(path);
	report = bench_json(&o);
	for (size_t i = 0; i < 5; i++) {
		const json_t *c = receiver(report, i, names[i]);
		uint64_t n = (uint64_t)bench_number(c, "received");

		expect_accounted(c);
		EXPECT_EQ(n % 3, 0);
		EXPECT_EQ(bench_number(c, "bytes"), bench_capture_bytes(n));
		EXPECT(bench_number(c, "bytes_per_second") > 0, "no rate");
		if (i == 0)
			continue;
		EXPECT(bench_number(json_object_get(report, "ratios"),
				    names[i]) > 0,
		       "no ratio");
		EXPECT(bench_number(json_object_get(report, "speedups"),
				    names[i]) > 0,
		       "no speedup");
	}
	json_decref(report);
}

Test(bench, a_part_of_a_file_is_not_taken_for_a_loss)
{
	char path[64];
	char line[256];
	struct outcome o;
	const json_t *c;
	json_t *report;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--backend pcap_file --file %s --runs 1 --time 0.02 --json"
		 " -o count=2",
		 path);
	run_bench(&o, line);
	unlink(path);
	report = bench_json(&o);
	c = receiver(report, 0, "pcap_file");
	EXPECT(json_is_null(json_object_get(c, "unaccounted")), "unaccounted");
	EXPECT_EQ((uint64_t)bench_number(c, "received") % 2, 0);
	json_decref(report);
}

/* What each of them wrote is read back by libpcap. */
Test(bench, a_file_is_written_by_each_of_the_receivers)
{
	static const char *const peers[] = { "", " --vs libpcap", " --vs raw" };
	char path[64];

	bench_capture(path, sizeof(path));
	for (size_t i = 0; i < 3; i++) {
		char line[256];
		struct outcome o;
		json_t *report;

		snprintf(line, sizeof(line),
			 "--backend pcap_file --write --target %s --runs 1"
			 " --time 0.02 --json --size 100%s",
			 path, peers[i]);
		run_bench(&o, line);
		report = bench_json(&o);
		EXPECT(bench_number(receiver(report, 0, "pcap_file"), "pps") >
			       0,
		       "nothing was written");
		json_decref(report);
		/* The last one to write was the peer. */
		snprintf(line, sizeof(line),
			 "--backend pcap_file --file %s --runs 1 --time 0.01"
			 " --json --vs libpcap",
			 path);
		run_bench(&o, line);
		report = bench_json(&o);
		expect_accounted(receiver(report, 0, "pcap_file"));
		expect_accounted(receiver(report, 1, "libpcap"));
		json_decref(report);
	}
	unlink(path);
}

Test(bench, lateness_of_a_replay_is_a_histogram)
{
	char path[64];
	char line[256];
	struct outcome o;

	bench_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--replay-jitter --file %s --time 5 -o loop=10 -o rate=1kpps",
		 path);
	run_bench(&o, line);
	unlink(path);
	EXPECT_EQ(o.status, 0);
	EXPECT(strncmp(o.out, "30 frames in ", 13) == 0, "%s", o.out);
	EXPECT(strstr(o.out, "p99 ") && strstr(o.out, "below    50 us"), "%s",
	       o.out);
}

/* ---- Where reports go --------------------------------------------------- */

Test(bench, a_report_of_before_stays_until_there_is_another)
{
	char path[] = "/tmp/pktio-bench-XXXXXX";
	char line[256];
	char text[16] = "";
	struct outcome o;
	json_t *report;
	FILE *file;
	int fd = mkstemp(path);

	REQUIRE(fd >= 0, "no temporary file");
	file = fdopen(fd, "w+");
	fputs("the old one", file);
	fflush(file);
	snprintf(line, sizeof(line), "--backend gen -o cuont=1 --json %s",
		 path);
	run_bench(&o, line);
	EXPECT_EQ(o.status, 1);
	rewind(file);
	EXPECT(fgets(text, sizeof(text), file) &&
		       strcmp(text, "the old one") == 0,
	       "it has '%s'", text);
	/* The new one may be shorter. */
	REQUIRE_EQ(ftruncate(fileno(file), 1 << 20), 0);
	fclose(file);
	snprintf(line, sizeof(line),
		 "--backend gen --runs 1 --time 0.01 -o count=10 --json %s",
		 path);
	run_bench(&o, line);
	EXPECT(o.status == 0, "%s", o.err);
	report = json_load_file(path, 0, NULL);
	EXPECT(report, "no JSON");
	json_decref(report);
	unlink(path);
}

/* Paths are bytes, and texts of JSON are not. */
Test(bench, a_path_that_is_not_utf8_does_not_cost_the_report)
{
	char path[64];
	char other[sizeof(path) + 8];
	char line[256];
	struct outcome o;
	json_t *report;
	const char *uri;

	bench_capture(path, sizeof(path));
	snprintf(other, sizeof(other), "%s.\xff\xc3\xa4", path);
	REQUIRE_EQ(rename(path, other), 0);
	snprintf(line, sizeof(line),
		 "--backend pcap_file --file %s --runs 1 --time 0.01 --json",
		 other);
	run_bench(&o, line);
	unlink(other);
	report = bench_json(&o);
	uri = json_string_value(
		json_object_get(json_object_get(report, "options"), "traffic"));
	EXPECT(uri && strstr(uri, ".\xef\xbf\xbd\xc3\xa4"), "it is %s", uri);
	json_decref(report);
}

/* ---- Wrong usage -------------------------------------------------------- */

static const struct wrong {
	const char *line;
	int status;
	const char *words;
} wrong[] = {
	{ "--runs 0", 2, "--runs: '0' is not a number from 1 to 1000" },
	{ "--runs many", 2, "'many' is not a number" },
	{ "--time -1", 2, "'-1' is not a number of seconds above 0" },
	{ "--time nan", 2, "'nan' is not a number of seconds" },
	{ "--time", 2, "'--time' wants a value" },
	{ "--bogus", 2, "'--bogus': there is no such option" },
	{ "--lateness", 2, "use '--replay-jitter'" },
	{ "--loads 1k", 2, "use '--rates'" },
	{ "--loads=1k", 2, "there is no option '--loads'; use '--rates'" },
	{ "--place", 2, "use '--show-placement'" },
	{ "--vs raw-ahead", 2, "use 'raw-prefetch'" },
	{ "--list=yes", 2, "takes no value" },
	{ "-z", 2, "there is no option '-z'" },
	{ "eth0", 2, "'eth0' is left over" },
	{ "--backend af_paket", 2, "did you mean 'af_packet'?" },
	{ "--options af_paket", 2, "did you mean 'af_packet'?" },
	{ "--vs tcpdmp", 2, "there is: raw, raw-prefetch, raw-mmap, libpcap" },
	{ "--vs raw --vs raw", 2, "'raw' is given twice" },
	{ "-o block-size", 2, "'block-size' is not name=value" },
	{ "--backend pcap_file", 2, "which file?" },
	{ "--vs raw-mmap", 2, "cannot receive what the backend af_packet" },
	{ "--backend pcap_file --file x --vs raw-prefetch", 2,
	  "cannot receive what the backend pcap_file" },
	{ "--write", 2, "only pcap_file writes" },
	{ "--backend pcap_file --write --vs raw-mmap", 2,
	  "raw-mmap: does not write" },
	{ "--replay-jitter", 2, "give it with --file" },
	{ "--replay-jitter --file x --vs raw", 2, "nothing is compared" },
	{ "--replay-jitter --file /no/such/file", 1, "'/no/such/file'" },
	{ "--backend pcap_file --write --target /no/such/file", 1,
	  "'/no/such/file'" },
	{ "--backend gen --vs raw", 2, "cannot receive what the backend gen" },
	{ "--backend gen --interface eth0", 2, "the backend gen has none" },
	{ "--backend gen --size 60", 2, "nothing is sent" },
	{ "--interface eth0 --traffic x", 2, "nothing is sent" },
	{ "--interface eth0 --target x", 2, "exclude each other" },
	{ "--traffic x --size 60", 2, "the frames come from the file" },
	{ "--traffic /no/such/file", 1, "'/no/such/file'" },
	{ "--gen flowz=1", 1, "did you mean 'flows'?" },
	{ "--size 59", 1, "out of range" },
	{ "--json /no/such/directory/file", 1, "cannot write" },
	{ "--html /no/such/directory/file", 1, "cannot write" },
	{ "--plot /no/such/directory/file", 1, "cannot write" },
	{ "--backend gen -o cuont=1", 1, "did you mean 'count'?" },
	{ "--workers 0", 2, "--workers: '0' is not a number from 1 to 256" },
	{ "--workers 200", 1, "--oversubscribe puts several workers on one" },
	{ "--workers 2 --backend gen", 2, "the backend gen has no interface" },
	{ "--workers 2 --rates 1k", 2, "exclude each other" },
	{ "--bind sockets", 2, "is not cores, numa or list:" },
	{ "--bind list:0-", 1, "not a list of CPUs like 0,2-4" },
	{ "--bind list:9999", 1, "there is no CPU 9999" },
	{ "--rate fast", 2, "'fast' is not a number of frames a second" },
	{ "--rate 1k --interface eth0", 2, "nothing is sent to eth0" },
	{ "--rate 1k --rates 2k", 2, "--rates chooses the rates itself" },
	{ "--rates 120%", 2, "'120%' is not from 0 to 100 %" },
	{ "--search best", 2, "there is: zero-loss" },
	{ "--resolution 0", 2, "not a number of percent" },
	{ "--burst=slow", 2, "'slow' is neither stalled nor running" },
	{ "--sizes 60,big", 2, "'big' is neither a number of bytes" },
	{ "--sizes 60 --size 60", 2, "--size and --sizes exclude each other" },
	{ "--sizes 60 --traffic x", 2, "only frames that bench sends" },
	{ "--latency --gen ip=6", 1, "are needed to tell its flow" },
	{ "--latency --backend gen", 2, "nothing is sent to gen" },
	{ "--vary block-size", 2, "'block-size' is not name=value,value" },
	{ "--vary blok-size=1M,2M", 1, "did you mean 'block-size'?" },
	{ "--formats pcap.rar", 2, "there is no 'pcap.rar'" },
	{ "--formats pcap --write", 2, "the files are made of" },
	{ "--sender pigeon", 2, "there is: auto, ring, sendmmsg, xdp" },
	{ "--sender xdp --size imix", 1, "all frames have to be of one size" },
	{ "--sender xdp --size 9000", 1, "frames have to be of" },
};

Test(bench, wrong_usage_is_refused_with_words)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct outcome o;

		run_bench(&o, wrong[i].line);
		EXPECT(o.status == wrong[i].status, "%s: exit %d: %s",
		       wrong[i].line, o.status, o.err);
		EXPECT(strncmp(o.err, "bench: ", 7) == 0 &&
			       strstr(o.err, wrong[i].words),
		       "%s: %s", wrong[i].line, o.err);
		EXPECT(!*o.out, "%s: printed %s", wrong[i].line, o.out);
	}
}

Test(bench, an_interface_that_is_not_there_is_refused_by_name)
{
	struct outcome o;

	run_bench(&o, "--interface nosuch0 --runs 1 --time 0.1");
	if (geteuid() != 0)
		cr_skip("without privilege it is refused before that");
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "'nosuch0'"), "%s", o.err);
}

/* ---- The rest ----------------------------------------------------------- */

static void nap(void)
{
	usleep(20000);
}

Test(bench, ctrl_c_prints_the_runs_so_far)
{
	FILE *out = bench_scratch();
	FILE *err = bench_scratch();
	struct outcome o;
	pid_t pid =
		bench_start("--backend gen --runs 1000 --time 0.1", out, err);

	/* It catches SIGINT from the start of measuring on. */
	for (int i = 0; i < 25; i++)
		nap();
	REQUIRE_EQ(kill(pid, SIGINT), 0);
	bench_finish(&o, pid, out, err);
	EXPECT_EQ(o.status, 130);
	EXPECT(strstr(o.out, "median"), "no table: %s", o.out);
	EXPECT(strstr(o.out, "Interrupted after"), "it does not say so");
}

/* Which is another process, that nobody else would tell. */
Test(bench, a_suite_that_is_ended_ends_its_part)
{
	FILE *out = bench_scratch();
	FILE *err = bench_scratch();
	pid_t pid = bench_start("--suite smoke --time 60", out, err);
	struct outcome o;

	for (int i = 0; i < 25; i++)
		nap();
	REQUIRE_EQ(kill(pid, SIGTERM), 0);
	bench_finish(&o, pid, out, err);
	EXPECT_EQ(o.status, 130);
	EXPECT(strstr(o.out, "Interrupted after"), "%s", o.out);
	EXPECT(!strstr(o.out, "2 of 2"), "%s", o.out);
}

/* The child that it has, other than the one before. */
static pid_t next_part(pid_t pid, pid_t before)
{
	char path[64];
	char line[64];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	for (int i = 0; i < 500; i++) {
		FILE *file = fopen(path, "re");
		pid_t child = 0;

		if (file && fgets(line, sizeof(line), file))
			child = (pid_t)strtol(line, NULL, 10);
		if (file)
			fclose(file);
		if (child != 0 && child != before)
			return child;
		nap();
	}
	REQUIRE(false, "no part was started");
	return 0;
}

Test(bench, a_part_that_a_signal_ended_is_named_with_it)
{
	FILE *out = bench_scratch();
	FILE *err = bench_scratch();
	pid_t pid = bench_start("--suite smoke --time 60 --json", out, err);
	pid_t first = next_part(pid, 0);
	struct outcome o;

	kill(first, SIGKILL);
	kill(next_part(pid, first), SIGKILL);
	bench_finish(&o, pid, out, err);
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.out, "was ended by signal 9"), "%s", o.out);
}

Test(bench, backends_and_their_options_are_listed)
{
	struct outcome o;

	run_bench(&o, "--list");
	EXPECT_EQ(o.status, 0);
	EXPECT(strstr(o.out, "af_packet ") && strstr(o.out, "pcap_file ") &&
		       strstr(o.out, "gen "),
	       "%s", o.out);
	EXPECT(!strstr(o.out, "block-size"), "options, unasked");
	run_bench(&o, "--list -v");
	EXPECT(strstr(o.out, "  block-size"), "%s", o.out);
	run_bench(&o, "--options gen");
	EXPECT(strstr(o.out, "  flows"), "%s", o.out);
}

/* Machines as hwloc describes them, and what is said of the choice. */
static const struct machine {
	const char *topology, *cpus, *words;
} machines[] = {
	{ "pack:1 node:1 core:4 pu:1", "receiver on CPU 3, sender on CPU 2",
	  "one NUMA node; the last ones" },
	{ "pack:1 node:1 core:2 pu:1", "receiver on CPU 1, sender on CPU 0",
	  "different cores" },
	{ "pack:1 node:1 core:4 pu:2", "receiver on CPU 6, sender on CPU 4",
	  "none of them shared with an SMT sibling" },
	{ "pack:1 node:2 core:2 pu:1", "receiver on CPU 3, sender on CPU 2",
	  "the same NUMA node (1)" },
	{ "pack:1 node:2 core:1 pu:1", "receiver on CPU 1, sender on CPU 0",
	  "different NUMA nodes (receiver: 1), since none has two cores" },
	{ "pack:1 node:1 core:1 pu:2", "receiver on CPU 0, sender on CPU 1",
	  "SMT siblings" },
	{ "pack:1 node:1 core:1 pu:1", "receiver on CPU 0, sender on CPU 0",
	  "only one CPU may be used" },
};

Test(bench, cpus_are_chosen_by_core_and_node_and_the_reason_is_told)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		const struct machine *m = &machines[i];
		struct outcome o;

		setenv("HWLOC_SYNTHETIC", m->topology, 1);
		run_bench(&o, "--show-placement");
		EXPECT_EQ(o.status, 0);
		EXPECT(strstr(o.out, m->cpus) && strstr(o.out, m->words),
		       "%s: %s", m->topology, o.out);
	}
}

Test(bench, workers_get_cores_of_their_own_before_they_share_any)
{
	struct outcome o;

	setenv("HWLOC_SYNTHETIC", "pack:1 node:2 core:2 pu:2", 1);
	run_bench(&o, "--show-placement --workers 3");
	EXPECT(strstr(o.out, "workers on CPUs 6, 2, 0, sender on CPU 4"), "%s",
	       o.out);
	run_bench(&o, "--show-placement --workers 3 --bind numa");
	EXPECT(strstr(o.out, "workers on CPUs 6, 2, 4, sender on CPU 4"), "%s",
	       o.out);
	run_bench(&o, "--show-placement --workers 9");
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "only 8 CPUs may be used"), "%s", o.err);
}

Test(bench, the_choice_of_cpus_fits_this_machine)
{
	struct outcome o;

	run_bench(&o, "--show-placement");
	EXPECT_EQ(o.status, 0);
	EXPECT(strstr(o.out, "different cores") || strstr(o.out, "only one"),
	       "no reason: %s", o.out);
}
