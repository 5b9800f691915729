/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Frames of any content, cut as any struct virtio_net_hdr says. The first 16
 * bytes of an input are that header, what was not captured, and the link type;
 * the rest is the frame. All memory is of exactly the size that is promised.
 */
#include <stdbool.h>
#include <string.h>

#include <pktio/backend.h>

#include "fuzz.h"
#include "offload/segment.h"
#include "registry.h"

#define PLAN 16U

const struct pktio_backend *const backends_builtin[] = { NULL };

/* Segments have all of the payload, in order, and no more than their size. */
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
	/* But for an option header that is left out. */
	HOLDS(s.headers == headers || s.headers == headers - 8);
	HOLDS(s.parts.ip.l3 <= s.parts.ip.l4 && s.parts.ip.l4 < s.headers);
	cut_all(&s, h, s.payload, size - headers, size + missing - headers);
}

/* A checksum changes the two bytes it is in, and once it is right, none. */
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
	/* A size of 1 makes many segments; they are all alike. */
	cut(copy, (uint32_t)(size - PLAN), missing % 4096,
	    data[PLAN - 1] & 1 ? 101 : 1, &h);
	check(copy, (uint32_t)(size - PLAN), data[PLAN - 1] & 1 ? 101 : 1, &h);
	free(copy);
	return 0;
}
