/* SPDX-License-Identifier: BSD-3-Clause */
/* The information on a ring, and its counters. */
#include <pktio/backend.h>

#include "sized.h"

int pktio_get_info(const struct pktio_ring *r, struct pktio_info *ret)
{
	struct pktio_info info = r->info;
	int code = r->ops->get_info ? r->ops->get_info(r, &info) : 0;

	return code < 0 ? code :
			  sized_copy(ret, ret->size, &info, sizeof(info));
}

const char *pktio_state_name(unsigned state)
{
	static const char *const names[] = {
		[PKTIO_STATE_NONE] = "none",
		[PKTIO_STATE_ABSENT] = "absent",
		[PKTIO_STATE_BLOCKED] = "blocked",
		[PKTIO_STATE_WAITING_GROUP] = "waiting-group",
		[PKTIO_STATE_RUNNING] = "running",
		[PKTIO_STATE_LINK_DOWN] = "link-down",
		[PKTIO_STATE_GONE] = "gone",
	};

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
							  "unknown";
}

int pktio_get_stats(struct pktio_ring *r, struct pktio_stats *ret)
{
	int code = r->ops->get_stats ? r->ops->get_stats(r) : 0;

	return code < 0 ?
		       code :
		       sized_copy(ret, ret->size, &r->stats, sizeof(r->stats));
}

const struct pktio_counter *pktio_counters(void)
{
#define ENTRY(field, units, text, is_gauge)                     \
	{                                                       \
		.name = #field, .unit = (units), .doc = (text), \
		.offset = offsetof(struct pktio_stats, field),  \
		.gauge = (is_gauge)                             \
	}
#define COUNTER(field, unit, doc) ENTRY(field, unit, doc, 0)
#define GAUGE(field, unit, doc) ENTRY(field, unit, doc, 1)
	static const struct pktio_counter counters[] = {
		COUNTER(received, "frames", "received"),
		COUNTER(received_bytes, "bytes", "received, as captured"),
		COUNTER(dropped, "frames", "lost because the ring was full"),
		COUNTER(freezes, "events",
			"how often the kernel found the ring full"),
		COUNTER(filtered, "frames",
			"rejected by a filter in user space"),
		COUNTER(truncated, "frames",
			"received with fewer bytes than on the wire"),
		COUNTER(stalls, "events",
			"how often held frames blocked new frames"),
		COUNTER(sent, "frames",
			"accepted by the interface, file or sink"),
		COUNTER(sent_bytes, "bytes", "sent"),
		COUNTER(send_failed, "frames",
			"lost after they were queued for sending"),
		COUNTER(link_downs, "events",
			"how often the interface went down"),
		COUNTER(reattached, "events",
			"how often a new interface replaced the interface"),
		COUNTER(skipped, "blocks",
			"skipped in a file because they contain no frame"),
		GAUGE(pending_blocks, "blocks",
		      "blocks with frames not yet received"),
		GAUGE(pending_blocks_max, "blocks",
		      "the largest pending_blocks so far"),
		GAUGE(oldest_age, "ns",
		      "age of the oldest frame not yet received"),
		{ .name = NULL },
	};
#undef ENTRY
#undef COUNTER
#undef GAUGE
	return counters;
}
