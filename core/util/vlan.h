/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_UTIL_VLAN_H
#define PKTIO_UTIL_VLAN_H

/*
 * VLAN tags in the bytes of an Ethernet frame: between the two MAC addresses
 * and the EtherType. The functions do not check lengths: a frame with tags must
 * have at least MAC_ADDRESSES bytes.
 */

#include <string.h>

#include <pktio/pktio.h>

#define MAC_ADDRESSES 12U
#define VLAN_TAG 4U

/* Writes `n` tags at `out`; returns the end of the last. */
static inline uint8_t *vlan_write(uint8_t *out, const struct pktio_vlan *tags,
				  unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		*out++ = (uint8_t)(tags[i].tpid >> 8);
		*out++ = (uint8_t)tags[i].tpid;
		*out++ = (uint8_t)(tags[i].tci >> 8);
		*out++ = (uint8_t)tags[i].tci;
	}
	return out;
}

/*
 * Writes `n` tags into the frame at `data` and moves the addresses to the
 * front, where n * VLAN_TAG bytes must be free. Returns the new start.
 */
static inline uint8_t *vlan_prepend(uint8_t *data,
				    const struct pktio_vlan *tags, unsigned n)
{
	uint8_t *start = data - (size_t)n * VLAN_TAG;

	memmove(start, data, MAC_ADDRESSES);
	vlan_write(start + MAC_ADDRESSES, tags, n);
	return start;
}

/*
 * Writes all bytes of `f` at `out`, with the tags of vlan[] in the bytes.
 * Returns the length: f->caplen + f->nvlan * VLAN_TAG.
 */
static inline uint32_t vlan_write_frame(uint8_t *out,
					const struct pktio_frame *f)
{
	uint32_t head = f->nvlan ? MAC_ADDRESSES : 0;

	memcpy(out, f->data, head);
	out = vlan_write(out + head, f->vlan, f->nvlan);
	memcpy(out, f->data + head, f->caplen - head);
	return f->caplen + f->nvlan * VLAN_TAG;
}

#endif
