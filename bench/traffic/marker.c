/* SPDX-License-Identifier: BSD-3-Clause */
/* What a receiver notes of the frames that it gets. */
#include "traffic/marker.h"

#include <stdlib.h>

struct marker_reader *marker_reader_new(uint32_t flows, bool latency)
{
	struct marker_reader *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->flows = flows;
	p->seen = calloc(flows ? flows : 1, 2);
	if (latency)
		p->latency = calloc(1, sizeof(*p->latency));
	if (!p->seen || (latency && !p->latency))
		return marker_reader_free(p);
	return p;
}

struct marker_reader *marker_reader_free(struct marker_reader *p)
{
	if (p) {
		free(p->latency);
		free(p->seen);
		free(p);
	}
	return NULL;
}
