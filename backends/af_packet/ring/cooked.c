/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cooked frames, from a SOCK_DGRAM socket. The kernel removes the link header
 * and describes it in a struct sockaddr_ll. From that the library makes one of
 * the cooked headers of tcpdump.org in front of the frame, where the kernel
 * leaves 28 bytes. A VLAN tag is written as in Ethernet, between protocol and
 * payload.
 */
#include "ring/cooked.h"

#include "af_packet.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>

#define SLL_SIZE 16U /* LINKTYPE_LINUX_SLL; 276 has 20 bytes */
#define TAG 4U
#define ADDRESS 8U

/* The kernel writes the address before that room. */
static struct sockaddr_ll address_of(const struct pktio_frame *f)
{
	struct sockaddr_ll from;

	memcpy(&from, f->data - f->headroom - sizeof(from), sizeof(from));
	return from;
}

static uint8_t *put16(uint8_t *out, uint16_t value)
{
	*out++ = (uint8_t)(value >> 8);
	*out++ = (uint8_t)value;
	return out;
}

static uint8_t *put_address(uint8_t *out, const struct sockaddr_ll *from)
{
	uint8_t n = from->sll_halen < ADDRESS ? from->sll_halen : ADDRESS;

	memset(out, 0, ADDRESS);
	memcpy(out, from->sll_addr, n);
	return out + ADDRESS;
}

static void put_sll(uint8_t *out, const struct sockaddr_ll *from,
		    uint16_t protocol)
{
	out = put16(out, from->sll_pkttype);
	out = put16(out, from->sll_hatype);
	out = put16(out, from->sll_halen);
	out = put_address(out, from);
	put16(out, protocol);
}

static void put_sll2(uint8_t *out, const struct sockaddr_ll *from,
		     uint16_t protocol)
{
	uint32_t ifindex = (uint32_t)from->sll_ifindex;

	out = put16(out, protocol);
	out = put16(out, 0);
	out = put16(out, (uint16_t)(ifindex >> 16));
	out = put16(out, (uint16_t)ifindex);
	out = put16(out, from->sll_hatype);
	*out++ = from->sll_pkttype;
	*out++ = from->sll_halen;
	put_address(out, from);
}

static unsigned cook_one(const struct af_packet *p, struct pktio_frame *f)
{
	struct sockaddr_ll from = address_of(f);
	uint16_t protocol = ntohs(from.sll_protocol);
	unsigned size = p->cooked + (f->nvlan ? TAG : 0);
	uint8_t *out = pktio_frame_wdata(f);

	if (!out)
		return 0;
	out -= size;
	if (f->nvlan) {
		put16(put16(out + p->cooked, f->vlan[0].tci), protocol);
		protocol = f->vlan[0].tpid;
		f->vlan[0] = (struct pktio_vlan){ 0 };
		f->nvlan = 0;
	}
	if (p->cooked == SLL_SIZE)
		put_sll(out, &from, protocol);
	else
		put_sll2(out, &from, protocol);
	f->data = out;
	f->caplen += size;
	f->wirelen += size;
	f->headroom -= (uint16_t)size;
	return size;
}

unsigned af_packet_cook(const struct af_packet *p, struct pktio_frame *frames,
			unsigned n)
{
	unsigned grown = 0;

	for (unsigned i = 0; i < n; i++)
		grown += cook_one(p, &frames[i]);
	return grown;
}
