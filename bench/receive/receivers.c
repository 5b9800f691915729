/* SPDX-License-Identifier: BSD-3-Clause */
#include "receive/receivers.h"

#include <string.h>

#include "external/tool.h"

const struct receiver *const receiver_list[] = {
	&receiver_raw,
	&receiver_raw_prefetch,
	&receiver_raw_map,
	&receiver_libpcap,
	&receiver_libpcap_dispatch,
	&receiver_tools[0],
	&receiver_tools[1],
	&receiver_tools[2],
	&receiver_tools[3],
	&receiver_tools[4],
	&receiver_tools[5],
	&receiver_tools[6],
	NULL,
};

const struct receiver *receiver_find(const char *name)
{
	for (const struct receiver *const *c = receiver_list; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}
