/* SPDX-License-Identifier: BSD-3-Clause */
/* The command bench, run as a user runs it: what it prints and exits with. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <jansson.h>

#include "expect.h"

#define MOST_WORDS 32
#define TEXT_SIZE 65536

/* What a program that has ended left behind. */
struct outcome {
	int status; /* of its exit; -1: a signal killed it */
	char out[TEXT_SIZE], err[TEXT_SIZE];
};

/* ---- Running it --------------------------------------------------------- */

static FILE *scratch(void)
{
	FILE *file = tmpfile();

	REQUIRE(file, "no temporary file");
	return file;
}

static void read_back(char *ret, FILE *file)
{
	size_t n;

	rewind(file);
	n = fread(ret, 1, TEXT_SIZE - 1, file);
	ret[n] = '\0';
	fclose(file);
}

/* Takes a line apart at its blanks, in place. */
static void split(char **ret, char *line)
{
	static char name[] = "bench";
	char *rest = NULL;
	size_t n = 0;

	ret[n++] = name;
	for (char *word = strtok_r(line, " ", &rest);
	     word && n < MOST_WORDS - 1; word = strtok_r(NULL, " ", &rest))
		ret[n++] = word;
	ret[n] = NULL;
}

/* Starts bench with the words of a line. */
static pid_t start(const char *line, FILE *out, FILE *err)
{
	char *copy = strdup(line);
	char *words[MOST_WORDS];
	pid_t pid;

	REQUIRE(copy, "out of memory");
	split(words, copy);
	pid = fork();
	REQUIRE(pid >= 0, "fork");
	if (pid == 0) {
		dup2(fileno(out), STDOUT_FILENO);
		dup2(fileno(err), STDERR_FILENO);
		execv(BENCH_PROGRAM, words);
		_exit(127);
	}
	free(copy);
	return pid;
}

static void finish(struct outcome *ret, pid_t pid, FILE *out, FILE *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		REQUIRE(errno == EINTR, "waitpid");
	ret->status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	read_back(ret->out, out);
	read_back(ret->err, err);
}

static void run(struct outcome *ret, const char *line)
{
	FILE *out = scratch();
	FILE *err = scratch();

	finish(ret, start(line, out, err), out, err);
}

/* The same, for what needs a network of its own. */
static void run_live(struct outcome *ret, const char *line)
{
	run(ret, line);
	if (ret->status == 1 &&
	    strstr(ret->err, "cannot make a user and network namespace"))
		cr_skip("no network namespace of one's own here");
}

/* ---- Its JSON ----------------------------------------------------------- */

static json_t *parse(const struct outcome *o)
{
	json_error_t error;
	json_t *report = json_loads(o->out, 0, &error);

	REQUIRE_EQ(o->status, 0);
	REQUIRE(report, "%s in: %.100s", error.text, o->out);
	return report;
}

/* The contender `i` of a report, which is to be called so. */
static json_t *contender(const json_t *report, size_t i, const char *name)
{
	json_t *c = json_array_get(json_object_get(report, "results"), i);

	REQUIRE(c, "no contender %zu", i);
	EXPECT_STR(json_string_value(json_object_get(c, "name")), name);
	return c;
}

static double number(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	EXPECT(json_is_number(value), "%s is no number", name);
	return json_number_value(value);
}

/* Every frame that was sent was received, or lost at a stage that says so. */
static void expect_accounted(const json_t *c)
{
	const json_t *stages = json_object_get(c, "dropped_by_stage");

	EXPECT(number(c, "sent") > 0, "nothing was sent");
	EXPECT_EQ(number(c, "unaccounted"), 0);
	EXPECT_EQ(number(c, "invalid_runs"), 0);
	EXPECT_EQ(number(c, "sent"),
		  number(c, "received") + number(c, "dropped"));
	/* softnet is null where nothing is sent. */
	EXPECT_EQ(number(c, "dropped"),
		  number(stages, "ring") + json_number_value(json_object_get(
						   stages, "softnet")));
}

