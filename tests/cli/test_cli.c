/* SPDX-License-Identifier: BSD-3-Clause */
/* The command as such: its verbs, its help, and what it refuses. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "command.h"
#include "expect.h"

TestSuite(cli, .fini = command_clean);

/* ---- Help --------------------------------------------------------------- */

static const struct told {
	const char *line, *words;
} told[] = {
	{ "--help", "copy" },
	{ "-h", "usage: pktio VERB" },
	{ "help", "list the backends" },
	{ "help copy", "usage: pktio copy" },
	{ "copy --help", "-s SNAPLEN" },
	{ "copy -h", "Exit status" },
	{ "help list", "usage: pktio list" },
	{ "list --help", "usage: pktio list" },
	{ "help help", "usage: pktio help" },
	{ "--version", "pktio " },
	{ "list", "pcap_file" },
	{ "list -v", "  block-size" },
	{ "list gen", "  flows" },
	{ "list -v gen", "  flows" },
	{ "list gen --verbose", "  flows" },
	{ "list -h", "usage: pktio list" },
	{ "help --help", "usage: pktio help" },
};

Test(cli, help_goes_to_standard_output)
{
	for (size_t i = 0; i < sizeof(told) / sizeof(*told); i++) {
		struct outcome o;

		command_run(&o, told[i].line);
		EXPECT(o.status == 0, "%s: exit %d", told[i].line, o.status);
		EXPECT(strstr(o.out, told[i].words), "%s: %s", told[i].line,
		       o.out);
		EXPECT(!*o.err, "%s: complains %s", told[i].line, o.err);
	}
}

Test(cli, every_option_of_copy_is_in_its_help)
{
	static const char *const options[] = { "-c N",          "-s SNAPLEN",
					       "-f FILTER",     "-o name=value",
					       "-O name=value", "-q",
					       "--stats",       "--help" };
	struct outcome o;

	command_run(&o, "copy --help");
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		EXPECT(strstr(o.out, options[i]), "no %s", options[i]);
}

Test(cli, every_backend_and_every_option_is_listed)
{
	struct outcome o;

	command_run(&o, "list -v");
	for (const struct pktio_backend *b = pktio_backend_next(NULL); b;
	     b = pktio_backend_next(b)) {
		const struct pktio_opt *opt = pktio_backend_opts(b);

		EXPECT(strstr(o.out, pktio_backend_name(b)), "no %s",
		       pktio_backend_name(b));
		for (; opt && opt->name; opt++)
			EXPECT(strstr(o.out, opt->name), "no %s of %s",
			       opt->name, pktio_backend_name(b));
	}
}

Test(cli, output_that_cannot_be_written_is_an_error)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct outcome o;

	command_finish(command_start("list -v", -1, full), &o);
	close(full);
	EXPECT_EQ(o.status, 1);
	EXPECT(strstr(o.err, "No space left"), "%s", o.err);
}

/* ---- What is refused ---------------------------------------------------- */

static const struct wrong {
	const char *line;
	int status;
	const char *words;
} wrong[] = {
	{ "", 2, "usage: pktio VERB" },
	{ "coopy", 2, "there is no 'coopy'; did you mean 'copy'?" },
	{ "lst", 2, "did you mean 'list'?" },
	{ "frobnicate", 2, "there is no 'frobnicate'; see pktio help" },
	{ "''", 2, "there is no ''" },
	{ "--bogus", 2, "there is no '--bogus'" },
	{ "help cpy", 2, "did you mean 'copy'?" },
	{ "list gne", 2, "did you mean 'gen'?" },
	{ "list nothing-like-it", 2, "see pktio list" },
	{ "list gen gen", 2, "is left over" },
	{ "list -x", 2, "there is no option '-x'" },
	{ "help copy list", 2, "'list' is left over" },
	{ "copy", 2, "copy what? give SRC and DST" },
	{ "copy a.pcap", 2, "copy to where?" },
	{ "copy a.pcap b.pcap c.pcap", 2, "'c.pcap' is left over" },
	{ "copy --bogus a b", 2, "there is no option '--bogus'" },
	{ "copy --snaplne=4 a b", 2, "did you mean '--snaplen'?" },
	{ "copy -z a b", 2, "there is no option '-z'" },
	{ "copy --stats=yes a b", 2, "'--stats=yes': takes no value" },
	{ "copy --quiet=1 a b", 2, "'--quiet=1': takes no value" },
	{ "copy --filter=ip -qx a b", 2, "there is no option '-x'" },
	{ "copy a b -c", 2, "'-c' wants a value" },
	{ "copy -c 0 a b", 2, "-c: '0' is not a number from 1 up" },
	{ "copy -c -1 a b", 2, "'-1' is not a number" },
	{ "copy -c ten a b", 2, "'ten' is not a number" },
	{ "copy -c 10k a b", 2, "'10k' is not a number" },
	{ "copy -c '' a b", 2, "'' is not a number" },
	{ "copy -c 99999999999999999999 a b", 2, "is not a number from 1 up" },
	{ "copy -s 0 a b", 2, "-s: '0' is not a number from 1 to 262144" },
	{ "copy -s 262145 a b", 2, "-s: '262145' is not a number" },
	{ "copy -s -5 a b", 2, "-s: '-5' is not" },
	{ "copy -o speed a b", 2, "-o: 'speed' is not name=value" },
	{ "copy -O =5 a b", 2, "-O: '=5' is not name=value" },
	{ "copy '' b", 2, "SRC is ''" },
	{ "copy a.pcap ''", 2, "DST is ''" },
	{ "copy nosuch b.pcap", 1, "'nosuch' is neither a file nor" },
	{ "copy nosuch.pcap b.pcap", 1, "No such file" },
	{ "copy /no/such/file b.pcap", 1, "No such file" },
	{ "copy af_paket:eth0 b.pcap", 2, "there is no backend 'af_paket'" },
	{ "copy af_paket:eth0 b.pcap", 2, "did you mean 'af_packet:eth0'" },
	{ "copy a.pcap 12:30", 2, "write ./12:30 for a file" },
	{ "copy 'gen:?cuont=1' b.pcap", 1, "did you mean 'count'?" },
	{ "copy -o cuont=1 gen: b.pcap", 1, "did you mean 'count'?" },
	{ "copy -O linktpe=1 a.pcap b.pcap", 1, "did you mean 'linktype'?" },
	{ "copy -o count=1 'gen:?count=1' b.pcap", 1, "'count'" },
	{ "copy gen: af_packet:nosuch0", 1, "nosuch0" },
	{ "copy -f 'tcp prot 80' a.pcap b.pcap", 1, "syntax error" },
	{ "copy a.pcap /no/such/directory/b.pcap", 1, "No such file" },
	{ "copy a.pcap .", 1, "directory" },
	{ "copy a.pcap b.pcap.xz", 1, "take .gz, .zst or .lz4" },
	{ "copy a.pcap b.pcapng.bz2", 1, "take .gz, .zst or .lz4" },
};

Test(cli, wrong_usage_is_refused_with_words)
{
	command_make("a.pcap", 10);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct outcome o;

		command_run(&o, wrong[i].line);
		EXPECT(o.status == wrong[i].status, "%s: exit %d: %s",
		       wrong[i].line, o.status, o.err);
		EXPECT(strstr(o.err, wrong[i].words), "%s: %s", wrong[i].line,
		       o.err);
		EXPECT(!*o.out, "%s: printed %s", wrong[i].line, o.out);
		EXPECT(command_size("b.pcap") < 0, "%s: left a file behind",
		       wrong[i].line);
	}
	EXPECT_EQ(command_frames("a.pcap"), 10);
}
