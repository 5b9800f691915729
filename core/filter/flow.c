/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The flow of a frame, with the parser of the steering program. The parser
 * (util/flow.h) only hashes; this file notes where it found the packet, and
 * copies the addresses from there.
 */
#include <errno.h>
#include <string.h>

#include <arpa/inet.h>

#include <pktio/packet.h>

#include "util/flow_bytes.h"

_Static_assert(sizeof(struct pktio_flow) == 64, "part of the ABI");

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_RAW 101
#define LINKTYPE_LINUX_SLL 113
#define LINKTYPE_LINUX_SLL2 276

#define MAC_SIZE 6U
#define VLAN_ID 0x0fffU

static uint32_t type_at(const struct flow_bytes *bytes, uint32_t at)
{
	uint16_t type = 0;

	return flow_load(bytes, at, &type, sizeof(type)) < 0 ? FLOW_NOTHING :
							       ntohs(type);
}

/* The first header of a frame; negative: unknown link type. */
static int begin(struct flow_walk *w, const struct flow_bytes *bytes,
		 uint16_t linktype)
{
	switch (linktype) {
	case LINKTYPE_ETHERNET:
		w->next = FLOW_ETHERNET;
		return 0;
	case LINKTYPE_RAW:
		w->next = FLOW_INNER_IP;
		return 0;
	case LINKTYPE_LINUX_SLL:
		w->next = type_at(bytes, 14);
		w->offset = 16;
		return 0;
	case LINKTYPE_LINUX_SLL2:
		w->next = type_at(bytes, 0);
		w->offset = 20;
		return 0;
	default:
		return -ENOTSUP;
	}
}

static void add_tag(struct pktio_flow *flow, uint16_t tci)
{
	if (flow->nvlan < 2)
		flow->vlan[flow->nvlan] = tci & VLAN_ID;
	flow->nvlan++;
}

/* Tags in a tunnel are not tags of the frame. */
static void note_tag(struct pktio_flow *flow, const struct flow_bytes *bytes,
		     uint32_t at)
{
	uint16_t tci = 0;

	flow_load(bytes, at, &tci, sizeof(tci));
	if (flow->version == 0)
		add_tag(flow, ntohs(tci));
}

static void note_ip(struct pktio_flow *flow, uint8_t version, uint32_t at)
{
	flow->tunnels += flow->version != 0;
	flow->version = version;
	flow->ip = at;
	flow->transport = 0;
}

/* What a step read: the header `kind` at `at`. */
static void note(struct pktio_flow *flow, const struct flow_bytes *bytes,
		 const struct flow_walk *w, uint32_t kind, uint32_t at)
{
	uint16_t ports[2];

	switch (kind) {
	case FLOW_TYPE_IPV4:
	case FLOW_IP(FLOW_IP_IPV4):
		if (w->offset > at)
			note_ip(flow, 4, at);
		break;
	case FLOW_TYPE_IPV6:
	case FLOW_IP(FLOW_IP_IPV6):
		if (w->offset > at)
			note_ip(flow, 6, at);
		break;
	case FLOW_IP(FLOW_IP_TCP):
	case FLOW_IP(FLOW_IP_UDP):
	case FLOW_IP(FLOW_IP_DCCP):
	case FLOW_IP(FLOW_IP_SCTP):
	case FLOW_IP(FLOW_IP_UDPLITE):
		if (flow_load(bytes, at, ports, sizeof(ports)) == 0)
			flow->transport = at;
		break;
	case FLOW_TYPE_VLAN:
	case FLOW_TYPE_QINQ:
	case FLOW_TYPE_QINQ_OLD:
		if (w->offset > at)
			note_tag(flow, bytes, at);
		break;
	default:
		break;
	}
}

