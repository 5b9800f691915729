/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving. libpcap hides two facts: whether a frame is pending, and that the
 * interface went down.
 *
 * poll(2) reports pending frames reliably, because libpcap releases blocks in
 * order. After a full burst, the backend reads one frame ahead, which saves the
 * poll(2) call.
 *
 * If the interface goes down, the socket has an error. This file reads the
 * error before libpcap reads it. So the backend can count the event, and the
 * ring does not end: the kernel delivers frames again when the interface is up.
 * If the interface is deleted, the ring gets no error.
 */
#include "receive.h"

#include <limits.h>
#include <string.h>

#include <arpa/inet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "filter.h"
#include "handle.h"
#include "util/clock.h"

/* ---- Link state --------------------------------------------------------- */

static bool is_gone(const struct pcap_live *l)
{
	struct sockaddr_ll at;

	return pcap_live_bound_to(l, &at) && at.sll_ifindex == -1;
}

int pcap_live_get_info(const struct pktio_ring *r, struct pktio_info *info)
{
	const struct pcap_live *l = (const struct pcap_live *)r;
	struct sockaddr_ll at;
	struct ifreq req = { 0 };
	int fd = pcap_fileno(l->pcap);

	info->link = PKTIO_LINK_UNKNOWN;
	if (!pcap_live_bound_to(l, &at) || at.sll_ifindex == 0)
		return 0;
	/* Find the interface by number, because its name can change. */
	req.ifr_ifindex = at.sll_ifindex;
	if (at.sll_ifindex == -1 || ioctl(fd, SIOCGIFNAME, &req) < 0 ||
	    ioctl(fd, SIOCGIFFLAGS, &req) < 0)
		info->link = PKTIO_LINK_GONE;
	else if (req.ifr_flags & IFF_UP && req.ifr_flags & IFF_RUNNING)
		info->link = PKTIO_LINK_UP;
	else
		info->link = PKTIO_LINK_DOWN;
	return 0;
}

/* ---- Receive ------------------------------------------------------------ */

static uint8_t pkttype_of(const struct pktio_frame *f)
{
	static const uint8_t everyone[ETHER_ADDR_LEN] = { 0xff, 0xff, 0xff,
							  0xff, 0xff, 0xff };

	if (f->caplen < sizeof(everyone) || !(f->data[0] & 1))
		return PKTIO_PKT_HOST;
	return memcmp(f->data, everyone, sizeof(everyone)) ?
		       PKTIO_PKT_MULTICAST :
		       PKTIO_PKT_BROADCAST;
}

/*
 * libpcap does not report the direction of a frame, except in the cooked
 * headers that it builds for links without a header and for several links.
 */
static void set_direction(struct pktio_frame *f)
{
	enum { SLL_PKTTYPE = 1, SLL2_IFINDEX = 4, SLL2_PKTTYPE = 10 };
	uint32_t ifindex;

	if (f->linktype == DLT_EN10MB) {
		f->pkttype = pkttype_of(f);
	} else if (f->linktype == DLT_LINUX_SLL && f->caplen > SLL_PKTTYPE) {
		f->pkttype = f->data[SLL_PKTTYPE];
		f->flags |= PKTIO_F_PKTTYPE;
	} else if (f->linktype == DLT_LINUX_SLL2 && f->caplen > SLL2_PKTTYPE) {
		f->pkttype = f->data[SLL2_PKTTYPE];
		f->flags |= PKTIO_F_PKTTYPE;
		memcpy(&ifindex, f->data + SLL2_IFINDEX, sizeof(ifindex));
		f->ifindex = ntohl(ifindex);
	}
}

/* The callback of libpcap. dispatch() ensures that a slot is free. */
static void copy_frame(u_char *user, const struct pcap_pkthdr *h,
		       const u_char *bytes)
{
	struct pcap_live *l = (struct pcap_live *)(void *)user;
	struct pktio_frame *f = l->next++;
	uint8_t *slot = l->free[--l->nfree];
	uint32_t n = h->caplen < l->slot_size ? h->caplen : l->slot_size;
	uint32_t left = l->slot_size - n;

	memcpy(slot, bytes, n);
	*f = l->template;
	f->data = slot;
	f->cookie = (uintptr_t)slot;
	f->ts = (uint64_t)h->ts.tv_sec * NS_PER_S +
		(uint64_t)h->ts.tv_usec * l->ts_factor;
	f->caplen = n;
	f->wirelen = h->len;
	f->tailroom = left < UINT16_MAX ? (uint16_t)left : UINT16_MAX;
	if (n < h->len) {
		f->flags |= PKTIO_F_TRUNCATED;
		l->truncated++;
	}
	set_direction(f);
	l->bytes += n;
}

/*
 * Called if libpcap returned no frame; `status` is 0 or an error of libpcap. If
 * libpcap read the error of the link first, counts that the link went down.
 */
