/* SPDX-License-Identifier: BSD-3-Clause */
/* Metadata of frames, interfaces and the source as a whole. */
#include <stdbool.h>

#include <pktio/backend.h>

#include "send.h"

/* Whether `id` can be one of this scope; `set`: of pktio_meta_set(). */
static bool is_valid(enum pktio_meta_scope scope, uint64_t id, bool set)
{
	switch (scope) {
	case PKTIO_META_FRAME:
		return !set || id == 0;
	case PKTIO_META_INTERFACE:
		return id <= UINT32_MAX;
	case PKTIO_META_SECTION:
		return id == 0;
	}
	return false;
}

int pktio_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
		   uint64_t id, uint16_t code, unsigned index, void *buf,
		   size_t size)
{
	if (!r->ops->meta_get)
		return -ENOTSUP;
	if (!is_valid(scope, id, false))
		return -EINVAL;
	return r->ops->meta_get(r, scope, id, code, index, buf, size);
}

int pktio_meta_set(struct pktio_ring *r, enum pktio_meta_scope scope,
		   uint64_t id, uint16_t code, const void *value, size_t size)
{
	int ret = send_check(r, true);

	if (ret < 0)
		return ret;
	if (!r->ops->meta_set)
		return pktio_fail(r, -ENOTSUP,
				  "stores frames only, and no metadata");
	if (!is_valid(scope, id, true))
		return pktio_fail(
			r, -EINVAL,
			"there is no metadata scope %d with the id %llu", scope,
			(unsigned long long)id);
	if (scope == PKTIO_META_SECTION)
		return pktio_fail(
			r, -ENOTSUP,
			"metadata of the whole file is set by options of the ring");
	return r->ops->meta_set(r, scope, id, code, value, size);
}
