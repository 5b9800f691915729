/* SPDX-License-Identifier: BSD-3-Clause */
/* The command itself: its verbs, its help, and wrong usage. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "support/command.h"
#include "support/expect.h"
#include "support/files.h"

TestSuite(cli, .fini = scratch_remove);

/* ---- Help --------------------------------------------------------------- */

static const struct help_case {
	const char *line, *text;
} help_cases[] = {
	{ "--help", "copy" },
	{ "-h", "usage: pktio COMMAND" },
	{ "help", "list the backends" },
	{ "help copy", "usage: pktio copy" },
	{ "copy --help", "-s, --snaplen=BYTES" },
	{ "copy -h", "Exit status" },
	{ "help list", "usage: pktio list" },
	{ "list --help", "usage: pktio list" },
	{ "help help", "usage: pktio help" },
	{ "--version", "pktio " },
	{ "list", "pcap_file" },
	{ "list", "af_packet:lo " },
	{ "list -v", "  block-size" },
	{ "list gen", "  flows" },
	{ "list -v gen", "  flows" },
	{ "list gen --verbose", "  flows" },
	{ "list -h", "usage: pktio list" },
	{ "help --help", "usage: pktio help" },
};

Test(cli, help_goes_to_standard_output)
{
	for (size_t i = 0; i < sizeof(help_cases) / sizeof(*help_cases); i++) {
		struct outcome o;

		command_run(&o, help_cases[i].line);
		EXPECT(o.status == 0, "%s: exit %d", help_cases[i].line,
		       o.status);
		EXPECT_CONTAINS(o.out, help_cases[i].text, "%s",
				help_cases[i].line);
		EXPECT(!*o.err, "%s: printed the error %s", help_cases[i].line,
		       o.err);
	}
}

Test(cli, every_option_of_copy_is_in_its_help)
{
	static const char *const options[] = {
		"-c, --count=N", "-s, --snaplen=BYTES", "-f, --filter=FILTER",
		"-o NAME=VALUE", "-O NAME=VALUE",       "-q, --quiet",
		"--stats",       "-h, --help"
	};
	struct outcome o;

	command_run(&o, "copy --help");
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		EXPECT_CONTAINS(o.out, options[i], "no %s", options[i]);
}

Test(cli, every_backend_and_every_option_is_listed)
{
	struct outcome o;

	command_run(&o, "list -v");
	for (const struct pktio_backend *b = pktio_backend_next(NULL); b;
	     b = pktio_backend_next(b)) {
		struct pktio_opt opt = PKTIO_OPT_INIT;

		EXPECT_CONTAINS(o.out, pktio_backend_name(b), "no %s",
				pktio_backend_name(b));
		for (unsigned i = 0; pktio_backend_opt(b, i, &opt) == 0; i++)
			EXPECT_CONTAINS(o.out, opt.name,
					"option %s of %s is not listed",
					opt.name, pktio_backend_name(b));
	}
}

Test(cli, output_that_cannot_be_written_is_an_error)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct outcome o;

	program_finish(command_start("list -v", -1, full), &o);
	close(full);
	EXPECT_EQ(o.status, 1);
	EXPECT_CONTAINS(o.err, "No space left");
}

/* ---- Rejected command lines
 * ---------------------------------------------------- */