static void expect_measured(const json_t *c)
{
	expect_accounted(c);
	EXPECT(number(c, "pps") > 0, "no rate");
	EXPECT(number(c, "cpu_ns_per_packet") > 0, "no CPU time");
	EXPECT(number(c, "wakeups") > 0, "it never slept");
}

Test(bench, every_frame_is_accounted_for_by_each_of_the_contenders)
{
	static const char *const names[] = { "af_packet", "raw", "raw-ahead",
					     "libpcap" };
	struct outcome o;
	json_t *report;
	json_t *ratios;

	run_live(&o, "--backend af_packet --runs 1 --time 0.2 --json"
		     " --vs raw --vs raw-ahead --vs libpcap");
	report = parse(&o);
	ratios = json_object_get(report, "ratios");
	for (size_t i = 0; i < 4; i++) {
		expect_measured(contender(report, i, names[i]));
		if (i > 0)
			EXPECT(number(ratios, names[i]) > 0, "no ratio");
	}
	EXPECT(strstr(o.err, "median"), "no table beside the JSON");
	json_decref(report);
}

Test(bench, frames_lost_in_a_ring_that_is_too_small_are_accounted_for)
{
	struct outcome o;
	json_t *report;

	run_live(&o, "--runs 1 --time 0.2 --json --vs raw -o ring-size=8K"
		     " -o block-size=4K");
	report = parse(&o);
	expect_accounted(contender(report, 0, "af_packet"));
	expect_accounted(contender(report, 1, "raw"));
	EXPECT(number(contender(report, 0, "af_packet"), "dropped") > 0,
	       "8 KiB took everything");
	json_decref(report);
}

/* ---- Traffic from a file ------------------------------------------------ */

#define TAGGED 64U
#define PLAIN 200U
#define JUMBO 3000U

static void write_frame(FILE *file, uint32_t size, uint16_t type)
{
	uint32_t header[4] = { 1, 0, size, size };
	uint8_t bytes[JUMBO] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

	bytes[12] = (uint8_t)(type >> 8);
	bytes[13] = (uint8_t)type;
	fwrite(header, sizeof(header), 1, file);
	fwrite(bytes, size, 1, file);
}

/* Three frames, one of them with a VLAN tag, one longer than the usual MTU. */
static void write_capture(char *ret, size_t size)
{
	const uint32_t magic[6] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, 65535, 1 };
	FILE *file;
	int fd;

	snprintf(ret, size, "/tmp/pktio-bench-XXXXXX");
	fd = mkstemp(ret);
	REQUIRE(fd >= 0, "no temporary file");
	file = fdopen(fd, "w");
	fwrite(magic, sizeof(magic), 1, file);
	write_frame(file, TAGGED, 0x8100);
	write_frame(file, PLAIN, 0x88b5);
	write_frame(file, JUMBO, 0x88b5);
	REQUIRE_EQ(fclose(file), 0);
}

/* Bytes of n frames of the capture, which come in turn. */
static uint64_t capture_bytes(uint64_t n)
{
	static const uint64_t after[] = { 0, TAGGED, TAGGED + PLAIN };

	return n / 3 * (TAGGED + PLAIN + JUMBO) + after[n % 3];
}

Test(bench, frames_of_a_file_are_sent_as_they_are_in_it)
{
	char path[64];
	char line[256];
	struct outcome o;
	const json_t *c;
	json_t *report;

	write_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--traffic %s --runs 1 --time 0.1 --json --vs libpcap", path);
	run_live(&o, line);
	unlink(path);
	report = parse(&o);
	expect_measured(contender(report, 0, "af_packet"));
	/* libpcap puts tags back into the bytes, so that it sees them all. */
	c = contender(report, 1, "libpcap");
	expect_measured(c);
	if (number(c, "dropped") == 0)
		EXPECT_EQ(number(c, "bytes"),
			  capture_bytes((uint64_t)number(c, "received")));
	json_decref(report);
}

