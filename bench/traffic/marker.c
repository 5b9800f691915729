/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Marker frames. The flow of a frame is its addresses and ports, the smaller
 * end first; for frames that are not IP, its MAC addresses. Sorting brings the
 * frames of a flow together.
 */
#include "traffic/marker.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"

/* ---- Writing markers ---------------------------------------------------- */

#define MAC_SIZE 6U
#define TYPE_AT 12U
#define TAG_SIZE 4U
#define TYPE_IPV4 0x0800U
#define TYPE_IPV6 0x86ddU
#define TYPE_VLAN 0x8100U
#define TYPE_QINQ 0x88a8U
#define PROTO_TCP 6U
#define PROTO_UDP 17U
#define ADDRESS_SIZE 16U
#define PORT_SIZE 2U
#define END_SIZE (ADDRESS_SIZE + PORT_SIZE)

struct key {
	uint8_t low[END_SIZE], high[END_SIZE];
	uint8_t proto, swapped; /* `low` is the destination */
	uint32_t frame;
};

static unsigned load16(const uint8_t *at)
{
	return (unsigned)at[0] << 8 | at[1];
}

static void set_key(struct key *key, const uint8_t *from, const uint8_t *to,
		    size_t size, const uint8_t *ports)
{
	uint8_t ends[2][END_SIZE] = { { 0 } };
	unsigned low;

	memcpy(ends[0], from, size);
	memcpy(ends[1], to, size);
	if (ports) {
		memcpy(ends[0] + ADDRESS_SIZE, ports, PORT_SIZE);
		memcpy(ends[1] + ADDRESS_SIZE, ports + PORT_SIZE, PORT_SIZE);
	}
	low = memcmp(ends[0], ends[1], END_SIZE) <= 0 ? 0 : 1;
	memcpy(key->low, ends[low], END_SIZE);
	memcpy(key->high, ends[!low], END_SIZE);
	key->swapped = (uint8_t)low;
}

/* Returns the offset of the end of the headers that define the flow. */
static uint32_t find_key(struct key *key, const uint8_t *data, uint32_t len)
{
	uint32_t at = TYPE_AT;
	uint32_t ip;
	uint32_t ports;
	bool has_ports;
	unsigned type = load16(data + at);

	while ((type == TYPE_VLAN || type == TYPE_QINQ) &&
	       at + TAG_SIZE + 2 <= len) {
		at += TAG_SIZE;
		type = load16(data + at);
	}
	ip = at + 2;
	if (type == TYPE_IPV4 && ip + 20 <= len) {
		ports = ip + (data[ip] & 15U) * 4;
		key->proto = data[ip + 9];
		has_ports = key->proto == PROTO_TCP || key->proto == PROTO_UDP;
		has_ports = has_ports && ports + 4 <= len;
		set_key(key, data + ip + 12, data + ip + 16, 4,
			has_ports ? data + ports : NULL);
		return has_ports ? ports + 4 : ip + 20;
	}
	if (type == TYPE_IPV6 && ip + 40 <= len) {
		ports = ip + 40;
		key->proto = data[ip + 6];
		has_ports = key->proto == PROTO_TCP || key->proto == PROTO_UDP;
		has_ports = has_ports && ports + 4 <= len;
		set_key(key, data + ip + 8, data + ip + 24, ADDRESS_SIZE,
			has_ports ? data + ports : NULL);
		return has_ports ? ports + 4 : ports;
	}
	set_key(key, data + MAC_SIZE, data, MAC_SIZE, NULL);
	return ip;
}

static int compare(const void *a, const void *b)
{
	const struct key *x = a;
	const struct key *y = b;
	int low = memcmp(x->low, y->low, END_SIZE);
	int high = memcmp(x->high, y->high, END_SIZE);

	if (low != 0)
		return low;
	return high != 0 ? high : (int)x->proto - (int)y->proto;
}

static void write_markers(struct traffic *t, struct key *keys)
{
	qsort(keys, t->n, sizeof(*keys), compare);
	for (size_t i = 0; i < t->n; i++) {
		const struct traffic_frame *f = &t->frames[keys[i].frame];
		struct marker marker = { .magic = MARKER_MAGIC };

		if (i == 0 || compare(&keys[i - 1], &keys[i]) != 0)
			t->flows++;
		marker.flow = 2 * (t->flows - 1) + keys[i].swapped;
		memcpy(t->bytes + f->at + f->len - MARKER_SIZE, &marker,
		       MARKER_SIZE);
	}
}

int markers_write(struct traffic *t, struct pktio_error *reterr)
{
	struct key *keys;

	if (t->flows > 0)
		return 0;
	keys = calloc(t->n, sizeof(*keys));
	if (!keys)
		return error_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; i < t->n; i++) {
		const struct traffic_frame *f = &t->frames[i];
		uint32_t end = find_key(&keys[i], t->bytes + f->at, f->len);

		keys[i].frame = (uint32_t)i;
		if (end + MARKER_SIZE <= f->len)
			continue;
		free(keys);
		return error_set(
			reterr, -EINVAL,
			"%s has a frame of %u bytes; a marker frame needs %zu bytes for its flow and time; use --size",
			t->source, f->len, (size_t)end + MARKER_SIZE);
	}
	write_markers(t, keys);
	free(keys);
	return 0;
}

/* ---- Reading markers ---------------------------------------------------- */

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
