/* SPDX-License-Identifier: BSD-3-Clause */
/* The output and the exit status of the bench command. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run_bench.h"
#include "support/expect.h"

/* Returns the result of receiver `i`, which must have this name. */
static json_t *receiver(const json_t *report, size_t i, const char *name)
{
	json_t *c = json_array_get(json_object_get(report, "results"), i);

	REQUIRE(c, "no receiver %zu", i);
	EXPECT_STR(json_string_value(json_object_get(c, "name")), name);
	return c;
}

/* Every frame that was sent was received, or is counted as dropped. */
static void expect_accounted(const json_t *c)
{
	const json_t *stages = json_object_get(c, "dropped_by_stage");

	EXPECT(bench_number(c, "sent") > 0, "nothing was sent");
	EXPECT_EQ(bench_number(c, "unaccounted"), 0);
	EXPECT_EQ(bench_number(c, "invalid_runs"), 0);
	EXPECT_EQ(bench_number(c, "sent"),
		  bench_number(c, "received") + bench_number(c, "dropped"));
	/* softnet is null if nothing is sent. */
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
	EXPECT(bench_number(c, "wakeups") > 0, "the thread never slept");
}

Test(bench, every_receiver_accounts_for_every_frame)
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

Test(bench, frames_dropped_by_a_small_ring_are_accounted_for)
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

Test(bench, frames_of_a_file_are_sent_unchanged)
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
	/* libpcap puts VLAN tags back into the frame, so it counts all bytes.
	 */
	c = receiver(report, 1, "libpcap");
	expect_measured(c);
	if (bench_number(c, "dropped") == 0)
		EXPECT_EQ(bench_number(c, "bytes"),
			  bench_capture_bytes(
				  (uint64_t)bench_number(c, "received")));
	json_decref(report);
}

Test(bench, a_file_is_read_repeatedly_until_the_time_is_over)
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

Test(bench, a_generator_is_measured_without_a_network)
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

/* The source has no end; the run ends when the time is over. */
Test(bench, a_source_without_an_end_is_measured_for_its_time, .timeout = 60)
{
	char path[64];
	char line[3][256];
	size_t n = geteuid() == 0 ? 3 :
				    2; /* without root, lo cannot be opened */

	bench_capture(path, sizeof(path));
	snprintf(line[0], sizeof(line[0]), "--backend gen -o count=0");
	snprintf(line[1], sizeof(line[1]),
		 "--backend pcap_file --file %s -o follow=yes", path);
	snprintf(line[2], sizeof(line[2]), "--target lo");
	for (size_t i = 0; i < n; i++) {
		char arguments[sizeof(line) + 32];
		struct outcome o;
		json_t *report;
		const json_t *c;

		snprintf(arguments, sizeof(arguments),
			 "%s --runs 2 --time 0.1 --json", line[i]);
		run_bench(&o, arguments);
		report = bench_json(&o);
		c = json_array_get(json_object_get(report, "results"), 0);
		EXPECT(json_is_null(json_object_get(c, "sent")),
		       "%s: the number is not known", arguments);
		EXPECT(bench_number(c, "seconds") > 0.09 &&
			       bench_number(c, "seconds") < 10,
		       "%s: %f s", arguments, bench_number(c, "seconds"));
		json_decref(report);
	}
	unlink(path);
}

/* ---- Packet files ------------------------------------------------------- */

/* All receivers read the same frames, in complete passes. */
Test(bench, every_receiver_reads_the_same_file)
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

Test(bench, reading_a_part_of_a_file_is_not_a_loss)
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

/* libpcap can read what each receiver has written. */
Test(bench, every_receiver_writes_a_valid_file)
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
		/* The receiver of --vs has written last. */
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

Test(bench, replay_jitter_is_printed_as_a_histogram)
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

/* ---- Report files ------------------------------------------------------- */

Test(bench, an_old_report_is_kept_until_the_new_one_is_written)
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
	       "the file has '%s'", text);
	/* The new content is shorter. */
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

