/* SPDX-License-Identifier: BSD-3-Clause */
/* Receives frames, and runs the filter in user space. */
#include "receive.h"

#include <string.h>

_Static_assert(sizeof(struct pktio_frame) == 64, "part of the ABI");

/* Releases frames that do not match; counts them as filtered. */
static int filter_burst(struct pktio_ring *r, struct pktio_frame *frames, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		struct pktio_frame *f = &frames[i];
		uint32_t keep = pktio_bpf_run(r->filter, f);

		if (keep == 0) {
			r->stats.received--;
			r->stats.received_bytes -= f->caplen;
			r->stats.truncated -= f->caplen < f->wirelen;
			r->stats.filtered++;
			r->ops->release(r, f, 1);
			continue;
		}
		if (keep < f->caplen) {
			r->stats.received_bytes -= f->caplen - keep;
			r->stats.truncated += f->caplen == f->wirelen;
			f->caplen = keep;
			f->flags |= PKTIO_F_TRUNCATED;
		}
		if (kept != i)
			frames[kept] = *f;
		kept++;
	}
	return kept;
}

/* One call drops at most about this many frames before it returns 0. */
#define FILTER_LIMIT 4096

int pktio_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	int left = FILTER_LIMIT;
	int got;

	if (!(r->info.mode & PKTIO_RECV))
		return pktio_fail(r, -ENOTSUP, "not opened to receive");
	if (!r->filter)
		return r->ops->recv(r, frames, n);
	do {
		got = r->ops->recv(r, frames, n);
		/* A backend can remove a filter that it set itself. */
		if (got <= 0 || !r->filter)
			return got;
		left -= got;
		got = filter_burst(r, frames, got);
	} while (got == 0 && left > 0);
	return got;
}

void pktio_release(struct pktio_ring *r, const struct pktio_frame *frames,
		   unsigned n)
{
	r->ops->release(r, frames, n);
}

int pktio_frame_copy(struct pktio_frame *ret, const struct pktio_frame *f,
		     void *buf, size_t size)
{
	uint32_t n = f->caplen < size ? f->caplen : (uint32_t)size;
	size_t left = size - n;

	memcpy(buf, f->data, n);
	*ret = *f;
	ret->data = buf;
	ret->caplen = n;
	ret->cookie = 0;
	ret->headroom = 0;
	ret->tailroom = left < UINT16_MAX ? (uint16_t)left : UINT16_MAX;
	ret->flags |= PKTIO_F_WRITABLE;
	ret->flags &= ~(uint32_t)PKTIO_F_META; /* a copy has no ring */
	if (n < ret->wirelen)
		ret->flags |= PKTIO_F_TRUNCATED;
	return (int)n;
}

int receive_check_filter(const struct pktio_ring *r,
			 const struct sock_fprog *prog, struct pktio_bpf **ret)
{
	struct pktio_bpf *bpf = NULL;
	int code = pktio_bpf_new(&bpf, prog);

	if (r->ops->set_filter) {
		pktio_bpf_free(bpf);
		return code == -ENOTSUP ? 0 : code;
	}
	if (bpf)
		*ret = bpf;
	return code;
}

const char *receive_filter_text(int code)
{
	switch (code) {
	case -ENOMEM:
		return "out of memory";
	case -ENOTSUP:
		return "the filter loads data that only the kernel has (payload offset, netlink attributes), but here the library runs the filter";
	default:
		return "the filter is not a valid BPF program";
	}
}

int pktio_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	struct pktio_bpf *filter = NULL;
	int code = 0;

	if (!(r->info.mode & PKTIO_RECV))
		return pktio_fail(r, -ENOTSUP, "not opened to receive");
	if (prog)
		code = receive_check_filter(r, prog, &filter);
	if (code < 0)
		return pktio_fail(r, code, "%s", receive_filter_text(code));
	if (r->ops->set_filter)
		return r->ops->set_filter(r, prog);
	pktio_bpf_free(r->filter);
	r->filter = filter;
	return 0;
}