Test(bench, a_file_is_read_over_and_over_until_the_time_is_up)
{
	char path[64];
	char line[256];
	struct outcome o;
	const json_t *c;
	json_t *report;

	write_capture(path, sizeof(path));
	snprintf(
		line, sizeof(line),
		"--backend pcap_file --traffic %s --runs 2 --time 0.05 --json --vs libpcap",
		path);
	run(&o, line);
	unlink(path);
	report = parse(&o);
	c = contender(report, 0, "pcap_file");
	expect_accounted(c);
	EXPECT(number(c, "received") > 3, "read once only");
	expect_accounted(contender(report, 1, "libpcap"));
	json_decref(report);
}

Test(bench, a_generator_is_measured_without_any_network)
{
	struct outcome o;
	const json_t *c;
	json_t *report;

	run(&o, "--backend gen --runs 1 --time 0.05 --json -o count=1000");
	report = parse(&o);
	c = contender(report, 0, "gen");
	expect_accounted(c);
	EXPECT_EQ((uint64_t)number(c, "received") % 1000, 0);
	json_decref(report);
}

/* ---- Packet files ------------------------------------------------------- */

/* All contenders found the same in the file, in whole passes. */
Test(bench, a_file_is_read_by_each_of_the_contenders)
{
	static const char *const names[] = { "pcap_file", "libpcap",
					     "libpcap-dispatch", "raw",
					     "raw-mmap" };
	char path[64];
	char line[256];
	struct outcome o;
	json_t *report;

	write_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--backend pcap_file --file %s --runs 1 --time 0.05 --json"
		 " --vs libpcap --vs libpcap-dispatch --vs raw --vs raw-mmap",
		 path);
	run(&o, line);
	unlink(path);
	report = parse(&o);
	for (size_t i = 0; i < 5; i++) {
		const json_t *c = contender(report, i, names[i]);
		uint64_t n = (uint64_t)number(c, "received");

		expect_accounted(c);
		EXPECT_EQ(n % 3, 0);
		EXPECT_EQ(number(c, "bytes"), capture_bytes(n));
		EXPECT(number(c, "bytes_per_second") > 0, "no rate");
		if (i == 0)
			continue;
		EXPECT(number(json_object_get(report, "ratios"), names[i]) > 0,
		       "no ratio");
		EXPECT(number(json_object_get(report, "speedups"), names[i]) >
			       0,
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

	write_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--backend pcap_file --file %s --runs 1 --time 0.02 --json"
		 " -o count=2",
		 path);
	run(&o, line);
	unlink(path);
	report = parse(&o);
	c = contender(report, 0, "pcap_file");
	EXPECT(json_is_null(json_object_get(c, "unaccounted")), "unaccounted");
	EXPECT_EQ((uint64_t)number(c, "received") % 2, 0);
	json_decref(report);
}

/* What each of them wrote is read back by libpcap. */
Test(bench, a_file_is_written_by_each_of_the_contenders)
{
	static const char *const peers[] = { "", " --vs libpcap", " --vs raw" };
	char path[64];

	write_capture(path, sizeof(path));
	for (size_t i = 0; i < 3; i++) {
		char line[256];
		struct outcome o;
		json_t *report;

		snprintf(line, sizeof(line),
			 "--backend pcap_file --write --target %s --runs 1"
			 " --time 0.02 --json --size 100%s",
			 path, peers[i]);
		run(&o, line);
		report = parse(&o);
		EXPECT(number(contender(report, 0, "pcap_file"), "pps") > 0,
		       "nothing was written");
		json_decref(report);
		/* The last one to write was the peer. */
		snprintf(line, sizeof(line),
			 "--backend pcap_file --file %s --runs 1 --time 0.01"
			 " --json --vs libpcap",
			 path);
		run(&o, line);
		report = parse(&o);
		expect_accounted(contender(report, 0, "pcap_file"));
		expect_accounted(contender(report, 1, "libpcap"));
		json_decref(report);
	}
	unlink(path);
}