/* A path can have any bytes; JSON text must be UTF-8. */
Test(bench, a_path_that_is_not_utf8_is_reported_with_replacements)
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
	const char *message;
} wrong[] = {
	{ "--runs 0", 2,
	  "--runs: invalid value '0'; use a number from 1 to 1000" },
	{ "--runs many", 2, "invalid value 'many'" },
	{ "--time -1", 2,
	  "invalid value '-1'; use a number of seconds above 0" },
	{ "--time nan", 2, "invalid value 'nan'; use a number of seconds" },
	{ "--time", 2, "'--time' needs a value" },
	{ "--bogus", 2, "unknown option '--bogus'" },
	{ "--wrokers 2", 2, "did you mean '--workers'?" },
	{ "--lateness", 2, "use '--replay-jitter'" },
	{ "--loads 1k", 2, "use '--rates'" },
	{ "--loads=1k", 2, "unknown option '--loads'; use '--rates'" },
	{ "--place", 2, "use '--show-placement'" },
	{ "--vs raw-ahead", 2, "use 'raw-prefetch'" },
	{ "--list=yes", 2, "this option has no value" },
	{ "-z", 2, "unknown option '-z'" },
	{ "eth0", 2, "unexpected argument 'eth0'" },
	{ "--backend af_paket", 2, "did you mean 'af_packet'?" },
	{ "--options af_paket", 2, "did you mean 'af_packet'?" },
	{ "--vs tcpdmp", 2,
	  "the receivers are: raw, raw-prefetch, raw-mmap, libpcap" },
	{ "--vs raw --vs raw", 2, "'raw' is repeated" },
	{ "-o block-size", 2, "invalid value 'block-size'; use name=value" },
	{ "--backend pcap_file", 2, "no file; use --file" },
	{ "--vs raw-mmap", 2, "cannot be compared with the backend af_packet" },
	{ "--backend pcap_file --file x --vs raw-prefetch", 2,
	  "cannot be compared with the backend pcap_file" },
	{ "--write", 2, "the backend af_packet cannot write files" },
	{ "--backend pcap_file --write --vs raw-mmap", 2,
	  "raw-mmap: this receiver cannot write" },
	{ "--replay-jitter", 2, "no file; use --file" },
	{ "--replay-jitter --file x --vs raw", 2,
	  "cannot be combined with --vs" },
	{ "--replay-jitter --file /no/such/file", 1, "'/no/such/file'" },
	{ "--backend pcap_file --write --target /no/such/file", 1,
	  "'/no/such/file'" },
	{ "--backend gen --vs raw", 2,
	  "cannot be compared with the backend gen" },
	{ "--backend gen --interface eth0", 2, "gen has no interface" },
	{ "--backend gen --size 60", 2, "bench sends nothing" },
	{ "--interface eth0 --traffic x", 2, "bench sends nothing" },
	{ "--interface eth0 --target x", 2, "use only one of" },
	{ "--traffic x --size 60", 2, "the frames are read from the file" },
	{ "--traffic /no/such/file", 1, "'/no/such/file'" },
	{ "--gen flowz=1", 1, "did you mean 'flows'?" },
	{ "--size 59", 1, "out of range" },
	{ "--json /no/such/directory/file", 1, "cannot write" },
	{ "--html /no/such/directory/file", 1, "cannot write" },
	{ "--plot /no/such/directory/file", 1, "cannot write" },
	{ "--backend gen -o cuont=1", 1, "did you mean 'count'?" },
	{ "--workers 0", 2,
	  "--workers: invalid value '0'; use a number from 1 to 256" },
	{ "--workers 200", 1,
	  "--oversubscribe allows several workers per CPU" },
	{ "--workers 2 --backend gen", 2, "the backend gen has no interface" },
	{ "--workers 2 --rates 1k", 2, "use only one of" },
	{ "--bind sockets", 2, "use cores, numa or list:" },
	{ "--bind list:0-", 1, "not a list of CPUs, for example 0,2-4" },
	{ "--bind list:9999", 1, "CPU 9999 does not exist" },
	{ "--rate fast", 2, "invalid rate 'fast'; use frames per second" },
	{ "--rate 1k --interface eth0", 2, "bench sends nothing to eth0" },
	{ "--rate 1k --rates 2k", 2, "cannot be combined with --rates" },
	{ "--rates 120%", 2, "invalid rate '120%'; use a percentage" },
	{ "--search best", 2, "use zero-loss" },
	{ "--resolution 0", 2, "use a percentage" },
	{ "--burst=slow", 2, "invalid value 'slow'; use stalled or running" },
	{ "--sizes 60,big", 2, "invalid size 'big'; use a number of bytes" },
	{ "--sizes 60 --size 60", 2, "use only one of --size and --sizes" },
	{ "--sizes 60 --traffic x", 2, "only for frames that bench generates" },
	{ "--latency --gen ip=6", 1, "for its flow and time" },
	{ "--latency --backend gen", 2, "bench sends nothing to gen" },
	{ "--vary block-size", 2,
	  "invalid value 'block-size'; use name=value,value" },
	{ "--vary blok-size=1M,2M", 1, "did you mean 'block-size'?" },
	{ "--formats pcap.rar", 2, "unknown format 'pcap.rar'" },
	{ "--formats pcap --write", 2, "bench writes the files itself" },
	{ "--sender pigeon", 2, "the methods are: auto, ring, sendmmsg, xdp" },
	{ "--sender xdp --size imix", 1, "all frames must have the same size" },
	{ "--sender xdp --size 9000", 1, "frames must have" },
};

