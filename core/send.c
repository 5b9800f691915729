/* SPDX-License-Identifier: BSD-3-Clause */
/* Sends frames. */
#include "send.h"

#include "util/vlan.h"

int send_check(struct pktio_ring *r, bool can)
{
	if (!can || !(r->info.mode & PKTIO_SEND))
		return pktio_fail(r, -ENOTSUP, "not opened to send");
	return 0;
}

int pktio_alloc(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	int ret = send_check(r, r->ops->alloc != NULL);

	return ret < 0 ? ret : r->ops->alloc(r, frames, n);
}

int pktio_send(struct pktio_ring *r, const struct pktio_frame *frames,
	       unsigned n)
{
	int ret = send_check(r, r->ops->send != NULL);

	return ret < 0 ? ret : r->ops->send(r, frames, n);
}

int pktio_flush(struct pktio_ring *r)
{
	int ret = send_check(r, true);

	return ret < 0 || !r->ops->flush ? ret : r->ops->flush(r);
}

int pktio_finish(struct pktio_ring *r)
{
	if (!(r->info.mode & PKTIO_SEND) || !r->ops->finish)
		return pktio_flush(r);
	return r->ops->finish(r);
}

/* Copies the frame as it was on the wire, with its tags in the bytes. */
static void fill(struct pktio_frame *to, const struct pktio_frame *f)
{
	to->caplen = vlan_write_frame(pktio_frame_wdata(to), f);
	to->wirelen = f->wirelen + f->nvlan * VLAN_TAG;
	to->ts = f->ts;
	to->linktype = f->linktype;
}

/* Returns 1 if the frame was queued, 0 if there is no space. */
static int inject_one(struct pktio_ring *r, const struct pktio_frame *f)
{
	struct pktio_frame to;
	int n = r->ops->alloc(r, &to, 1);

	if (n == 0) {
		n = pktio_flush(r);
		if (n == 0)
			n = r->ops->alloc(r, &to, 1);
	}
	if (n <= 0)
		return n;
	if (f->nvlan && f->caplen < MAC_ADDRESSES)
		n = pktio_fail(
			r, -EINVAL,
			"a frame of %u bytes is too short for a VLAN tag",
			f->caplen);
	else if (f->caplen + f->nvlan * VLAN_TAG > to.tailroom)
		n = pktio_fail(
			r, -EMSGSIZE,
			"a frame of %u bytes is too long; the maximum is %u",
			f->caplen + f->nvlan * VLAN_TAG, to.tailroom);
	if (n < 0) {
		r->ops->release(r, &to, 1);
		return n;
	}
	fill(&to, f);
	n = r->ops->send(r, &to, 1);
	if (n <= 0)
		r->ops->release(r, &to, 1);
	return n;
}

int pktio_inject(struct pktio_ring *r, const struct pktio_frame *frames,
		 unsigned n)
{
	int ret = send_check(r,
			     r->ops->inject || (r->ops->alloc && r->ops->send));

	if (ret < 0)
		return ret;
	if (r->ops->inject)
		return r->ops->inject(r, frames, n);
	for (unsigned i = 0; i < n; i++) {
		ret = inject_one(r, &frames[i]);
		if (ret <= 0)
			return i > 0 ? (int)i : ret;
	}
	return (int)n;
}
