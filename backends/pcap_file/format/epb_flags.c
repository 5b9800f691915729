/* SPDX-License-Identifier: BSD-3-Clause */
/* Conversion between the flags of pcapng and the fields of a frame. */
#include "format/epb_flags.h"

#define DIRECTION 3U
#define INBOUND 1U
#define OUTBOUND 2U
#define RECEPTION_SHIFT 2U
#define RECEPTION 7U
#define UNICAST 1U
#define MULTICAST 2U
#define BROADCAST 3U
#define PROMISCUOUS 4U
#define CHECKSUM_NOT_READY (1U << 9)
#define CHECKSUM_VALID (1U << 10)

#define RECEIVED(how) (INBOUND | (how) << RECEPTION_SHIFT)

uint32_t epb_flags_of(const struct pktio_frame *f)
{
	static const uint32_t types[] = {
		[PKTIO_PKT_HOST] = RECEIVED(UNICAST),
		[PKTIO_PKT_BROADCAST] = RECEIVED(BROADCAST),
		[PKTIO_PKT_MULTICAST] = RECEIVED(MULTICAST),
		[PKTIO_PKT_OTHERHOST] = RECEIVED(PROMISCUOUS),
		[PKTIO_PKT_OUTGOING] = OUTBOUND,
	};
	uint32_t flags = 0;

	if (f->flags & PKTIO_F_PKTTYPE &&
	    f->pkttype < sizeof(types) / sizeof(types[0]))
		flags = types[f->pkttype];
	if (f->csum == PKTIO_CSUM_PARTIAL)
		flags |= CHECKSUM_NOT_READY;
	if (f->csum == PKTIO_CSUM_VALID)
		flags |= CHECKSUM_VALID;
	return flags;
}

static uint8_t csum_of(uint32_t flags)
{
	if (flags & CHECKSUM_VALID)
		return PKTIO_CSUM_VALID;
	return flags & CHECKSUM_NOT_READY ? PKTIO_CSUM_PARTIAL :
					    PKTIO_CSUM_UNKNOWN;
}

bool epb_flags_apply(struct pktio_frame *f, uint32_t flags)
{
	static const uint8_t types[RECEPTION + 1] = {
		[MULTICAST] = PKTIO_PKT_MULTICAST,
		[BROADCAST] = PKTIO_PKT_BROADCAST,
		[PROMISCUOUS] = PKTIO_PKT_OTHERHOST,
	};
	uint32_t direction = flags & DIRECTION;
	uint32_t how = flags >> RECEPTION_SHIFT & RECEPTION;

	f->pkttype = direction == OUTBOUND ? PKTIO_PKT_OUTGOING : types[how];
	f->csum = csum_of(flags);
	if (direction == OUTBOUND ||
	    (direction == INBOUND && how >= UNICAST && how <= PROMISCUOUS))
		f->flags |= PKTIO_F_PKTTYPE;
	return epb_flags_of(f) == flags;
}