static const struct wrong {
	const char *line;
	int status;
	const char *message;
} wrong[] = {
	{ "", 2, "usage: pktio COMMAND" },
	{ "coopy", 2, "unknown command 'coopy'; did you mean 'copy'?" },
	{ "lst", 2, "did you mean 'list'?" },
	{ "frobnicate", 2, "unknown command 'frobnicate'; see 'pktio help'" },
	{ "''", 2, "unknown command ''" },
	{ "--bogus", 2, "unknown command '--bogus'" },
	{ "help cpy", 2, "did you mean 'copy'?" },
	{ "list gne", 2, "did you mean 'gen'?" },
	{ "list nothing-like-it", 2, "see 'pktio list'" },
	{ "list gen gen", 2, "unexpected argument 'gen'" },
	{ "list -x", 2, "unknown option '-x'" },
	{ "help copy list", 2, "unexpected argument 'list'" },
	{ "copy", 2, "SRC and DST are missing; see 'pktio help copy'" },
	{ "copy a.pcap", 2, "DST is missing" },
	{ "copy a.pcap b.pcap c.pcap", 2, "unexpected argument 'c.pcap'" },
	{ "copy --bogus a b", 2, "unknown option '--bogus'" },
	{ "copy --snaplne=4 a b", 2, "did you mean '--snaplen'?" },
	{ "copy -z a b", 2, "unknown option '-z'" },
	{ "copy --stats=yes a b", 2,
	  "'--stats=yes': this option takes no value" },
	{ "copy --quiet=1 a b", 2, "'--quiet=1': this option takes no value" },
	{ "copy --filter=ip -qx a b", 2, "unknown option '-x'" },
	{ "copy a b -c", 2, "'-c' needs a value" },
	{ "copy -c 0 a b", 2, "-c: invalid number '0'; the minimum is 1" },
	{ "copy -c -1 a b", 2, "invalid number '-1'" },
	{ "copy -c ten a b", 2, "invalid number 'ten'" },
	{ "copy -c 10k a b", 2, "invalid number '10k'" },
	{ "copy -c '' a b", 2, "invalid number ''" },
	{ "copy -c 99999999999999999999 a b", 2, "; the minimum is 1" },
	{ "copy -s 0 a b", 2,
	  "-s: invalid number '0'; the range is 1 to 262144" },
	{ "copy -s 262145 a b", 2, "-s: invalid number '262145'" },
	{ "copy -s -5 a b", 2, "-s: invalid number '-5'" },
	{ "copy -o speed a b", 2, "-o: expected name=value, not 'speed'" },
	{ "copy -O =5 a b", 2, "-O: expected name=value, not '=5'" },
	{ "copy '' b", 2, "SRC is empty" },
	{ "copy a.pcap ''", 2, "DST is empty" },
	{ "copy nosuch b.pcap", 1, "'nosuch' is neither a file nor" },
	{ "copy nosuch.pcap b.pcap", 1, "No such file" },
	{ "copy /no/such/file b.pcap", 1, "No such file" },
	{ "copy af_paket:eth0 b.pcap", 2, "unknown backend 'af_paket'" },
	{ "copy af_paket:eth0 b.pcap", 2, "did you mean 'af_packet:eth0'" },
	{ "copy a.pcap 12:30", 2, "write ./12:30 for a file" },
	{ "copy 'gen:?cuont=1' b.pcap", 2, "did you mean 'count'?" },
	{ "copy -o cuont=1 gen: b.pcap", 2, "did you mean 'count'?" },
	{ "copy -O linktpe=1 a.pcap b.pcap", 2, "did you mean 'linktype'?" },
	{ "copy 'af_packet:lo?busy-poll=1us' b.pcap", 2,
	  "no option 'busy-poll'; it was removed" },
	{ "copy -o count=1 'gen:?count=1' b.pcap", 2, "'count'" },
	{ "copy gen: af_packet:nosuch0", 1, "nosuch0" },
	{ "copy -f 'tcp prot 80' a.pcap b.pcap", 2, "syntax error" },
	{ "copy a.pcap /no/such/directory/b.pcap", 1, "No such file" },
	{ "copy a.pcap .", 1, "directory" },
	{ "copy a.pcap b.pcap.xz", 1, "use .gz, .zst or .lz4" },
	{ "copy a.pcap b.pcapng.bz2", 1, "use .gz, .zst or .lz4" },
};

Test(cli, wrong_usage_is_refused_with_a_message)
{
	command_make("a.pcap", 10);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct outcome o;

		command_run(&o, wrong[i].line);
		EXPECT(o.status == wrong[i].status, "%s: exit %d: %s",
		       wrong[i].line, o.status, o.err);
		EXPECT_CONTAINS(o.err, wrong[i].message, "%s", wrong[i].line);
		EXPECT(!*o.out, "%s: printed %s", wrong[i].line, o.out);
		EXPECT(scratch_size("b.pcap") < 0, "%s: left a file behind",
		       wrong[i].line);
	}
	EXPECT_EQ(command_frames("a.pcap"), 10);
}

/* ---- Renamed options ---------------------------------------------------- */

static const struct renamed {
	const char *uri, *old_name, *new_name;
} renamed[] = {
	{ "af_packet:lo", "link-type", "linktype" },
	{ "pcap_live:lo", "datalink", "linktype" },
	{ "pcap_live:lo", "timeout", "block-timeout" },
	{ "pcap_live:lo", "buffer-size", "ring-size" },
	{ "pcap_live:lo", "slots", "frame-slots" },
	{ "pcap_live:lo", "tstamp-type", "timestamp" },
	{ "pcap_live:lo", "tstamp-precision", "timestamp-precision" },
	{ "pcap_file:a.pcap", "precision", "timestamp-precision" },
	{ "gen:", "slots", "tx-buffers" },
	{ "gen:", "slot-size", "tx-buffer-size" },
	{ "af_packet:lo", "exact", "ring-strict" },
	{ "af_packet:lo", "wait", "wait-for-interface" },
	{ "af_packet:lo", "spin", "busy-wait" },
	{ "pcap_file:a.pcap", "spin", "busy-wait" },
	{ "af_packet:lo", "outgoing", "direction" },
	{ "af_packet:lo", "vlan", "vlan-strip" },
	{ "af_packet:lo", "steer-by", "fanout-key" },
	{ "af_packet:lo", "steer-weights", "fanout-weights" },
	{ "af_packet:lo", "steer-seed", "fanout-seed" },
};

Test(cli, an_old_option_name_is_rejected_with_its_new_name)
{
	for (size_t i = 0; i < sizeof(renamed) / sizeof(*renamed); i++) {
		const struct renamed *r = &renamed[i];
		struct outcome o;
		char line[128];
		char expected[128];

		snprintf(line, sizeof(line), "copy '%s?%s=1' b.pcap", r->uri,
			 r->old_name);
		snprintf(expected, sizeof(expected),
			 "no option '%s'; it is now '%s'", r->old_name,
			 r->new_name);
		command_run(&o, line);
		EXPECT_EQ(o.status, 2);
		EXPECT(strstr(o.err, expected), "%s: %s", line, o.err);
	}
}