Test(bench, lateness_of_a_replay_is_a_histogram)
{
	char path[64];
	char line[256];
	struct outcome o;

	write_capture(path, sizeof(path));
	snprintf(line, sizeof(line),
		 "--lateness --file %s --time 5 -o loop=10 -o rate=1kpps",
		 path);
	run(&o, line);
	unlink(path);
	EXPECT_EQ(o.status, 0);
	EXPECT(strncmp(o.out, "30 frames in ", 13) == 0, "%s", o.out);
	EXPECT(strstr(o.out, "p99 ") && strstr(o.out, "below    50 us"), "%s",
	       o.out);
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
	{ "--list=yes", 2, "takes no value" },
	{ "-z", 2, "there is no option '-z'" },
	{ "eth0", 2, "'eth0' is left over" },
	{ "--backend af_paket", 2, "did you mean 'af_packet'?" },
	{ "--options af_paket", 2, "did you mean 'af_packet'?" },
	{ "--vs tcpdmp", 2, "there is: raw, raw-ahead, raw-mmap, libpcap" },
	{ "--vs raw --vs raw", 2, "'raw' is given twice" },
	{ "-o block-size", 2, "'block-size' is not name=value" },
	{ "--backend pcap_file", 2, "which file?" },
	{ "--vs raw-mmap", 2, "cannot receive what the backend af_packet" },
	{ "--backend pcap_file --file x --vs raw-ahead", 2,
	  "cannot receive what the backend pcap_file" },
	{ "--write", 2, "only pcap_file writes" },
	{ "--backend pcap_file --write --vs raw-mmap", 2,
	  "raw-mmap: does not write" },
	{ "--lateness", 2, "give it with --file" },
	{ "--lateness --file x --vs raw", 2, "nothing is compared" },
	{ "--lateness --file /no/such/file", 1, "'/no/such/file'" },
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
	{ "--backend gen -o cuont=1", 1, "did you mean 'count'?" },
};

Test(bench, wrong_usage_is_refused_with_words)
{
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct outcome o;

		run(&o, wrong[i].line);
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

	run(&o, "--interface nosuch0 --runs 1 --time 0.1");
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
	FILE *out = scratch();
	FILE *err = scratch();
	struct outcome o;
	pid_t pid = start("--backend gen --runs 1000 --time 0.1", out, err);

	/* It catches SIGINT from the start of measuring on. */
	for (int i = 0; i < 25; i++)
		nap();
	REQUIRE_EQ(kill(pid, SIGINT), 0);
	finish(&o, pid, out, err);
	EXPECT_EQ(o.status, 130);
	EXPECT(strstr(o.out, "median"), "no table: %s", o.out);
	EXPECT(strstr(o.out, "Interrupted after"), "it does not say so");
}

Test(bench, backends_and_their_options_are_listed)
{
	struct outcome o;

	run(&o, "--list");
	EXPECT_EQ(o.status, 0);
	EXPECT(strstr(o.out, "af_packet ") && strstr(o.out, "pcap_file ") &&
		       strstr(o.out, "gen "),
	       "%s", o.out);
	EXPECT(!strstr(o.out, "block-size"), "options, unasked");
	run(&o, "--list -v");
	EXPECT(strstr(o.out, "  block-size"), "%s", o.out);
	run(&o, "--options gen");
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
		run(&o, "--place");
		EXPECT_EQ(o.status, 0);
		EXPECT(strstr(o.out, m->cpus) && strstr(o.out, m->words),
		       "%s: %s", m->topology, o.out);
	}
}

Test(bench, the_choice_of_cpus_fits_this_machine)
{
	struct outcome o;

	run(&o, "--place");
	EXPECT_EQ(o.status, 0);
	EXPECT(strstr(o.out, "different cores") || strstr(o.out, "only one"),
	       "no reason: %s", o.out);
}
