/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario/formats.h"

#include <stddef.h>
#include <string.h>

const char *const format_names[] = {
	"pcap",      "pcap.gz",    "pcap.zst",   "pcap.lz4", "pcapng",
	"pcapng.gz", "pcapng.zst", "pcapng.lz4", NULL,
};

bool format_exists(const char *name)
{
	for (const char *const *f = format_names; *f; f++)
		if (strcmp(*f, name) == 0)
			return true;
	return false;
}