static int no_frame(struct pcap_live *l, int status)
{
	bool down = pcap_get_required_select_timeout(l->pcap) != NULL;

	l->ring.stats.link_downs += down && !l->was_down;
	l->was_down = down;
	if (status >= 0 || is_gone(l))
		return 0;
	return pktio_fail(&l->ring, -EIO, "'%s': %s", l->name,
			  pcap_geterr(l->pcap));
}

/* Receives up to n frames, limited by the free slots. */
static int dispatch(struct pcap_live *l, struct pktio_frame *frames, unsigned n)
{
	int status;
	int got;

	if (n > l->nfree)
		n = l->nfree;
	if (n > INT_MAX)
		n = INT_MAX;
	l->next = frames;
	l->bytes = 0;
	l->truncated = 0;
	status = pcap_dispatch(l->pcap, (int)n, copy_frame, (u_char *)l);
	got = (int)(l->next - frames);
	l->drained = (unsigned)got < n;
	if (got == 0) {
		pcap_live_settle(l);
		return no_frame(l, status);
	}
	if (status < 0)
		l->error = no_frame(l, status);
	if (l->recheck)
		got = pcap_live_recheck(l, frames, got);
	return got;
}

/*
 * Returns whether poll(2) reports frames; does not wait. Reads the error of the
 * socket. ENETDOWN means that the interface went down. Until the error is read,
 * poll(2) returns at once.
 */
static bool is_pending(struct pcap_live *l)
{
	struct pollfd fd = { .fd = l->ring.fd, .events = POLLIN };
	socklen_t size = sizeof(int);
	int error = 0;

	if (poll(&fd, 1, 0) <= 0) {
		pcap_live_settle(l);
		return false;
	}
	if (!(fd.revents & ~POLLIN))
		return true;
	/* If the descriptor is not a socket, libpcap reports the error. */
	if (getsockopt(fd.fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return true;
	if (error == ENETDOWN)
		l->ring.stats.link_downs++;
	else if (error)
		l->error = pktio_fail(&l->ring, -error, "'%s': %s", l->name,
				      strerror(error));
	return fd.revents & POLLIN || l->error;
}

int pcap_live_ready(struct pktio_ring *r, int polled)
{
	struct pcap_live *l = pcap_live_of(r);
	int n;

	if (l->has_ahead || l->error)
		return 1;
	if (polled ? !is_pending(l) : l->drained || l->nfree == 0)
		return 0;
	if (l->nfree == 0)
		return 1; /* recv reports the error */
	n = dispatch(l, &l->ahead, 1);
	l->has_ahead = n > 0;
	if (n < 0)
		l->error = n;
	/* A filter may have refused all frames before an error. */
	return n != 0 || l->error;
}

/* Returns the frame that was read ahead; 0: none. */
static unsigned take_ahead(struct pcap_live *l, struct pktio_frame *ret)
{
	if (!l->has_ahead)
		return 0;
	*ret = l->ahead;
	l->has_ahead = false;
	l->ring.stats.received++;
	l->ring.stats.received_bytes += ret->caplen;
	l->ring.stats.truncated += ret->caplen < ret->wirelen;
	return 1;
}

int pcap_live_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	struct pcap_live *l = pcap_live_of(r);
	unsigned ahead;
	int got;

	if (n == 0)
		return 0;
	ahead = take_ahead(l, frames);
	if (ahead == n)
		return (int)ahead;
	if (l->error && ahead == 0) {
		got = l->error;
		l->error = 0;
		return got;
	}
	if (l->error || (l->drained && !is_pending(l)))
		return (int)ahead;
	if (l->nfree == 0) {
		/* It is an error only if a frame is pending. */
		if (ahead > 0 || (!l->drained && !is_pending(l)))
			return (int)ahead;
		r->stats.stalls++;
		return pktio_fail(
			r, -ENOBUFS,
			"all %u frame slots are held; release frames, or raise frame-slots",
			r->info.max_held);
	}
	got = dispatch(l, frames + ahead, n - ahead);
	if (got < 0 && ahead > 0) {
		l->error = got;
		return (int)ahead;
	}
	if (got < 0)
		return got;
	r->stats.received += (unsigned)got;
	r->stats.received_bytes += l->bytes;
	r->stats.truncated += l->truncated;
	return (int)ahead + got;
}

int pcap_live_get_stats(struct pktio_ring *r)
{
	struct pcap_live *l = pcap_live_of(r);
	struct pcap_stat stat;

	if (!(r->info.mode & PKTIO_RECV))
		return 0;
	if (pcap_stats(l->pcap, &stat) < 0)
		return pktio_fail(r, -EIO,
				  "cannot read the counters of '%s': %s",
				  l->name, pcap_geterr(l->pcap));
	/* A 32-bit counter that wraps. ps_recv includes the drops. */
	r->stats.dropped += (uint32_t)(stat.ps_drop - l->last_drop);
	l->last_drop = stat.ps_drop;
	return 0;
}
