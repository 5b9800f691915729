/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/command.h"

#include <stdio.h>

#include <pktio/pktio.h>

#include "support/expect.h"
#include "support/files.h"

/* ---- Frames ------------------------------------------------------------- */

int command_frames(const char *name)
{
	struct pktio_frame frames[64];
	struct pktio_ring *ring = NULL;
	char uri[192];
	int total = 0;
	int n;

	snprintf(uri, sizeof(uri), "pcap_file:%s", scratch(name));
	if (pktio_open(&ring, uri, NULL, NULL) < 0)
		return -1;
	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		total += n;
		pktio_release(ring, frames, (unsigned)n);
	}
	pktio_close(ring);
	return n == PKTIO_EOF ? total : -1;
}

void command_make(const char *name, unsigned frames)
{
	struct outcome o;
	char line[128];

	snprintf(line, sizeof(line), "copy -q gen:?count=%u ./%s", frames,
		 name);
	command_run(&o, line);
	REQUIRE(o.status == 0 && !*o.err, "%s: %s", line, o.err);
}

/* ---- Running it --------------------------------------------------------- */

struct program *command_start(const char *line, int in, int out)
{
	const struct program_setup setup = { .directory = scratch_directory(),
					     .in = in,
					     .out = out };

	return program_start(CLI_PROGRAM, line, &setup);
}

void command_run(struct outcome *ret, const char *line)
{
	program_finish(command_start(line, -1, -1), ret);
}
