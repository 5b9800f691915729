/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Segments frames of any content with any struct virtio_net_hdr. The first 16
 * bytes of an input are that header, the number of bytes that were not
 * captured, and the link type; the rest is the frame. All buffers have exactly
 * the documented size.
 */
#include <stdbool.h>
#include <string.h>

#include <pktio/backend.h>

#include "fuzz.h"
#include "offload/segment.h"
#include "registry.h"

#define PLAN 16U

const struct pktio_backend *const backends_builtin[] = { NULL };

/*
 * The segments have the whole payload, in order, each at most the segment size.
 */
static void cut_all(struct segmenter *s, const struct virtio_net_hdr *h,
		    const uint8_t *payload, uint32_t captured, uint32_t total)
{
	uint8_t *out = malloc(SEGMENT_MOST);
	uint32_t done = 0;
	uint32_t kept = 0;

	HOLDS(out);
	while (segment_left(s)) {
		uint32_t wirelen = 0;
		uint32_t caplen = segment_next(s, out, &wirelen);

		HOLDS(caplen <= wirelen && wirelen <= SEGMENT_MOST);
		HOLDS(wirelen > s->headers && caplen >= s->headers);
		HOLDS(wirelen - s->headers <= h->gso_size);
		HOLDS(wirelen - s->headers == h->gso_size || !segment_left(s));
		HOLDS(memcmp(out + s->headers, payload + kept,
			     caplen - s->headers) == 0);
		done += wirelen - s->headers;
		kept += caplen - s->headers;
	}
	HOLDS(done == total);
	HOLDS(kept == captured);
	free(out);
}

static void cut(const uint8_t *data, uint32_t size, uint32_t missing,
		uint16_t linktype, const struct virtio_net_hdr *h)
{
	struct segmenter s;
	uint32_t headers;

	if (!segment_begin(&s, data, size, size + missing, linktype, h))
		return;
	HOLDS(s.payload >= data && s.payload <= data + size);
	headers = (uint32_t)(s.payload - data);
	/* Except for an option header that is removed. */
	HOLDS(s.headers == headers || s.headers == headers - 8);
	HOLDS(s.parts.ip.l3 <= s.parts.ip.l4 && s.parts.ip.l4 < s.headers);
	cut_all(&s, h, s.payload, size - headers, size + missing - headers);
}

/*
 * Completing a checksum changes its two bytes, and doing it again changes
 * nothing.
 */
static void check(uint8_t *data, uint32_t size, uint16_t linktype,
		  const struct virtio_net_hdr *h)
{
	struct segment_parts parts;
	uint8_t before[2];
	uint32_t at;

	segment_complete(data, size, h->csum_start, h->csum_offset);
	if (!segment_parse(&parts, data, size, linktype))
		return;
	at = parts.ip.l4 + segment_checksum_offset(&parts);
	HOLDS(segment_end(&parts, data, size) <= size);
	segment_checksum(data, size, &parts, false);
	memcpy(before, data + at, sizeof(before));
	segment_checksum(data, size, &parts, true);
	if (segment_end(&parts, data, size) == size) {
		segment_complete(data, size, parts.ip.l4,
				 segment_checksum_offset(&parts));
		HOLDS(memcmp(before, data + at, sizeof(before)) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct virtio_net_hdr h;
	uint16_t missing;
	uint8_t *copy;

	if (size < PLAN || size > UINT16_MAX)
		return 0;
	memcpy(&h, data, sizeof(h));
	memcpy(&missing, data + sizeof(h), sizeof(missing));
	copy = malloc(size - PLAN + 1);
	HOLDS(copy);
	memcpy(copy, data + PLAN, size - PLAN);
	/* A size of 1 gives many similar segments. */
	cut(copy, (uint32_t)(size - PLAN), missing % 4096,
	    data[PLAN - 1] & 1 ? 101 : 1, &h);
	check(copy, (uint32_t)(size - PLAN), data[PLAN - 1] & 1 ? 101 : 1, &h);
	free(copy);
	return 0;
}
