/* SPDX-License-Identifier: BSD-3-Clause */
/* Prints the text of --help. */
#include "cli/options_parse.h"

#include "receive/receivers.h"
#include "traffic/sender.h"

static void help_what(FILE *out)
{
	fprintf(out,
		"usage: bench [--backend NAME] [-o name=value ...] [--vs RECEIVER ...] [option ...]\n"
		"\n"
		"Measures how a backend of pktio receives: how many frames it drops, at which\n"
		"stage, and how much CPU time it uses per frame. A private veth pair carries the\n"
		"traffic; bench does not need root.\n"
		"\n"
		"what to measure\n"
		"  --backend NAME     the backend under test (af_packet)\n"
		"  -o name=value      an option of the backend; --options lists them\n"
		"  --vary NAME=V,V    several values of an option, in turn; may be repeated\n"
		"  --vs RECEIVER      compare with another receiver; may be repeated:\n");
	for (const struct receiver *const *r = receiver_list; *r; r++)
		fprintf(out, "                       %-16s %s\n", (*r)->name,
			(*r)->doc);
	fprintf(out,
		"                       installed        all installed programs of these\n"
		"  --interface IF     receive from this interface; send nothing\n"
		"  --target TEXT      receive from this target of the backend; send nothing\n"
		"  --write            measure writing: --backend pcap_file --target FILE\n"
		"                     (/dev/null)\n"
		"how to measure (default: each receiver at the highest rate)\n"
		"  --workers N        1 to N rings share the traffic, each with its own CPU\n"
		"  --rates R,R        several offered rates: 200k, 1.2M frames per second, 50%% of\n"
		"                     the highest rate of the sender, max\n"
		"  --search zero-loss the highest rate without loss; each run takes --time\n"
		"  --burst[=running]  the longest burst without loss, while the receiver is stalled\n"
		"                     or runs\n"
		"  --idle             what an idle ring uses: CPU time, wake-ups, timer interrupts\n"
		"  --formats F,F      read files of several formats: pcap, pcapng.zst, ..., all\n"
		"  --replay-jitter    the delay of replayed frames: --file F -o speed=1\n"
		"  --latency          also measure the time from sending to receiving\n"
		"  --suite NAME       run several of these modes: quick (two minutes), full (half an\n"
		"                     hour) or smoke (a few seconds)\n");
}

void options_help(FILE *out)
{
	help_what(out);
	fprintf(out,
		"runs and CPUs\n"
		"  --time S           seconds of a run (%g)\n"
		"  --runs N           number of runs; the results are medians (%d)\n"
		"  --resolution P     precision of a search in percent (%g)\n"
		"  --bind POLICY      CPUs of the workers: cores, numa (nodes in turn), list:0,2-4\n"
		"  --oversubscribe    allow more workers than CPUs\n",
		OPTIONS_DEFAULT_SECONDS, OPTIONS_DEFAULT_RUNS,
		100 * OPTIONS_DEFAULT_RESOLUTION);
	fprintf(out,
		"traffic\n"
		"  --size N           frame size in bytes without FCS (60), or imix\n"
		"  --sizes N,N        several sizes, in turn; rfc2544, imix, jumbo, or all of these\n"
		"  --flows N          number of flows (64)\n"
		"  --gen name=value   another option of the backend gen\n"
		"  --traffic FILE     send the frames of a capture file repeatedly; with\n"
		"                     --backend pcap_file, read this file\n"
		"  --file FILE        the same as --traffic\n"
		"  --rate R           offered rate in frames per second: 200k, 1.2M\n"
		"  --sender METHOD    auto, or:\n");
	for (const struct send_method *const *m = send_methods; *m; m++)
		fprintf(out, "                       %-16s %s\n", (*m)->name,
			(*m)->doc);
	fprintf(out,
		"reports\n"
		"  --json [FILE]      write a JSON document to FILE or standard output\n"
		"  --html FILE        write a page with charts\n"
		"  --plot FILE        write the charts as a PNG, with gnuplot\n"
		"  --report FILE      measure nothing; use this JSON file for --html and --plot\n"
		"  --compare OLD NEW  measure nothing; compare two JSON files\n"
		"  --tolerance P      with --compare: ignore changes up to P percent (%g)\n"
		"information\n"
		"  --show-placement   the CPUs that bench would use, and why\n"
		"  --list [-v]        the backends; with -v also their options\n"
		"  --options NAME     the options of one backend\n"
		"  --version, --help\n"
		"\n"
		"Exit status: 0 if every frame is accounted for; 1 if not, or if the measurement\n"
		"failed; 2 for wrong usage; 130 if interrupted (bench prints the runs so far).\n"
		"With --compare: 0 if no metric is worse; 1 if one is; 2 if the files cannot be\n"
		"compared.\n",
		100 * OPTIONS_DEFAULT_TOLERANCE);
}
