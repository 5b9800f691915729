/* SPDX-License-Identifier: BSD-3-Clause */
/* The external tools: their command lines, and how their output is parsed. */
#include "external/tool.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- Output ------------------------------------------------------------- */

/* Reads the number before a text, as in "12 packets captured". */
static bool before(const char *output, const char *text, uint64_t *ret)
{
	const char *at = strstr(output, text);

	if (!at)
		return false;
	while (at > output && at[-1] == ' ')
		at--;
	if (at == output || !isdigit((unsigned char)at[-1]))
		return false;
	while (at > output && isdigit((unsigned char)at[-1]))
		at--;
	*ret = strtoull(at, NULL, 10);
	return true;
}

/* Reads the number after a text, as in "Packets captured: 12". */
static bool after(const char *output, const char *text, uint64_t *ret)
{
	const char *at = strstr(output, text);
	char *end;

	if (!at)
		return false;
	at += strlen(text);
	*ret = strtoull(at, &end, 10);
	return end != at;
}

/* The output has "packet" if the count is 1. */
static bool parse_tcpdump(const char *output, struct tool_counts *ret)
{
	return (before(output, " packets captured", &ret->received) ||
		before(output, " packet captured", &ret->received)) &&
	       (before(output, " packets dropped by kernel", &ret->dropped) ||
		before(output, " packet dropped by kernel", &ret->dropped));
}

/* "Packets received/dropped on interface 'eth0': 12/3 (pcap:3/dumpcap:0/..." */
static bool parse_dumpcap(const char *output, struct tool_counts *ret)
{
	const char *line = strstr(output, "received/dropped on interface");
	const char *counts = line ? strstr(line, "': ") : NULL;

	return after(output, "Packets captured:", &ret->received) && counts &&
	       after(counts, "/", &ret->dropped);
}

/* "Failed" frames are those for which the ring had no space. */
static bool parse_netsniff(const char *output, struct tool_counts *ret)
{
	return before(output, "packets incoming", &ret->received) &&
	       before(output, "packets failed filter", &ret->dropped);
}

/* One line per second with time, packets and bytes; no loss count. */
static bool parse_tracertstats(const char *output, struct tool_counts *ret)
{
	const char *line = strstr(output, "bytes");

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
static bool parse_zeek(const char *output, struct tool_counts *ret)
{
	const char *line = strstr(output, " received on interface");

	return line &&
	       (before(output, " packets received on interface",
		       &ret->received) ||
		before(output, " packet received on interface",
		       &ret->received)) &&
	       after(line, ", ", &ret->dropped);
}

/* ---- Tools -------------------------------------------------------------- */

static const struct tool tcpdump = {
	.name = "tcpdump",
	/* Without -Z root it changes to a user that does not exist in the user
	 * namespace. */
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
	.no_drop_count = true,
	.needs_frame = true,
};

static const struct tool zeek = {
	.name = "zeek",
	.arguments = "-b -C -i %i Pcap::bufsize=%m",
	.version = "--version",
	.parse = parse_zeek,
};

/* Zeek with another packet source; docs/zeek.md describes its options. */
static const struct tool zeek_af_packet = {
	.name = "zeek-af_packet",
	.program = "zeek",
	/* The plugin has a name here because -b loads no other plugin. */
	.arguments =
		"-b Zeek::AF_Packet -C -i af_packet::%i AF_Packet::buffer_size=%b",
	.version = "--version",
	.parse = parse_zeek,
	.by_name_only = true,
};

static const struct tool zeek_pktio = {
	.name = "zeek-pktio",
	.program = "zeek",
	.arguments = "-b Pktio::PktSrc -C -i pktio::%i Pktio::buffer_size=%b",
	.version = "--version",
	.parse = parse_zeek,
	.by_name_only = true,
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

#define TOOL(name_, tool_, doc_)                                           \
	{                                                                  \
		.name = (name_), .doc = (doc_), .live = true,              \
		.tool = &(tool_), .open = open_##tool_, .loop = tool_loop, \
		.wake = tool_wake, .get_losses = tool_losses,              \
		.get_usage = tool_usage, .close = tool_close,              \
	}

const struct receiver receiver_tools[RECEIVER_TOOLS] = {
	TOOL("tcpdump", tcpdump, "the program, writes to /dev/null"),
	TOOL("dumpcap", dumpcap, "of Wireshark, writes to /dev/null"),
	TOOL("netsniff-ng", netsniff, "the program, writes to /dev/null"),
	TOOL("tracertstats", tracertstats, "of libtrace, counts frames"),
	TOOL("zeek", zeek, "the program without scripts: -b"),
	TOOL("zeek-af_packet", zeek_af_packet, "zeek -i af_packet::"),
	TOOL("zeek-pktio", zeek_pktio, "zeek -i pktio::"),
};
