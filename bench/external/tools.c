/* SPDX-License-Identifier: BSD-3-Clause */
/* The programs that captures are made with: how each is run, and what it says.
 */
#include "external/tool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- What they say ------------------------------------------------------ */

/* The number before the words, as in "12 packets captured". */
static bool before(const char *said, const char *words, uint64_t *ret)
{
	const char *at = strstr(said, words);

	if (!at)
		return false;
	while (at > said && at[-1] == ' ')
		at--;
	if (at == said || !isdigit((unsigned char)at[-1]))
		return false;
	while (at > said && isdigit((unsigned char)at[-1]))
		at--;
	*ret = strtoull(at, NULL, 10);
	return true;
}

/* The number after them, as in "Packets captured: 12". */
static bool after(const char *said, const char *words, uint64_t *ret)
{
	const char *at = strstr(said, words);
	char *end;

	if (!at)
		return false;
	at += strlen(words);
	*ret = strtoull(at, &end, 10);
	return end != at;
}

/* One is a "packet". */
static bool parse_tcpdump(const char *said, struct tool_counts *ret)
{
	return (before(said, " packets captured", &ret->received) ||
		before(said, " packet captured", &ret->received)) &&
	       (before(said, " packets dropped by kernel", &ret->dropped) ||
		before(said, " packet dropped by kernel", &ret->dropped));
}

/* "Packets received/dropped on interface 'eth0': 12/3 (pcap:3/dumpcap:0/..." */
static bool parse_dumpcap(const char *said, struct tool_counts *ret)
{
	const char *line = strstr(said, "received/dropped on interface");
	const char *counts = line ? strstr(line, "': ") : NULL;

	return after(said, "Packets captured:", &ret->received) && counts &&
	       after(counts, "/", &ret->dropped);
}

/* What it passes on is of those that had room; the others failed. */
static bool parse_netsniff(const char *said, struct tool_counts *ret)
{
	return before(said, "packets incoming", &ret->received) &&
	       before(said, "packets failed filter", &ret->dropped);
}

/* A line for each second, of time, packets and bytes; nothing of losses. */
static bool parse_tracertstats(const char *said, struct tool_counts *ret)
{
	const char *line = strstr(said, "bytes");

	ret->received = 0;
	if (!line)
		return false;
	while ((line = strchr(line, '\n'))) {
		char *end;

		strtod(++line, &end);
		if (end != line)
			ret->received += strtoull(end, NULL, 10);
	}
	return true;
}

/* "12 packets received on interface eth0, 3 (25.00%) dropped, ..." */
static bool parse_zeek(const char *said, struct tool_counts *ret)
{
	const char *line = strstr(said, " received on interface");

	return line &&
	       (before(said, " packets received on interface",
		       &ret->received) ||
		before(said, " packet received on interface",
		       &ret->received)) &&
	       after(line, ", ", &ret->dropped);
}

/* ---- The programs ------------------------------------------------------- */

static const struct tool tcpdump = {
	.name = "tcpdump",
	/* It would give up its privileges to a user that a user namespace does
	 * not have. */
	.arguments = "-i %i -n -w /dev/null -Z root -B %k",
	.version = "--version",
	.parse = parse_tcpdump,
};

static const struct tool dumpcap = {
	.name = "dumpcap",
	.arguments = "-i %i -q -w /dev/null -B %m",
	.version = "--version",
	.parse = parse_dumpcap,
};

static const struct tool netsniff = {
	.name = "netsniff-ng",
	.arguments = "--in %i --out /dev/null --silent --ring-size %mMiB",
	.version = "--version",
	.parse = parse_netsniff,
};

static const struct tool tracertstats = {
	.name = "tracertstats",
	.arguments = "-i 1 ring:%i",
	.parse = parse_tracertstats,
	.silent = true,
	.nudge = true,
};

static const struct tool zeek = {
	.name = "zeek",
	.arguments = "-b -C -i %i Pcap::bufsize=%m",
	.version = "--version",
	.parse = parse_zeek,
};

/* Its sources of packets; what it takes is in docs/zeek.md. */
static const struct tool zeek_af_packet = {
	.name = "zeek-af_packet",
	.program = "zeek",
	/* Built in or not: -b loads no plugin that is not named. */
	.arguments =
		"-b Zeek::AF_Packet -C -i af_packet::%i AF_Packet::buffer_size=%b",
	.version = "--version",
	.parse = parse_zeek,
	.asked = true,
};

static const struct tool zeek_pktio = {
	.name = "zeek-pktio",
	.program = "zeek",
	.arguments = "-b Pktio::PktSrc -C -i pktio::%i Pktio::buffer_size=%b",
	.version = "--version",
	.parse = parse_zeek,
	.asked = true,
};

static int open_tcpdump(void **ret, const struct receiver_config *config,
			struct pktio_error *reterr)
{
	return tool_open(ret, &tcpdump, config, reterr);
}

static int open_dumpcap(void **ret, const struct receiver_config *config,
			struct pktio_error *reterr)
{
	return tool_open(ret, &dumpcap, config, reterr);
}

static int open_netsniff(void **ret, const struct receiver_config *config,
			 struct pktio_error *reterr)
{
	return tool_open(ret, &netsniff, config, reterr);
}

static int open_tracertstats(void **ret, const struct receiver_config *config,
			     struct pktio_error *reterr)
{
	return tool_open(ret, &tracertstats, config, reterr);
}

static int open_zeek(void **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	return tool_open(ret, &zeek, config, reterr);
}

static int open_zeek_af_packet(void **ret, const struct receiver_config *config,
			       struct pktio_error *reterr)
{
	return tool_open(ret, &zeek_af_packet, config, reterr);
}

static int open_zeek_pktio(void **ret, const struct receiver_config *config,
			   struct pktio_error *reterr)
{
	return tool_open(ret, &zeek_pktio, config, reterr);
}

#define PROGRAM(name_, tool_, doc_)                                        \
	{                                                                  \
		.name = (name_), .doc = (doc_), .live = true,              \
		.tool = &(tool_), .open = open_##tool_, .loop = tool_loop, \
		.wake = tool_wake, .lost = tool_lost, .cost = tool_usage,  \
		.close = tool_close,                                       \
	}

const struct receiver receiver_tools[RECEIVER_TOOLS] = {
	PROGRAM("tcpdump", tcpdump, "the program, writing to /dev/null"),
	PROGRAM("dumpcap", dumpcap, "that of Wireshark, writing to /dev/null"),
	PROGRAM("netsniff-ng", netsniff, "the program, writing to /dev/null"),
	PROGRAM("tracertstats", tracertstats, "that of libtrace, counting"),
	PROGRAM("zeek", zeek, "the program, with no scripts: -b"),
	PROGRAM("zeek-af_packet", zeek_af_packet, "the same, -i af_packet::"),
	PROGRAM("zeek-pktio", zeek_pktio, "the same, -i pktio::"),
};
