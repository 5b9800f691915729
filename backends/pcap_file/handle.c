/* SPDX-License-Identifier: BSD-3-Clause */
#include "handle.h"

#include <stdio.h>
#include <string.h>

/* Cuts a long name at its start: the end is more useful. */
void pcap_file_set_name(struct pcap_file *p, const char *target, bool writing)
{
	size_t max = sizeof(p->name) - sizeof("'...'");
	size_t size = strlen(target);

	if (strcmp(target, "-") == 0)
		snprintf(p->name, sizeof(p->name), "standard %s",
			 writing ? "output" : "input");
	else if (size <= max)
		snprintf(p->name, sizeof(p->name), "'%s'", target);
	else
		snprintf(p->name, sizeof(p->name), "'...%s'",
			 target + size - max);
}

void pcap_file_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n)
{
	struct pcap_file *p = pcap_file_of(r);
	unsigned run;

	for (unsigned i = 0; i < n; i += run) {
		uint64_t chunk = frames[i].cookie & PCAP_FILE_CHUNK;

		run = 1;
		if (r->info.mode & PKTIO_SEND) {
			pktio_slab_put(p->writer.slab, chunk);
			continue;
		}
		while (i + run < n &&
		       (frames[i + run].cookie & PCAP_FILE_CHUNK) == chunk)
			run++;
		chunks_release(&p->reader.chunks, (uint32_t)chunk, run);
	}
}
