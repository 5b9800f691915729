/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending, from the same frame slots as receiving. */
#include "send.h"

#include <poll.h>
#include <string.h>

#include "handle.h"
#include "util/vlan.h"

int pcap_live_alloc(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n)
{
	struct pcap_live *l = pcap_live_of(r);

	if (n > l->nfree)
		n = l->nfree;
	for (unsigned i = 0; i < n; i++) {
		uint8_t *slot = l->free[--l->nfree];

		frames[i] = (struct pktio_frame){
			.data = slot,
			.cookie = (uintptr_t)slot,
			.flags = PKTIO_F_WRITABLE,
			.linktype = l->template.linktype,
			.tailroom = l->slot_size < UINT16_MAX ?
					    (uint16_t)l->slot_size :
					    UINT16_MAX,
		};
	}
	return (int)n;
}

static int fail_send(struct pcap_live *l, const struct pktio_frame *f,
		     int error)
{
	/* libpcap has always a message, but not always an errno value. */
	return pktio_fail(&l->ring, error ? -error : -EIO,
			  "cannot send %u bytes on '%s': %s", f->caplen,
			  l->name, pcap_geterr(l->pcap));
}

/* Writes the tags into the bytes, and moves the bytes after them. */
static int put_tags(struct pcap_live *l, struct pktio_frame *f)
{
	uint32_t size = f->nvlan * VLAN_TAG;
	uint8_t *out = pktio_frame_wdata(f) + MAC_ADDRESSES;

	if (f->nvlan > 2 || f->caplen < MAC_ADDRESSES ||
	    f->caplen + size > l->slot_size)
		return pktio_fail(
			&l->ring, -EINVAL,
			"a frame of %u bytes cannot have %u VLAN tags; its slot has %u bytes",
			f->caplen, f->nvlan, (unsigned)l->slot_size);
	memmove(out + size, out, f->caplen - MAC_ADDRESSES);
	vlan_write(out, f->vlan, f->nvlan);
	f->caplen += size;
	f->nvlan = 0;
	return 0;
}

/* Reverts that, for a frame that stays the caller's. */
static void take_tags(const struct pktio_frame *f)
{
	uint8_t *out = pktio_frame_wdata(f) + MAC_ADDRESSES;

	memmove(out, out + (size_t)f->nvlan * VLAN_TAG,
		f->caplen - MAC_ADDRESSES);
}

/*
 * Each frame is sent at once. A full socket ends the burst. A frame that the
 * interface refuses is lost: the next flush reports it, and the rest of the
 * burst is still sent.
 */
int pcap_live_send(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	struct pcap_live *l = pcap_live_of(r);
	unsigned i;
	int ret = 0;

	for (i = 0; i < n; i++) {
		struct pktio_frame f = frames[i];

		if (f.nvlan > 0)
			ret = put_tags(l, &f);
		if (ret < 0)
			break;
		errno = 0;
		if (pcap_inject(l->pcap, f.data, f.caplen) >= 0) {
			r->stats.sent++;
			r->stats.sent_bytes += f.caplen;
			continue;
		}
		l->full = errno == EAGAIN || errno == ENOBUFS;
		if (l->full) {
			if (frames[i].nvlan > 0)
				take_tags(&frames[i]);
			break;
		}
		r->stats.send_failed++;
		l->send_error = fail_send(l, &f, errno);
	}
	pcap_live_release(r, frames, i);
	return i > 0 ? (int)i : ret;
}

/* Nothing is queued here: waits until a full socket has space again. */
int pcap_live_flush(struct pktio_ring *r)
{
	enum { TIMEOUT_MS = 100 };
	struct pcap_live *l = pcap_live_of(r);
	struct pollfd fd = { .fd = pcap_fileno(l->pcap), .events = POLLOUT };
	int ret = l->send_error;

	if (l->full)
		poll(&fd, 1, TIMEOUT_MS);
	l->full = false;
	l->send_error = 0;
	return ret;
}
