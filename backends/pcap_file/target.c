/* SPDX-License-Identifier: BSD-3-Clause */
#include "target.h"

#include "handle.h"
#include "merge.h"
#include "read/file.h"
#include "read/reader.h"
#include "read/sources.h"

const struct pktio_backend *pcap_file_reader(const char *target)
{
	return sources_several(target) ? &merge_backend : &read_file_backend;
}

bool pcap_file_is_regular(struct pktio_ring *r)
{
	return r->ops == &merge_backend || pcap_file_of(r)->regular;
}

int pcap_file_rewind(struct pktio_ring *r)
{
	if (r->ops == &merge_backend)
		return merge_rewind(r);
	return pcap_file_reader_rewind(pcap_file_of(r));
}