Test(bench, wrong_usage_is_refused_with_a_message)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct outcome o;

		run_bench(&o, wrong[i].line);
		EXPECT(o.status == wrong[i].status, "%s: exit %d: %s",
		       wrong[i].line, o.status, o.err);
		EXPECT(strncmp(o.err, "bench: ", 7) == 0 &&
			       strstr(o.err, wrong[i].message),
		       "%s: %s", wrong[i].line, o.err);
		EXPECT(!*o.out, "%s: printed %s", wrong[i].line, o.out);
	}
}

Test(bench, a_missing_interface_is_refused_by_name)
{
	struct outcome o;

	run_bench(&o, "--interface nosuch0 --runs 1 --time 0.1");
	if (geteuid() != 0)
		cr_skip("without privilege it is refused before that");
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "'nosuch0'"), "%s", o.err);
}

/* ---- Signals and information -------------------------------------------- */

static void pause_briefly(void)
{
	usleep(20000);
}

Test(bench, sigint_prints_the_runs_so_far)
{
	struct outcome o;
	struct program *p = bench_start("--backend gen --runs 1000 --time 0.1");

	/* bench handles SIGINT from the start of the measurement. */
	for (int i = 0; i < 25; i++)
		pause_briefly();
	REQUIRE_EQ(kill(program_pid(p), SIGINT), 0);
	program_finish(p, &o);
	EXPECT_EQ(o.status, 130);
	EXPECT(strstr(o.out, "median"), "no table: %s", o.out);
	EXPECT(strstr(o.out, "Interrupted after"), "it does not say so");
}

/* The part is another process, which gets the signal from bench only. */
Test(bench, a_signal_to_a_suite_ends_its_part)
{
	struct program *p = bench_start("--suite smoke --time 60");
	struct outcome o;

	for (int i = 0; i < 25; i++)
		pause_briefly();
	REQUIRE_EQ(kill(program_pid(p), SIGTERM), 0);
	program_finish(p, &o);
	EXPECT_EQ(o.status, 130);
	EXPECT(strstr(o.out, "Interrupted after"), "%s", o.out);
	EXPECT(!strstr(o.out, "2 of 2"), "%s", o.out);
}

/* Waits for a child process other than `before`. */
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
		pause_briefly();
	}
	REQUIRE(false, "no part was started");
	return 0;
}

Test(bench, a_part_that_a_signal_ended_is_reported)
{
	struct program *p = bench_start("--suite smoke --time 60 --json");
	pid_t first = next_part(program_pid(p), 0);
	struct outcome o;

	kill(first, SIGKILL);
	kill(next_part(program_pid(p), first), SIGKILL);
	program_finish(p, &o);
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
	EXPECT(!strstr(o.out, "block-size"),
	       "--list prints options without -v");
	run_bench(&o, "--list -v");
	EXPECT(strstr(o.out, "  block-size"), "%s", o.out);
	run_bench(&o, "--options gen");
	EXPECT(strstr(o.out, "  flows"), "%s", o.out);
}

/* Topologies for hwloc, and the expected placement. */
static const struct machine {
	const char *topology, *cpus, *reason;
} machines[] = {
	{ "pack:1 node:1 core:4 pu:1", "receiver on CPU 3, sender on CPU 2",
	  "one NUMA node; the last cores" },
	{ "pack:1 node:1 core:2 pu:1", "receiver on CPU 1, sender on CPU 0",
	  "different cores" },
	{ "pack:1 node:1 core:4 pu:2", "receiver on CPU 6, sender on CPU 4",
	  "whose SMT siblings are not used" },
	{ "pack:1 node:2 core:2 pu:1", "receiver on CPU 3, sender on CPU 2",
	  "the same NUMA node (1)" },
	{ "pack:1 node:2 core:1 pu:1", "receiver on CPU 1, sender on CPU 0",
	  "different NUMA nodes (receiver: 1), because no node has two" },
	{ "pack:1 node:1 core:1 pu:2", "receiver on CPU 0, sender on CPU 1",
	  "SMT siblings" },
	{ "pack:1 node:1 core:1 pu:1", "receiver on CPU 0, sender on CPU 0",
	  "only one CPU is available" },
};

Test(bench, placement_follows_cores_and_nodes_and_prints_the_reason)
{
	for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
		const struct machine *m = &machines[i];
		struct outcome o;

		setenv("HWLOC_SYNTHETIC", m->topology, 1);
		run_bench(&o, "--show-placement");
		EXPECT_EQ(o.status, 0);
		EXPECT(strstr(o.out, m->cpus) && strstr(o.out, m->reason),
		       "%s: %s", m->topology, o.out);
	}
}

Test(bench, workers_get_separate_cores_first)
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
	EXPECT(strstr(o.err, "there are only 8 CPUs"), "%s", o.err);
}

Test(bench, placement_works_on_this_machine)
{
	struct outcome o;

	run_bench(&o, "--show-placement");
	EXPECT_EQ(o.status, 0);
	EXPECT(strstr(o.out, "different cores") || strstr(o.out, "only one"),
	       "no reason: %s", o.out);
}
