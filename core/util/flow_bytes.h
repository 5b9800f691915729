/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_FLOW_BYTES_H
#define PKTIO_UTIL_FLOW_BYTES_H

/* The flow parser over bytes in memory. */

#include <stdint.h>
#include <string.h>

struct flow_bytes {
	const uint8_t *data;
	uint32_t len;
};

static inline int flow_load(const struct flow_bytes *from, uint32_t offset,
			    void *to, uint32_t size)
{
	if (offset > from->len || from->len - offset < size)
		return -1;
	memcpy(to, from->data + offset, size);
	return 0;
}

#define FLOW_CONTEXT const struct flow_bytes
#define FLOW_LOAD flow_load
#include "util/flow.h"

#endif
