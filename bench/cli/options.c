/* SPDX-License-Identifier: BSD-3-Clause */
/* What the parts of bench ask about the command line. */
#include "cli/options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool options_offline(const struct options *o)
{
	return o->target || strcmp(o->backend, "gen") == 0 ||
	       strcmp(o->backend, "pcap_file") == 0;
}

const char *options_mode_name(enum mode mode)
{
	static const char *const names[] = {
		[MODE_PLAIN] = "plain",
		[MODE_SCALING] = "scaling",
		[MODE_RATES] = "rates",
		[MODE_SEARCH] = "search",
		[MODE_BURST] = "burst",
		[MODE_IDLE] = "idle",
		[MODE_FORMATS] = "formats",
		[MODE_REPLAY_JITTER] = "replay_jitter",
	};

	return names[mode];
}

void options_free(struct options *o)
{
	for (size_t i = 0; i < o->argc; i++)
		free(o->arguments[i]);
	free(o->arguments);
	o->arguments = NULL;
	o->argc = 0;
}

int options_wrong(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "bench: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return -EINVAL;
}