static void copy_addresses(struct pktio_flow *flow,
			   const struct flow_bytes *bytes, uint16_t linktype)
{
	if (flow->version == 4) {
		flow_load(bytes, flow->ip + 12, flow->source, 4);
		flow_load(bytes, flow->ip + 16, flow->destination, 4);
	} else if (flow->version == 6) {
		flow_load(bytes, flow->ip + 8, flow->source, 16);
		flow_load(bytes, flow->ip + 24, flow->destination, 16);
	} else if (linktype == LINKTYPE_ETHERNET &&
		   bytes->len >= 2 * MAC_SIZE) {
		flow->flags |= PKTIO_FLOW_MAC;
		flow_load(bytes, 0, flow->destination, MAC_SIZE);
		flow_load(bytes, MAC_SIZE, flow->source, MAC_SIZE);
	}
}

static uint64_t hash_datagram(const struct flow_datagram *d)
{
	uint64_t h = flow_mix(d->from + flow_mix(d->to));

	return flow_mix(h + ((uint64_t)d->protocol << 32 | d->id));
}

int pktio_flow_parse(struct pktio_flow *ret, const struct pktio_frame *frame)
{
	const struct flow_bytes bytes = { frame->data, frame->caplen };
	struct pktio_flow flow = { .nvlan = 0 };
	struct flow_walk w = { .offset = 0 };
	int r = begin(&w, &bytes, frame->linktype);

	if (r < 0)
		return r;
	for (unsigned i = 0; i < frame->nvlan; i++)
		add_tag(&flow, frame->vlan[i].tci);
	for (int i = 0; i < FLOW_HEADERS && w.next; i++) {
		uint32_t kind = w.next;
		uint32_t at = w.offset;

		w.next = flow_step(&bytes, &w);
		note(&flow, &bytes, &w, kind, at);
	}
	copy_addresses(&flow, &bytes, frame->linktype);
	/* A tunnel has no ports: the parser cleared those of its UDP. */
	flow.source_port = ntohs(w.ports[0]);
	flow.destination_port = ntohs(w.ports[1]);
	if (w.ports[0] == 0 && w.ports[1] == 0 && w.protocol == 0)
		flow.transport = 0;
	flow.protocol = (uint8_t)w.protocol;
	if (w.first || w.later) {
		flow.flags |= PKTIO_FLOW_FRAGMENT;
		flow.flags |= w.later ? PKTIO_FLOW_LATER : 0;
		flow.datagram = hash_datagram(&w.datagram);
	}
	*ret = flow;
	return flow.version != 0;
}

static uint64_t hash_address(const struct pktio_flow *flow,
			     const uint8_t *address, uint64_t seed)
{
	uint32_t words[4];
	uint16_t mac[3];

	memcpy(words, address, sizeof(words));
	memcpy(mac, address, sizeof(mac));
	if (flow->version == 4)
		return flow_mix_ipv4(seed, words[0]);
	if (flow->version == 6)
		return flow_mix_ipv6(seed, words);
	return flow->flags & PKTIO_FLOW_MAC ? flow_mix_mac(seed, mac) : 0;
}

uint32_t pktio_flow_hash(const struct pktio_flow *flow, uint32_t seed,
			 int addresses)
{
	struct flow_walk w = {
		.by_addresses = addresses || flow->flags & PKTIO_FLOW_LATER,
		.protocol = flow->protocol,
		.ports = { htons(flow->source_port),
			   htons(flow->destination_port) },
	};

	w.from = hash_address(flow, flow->source, seed);
	w.to = hash_address(flow, flow->destination, seed);
	return flow_hash(&w);
}

unsigned pktio_flow_ring(uint32_t hash, unsigned count, const uint32_t *weights)
{
	uint64_t bucket = hash % FLOW_BUCKETS;
	uint64_t total = 0;
	uint64_t end = 0;
	unsigned ring = 0;

	if (!weights)
		return (unsigned)(bucket * count / FLOW_BUCKETS);
	for (unsigned i = 0; i < count; i++)
		total += weights[i];
	while (ring + 1 < count &&
	       bucket * total / FLOW_BUCKETS >= (end += weights[ring]))
		ring++;
	return ring;
}
