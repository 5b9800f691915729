/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Receiving. A block is ours while TP_STATUS_USER is set in its header; then
 * its frames, a header and the bytes each, are walked by tp_next_offset. The
 * kernel goes round the blocks in order and looks at nothing but the next one:
 * as long as that one is ours, it drops whatever comes. So `held` counts the
 * frames of each block that were not released yet, delivered or not, and at 0
 * the block goes back at once, whichever block that is.
 */
#include "af_packet.h"
#include "ring/block.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/if_packet.h>
#include <unistd.h>

#define NS_PER_SECOND UINT64_C(1000000000)
/* How often the interface is asked for, should nobody tell that it is gone. */
#define LOOK_AFTER_MS 256
/* One that sleeps until there is an event comes back at once until it was
 * taken; one that polls without sleeping hardly feels one look in so many. */
#define LOOK_AFTER_NONE 16

static struct tpacket_block_desc *block_at(const struct af_packet *p,
					   uint32_t block)
{
	return (void *)unit_at(p, block);
}

/* ---- Events and counters ------------------------------------------------ */

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

/* Looks out for a block, or for pktio_wake(), which stores that word. */
static bool spin(const struct af_packet *p)
{
	uint64_t end = now_ns() + p->conf->spin;

	do {
		for (int i = 0; i < 64; i++)
			if (unit_is_ours(p, p->cursor))
				return true;
	} while (!__atomic_load_n(&p->ring.woken, __ATOMIC_ACQUIRE) &&
		 now_ns() < end);
	return false;
}

int af_packet_ready(struct pktio_ring *r, int polled)
{
	struct af_packet *p = af_packet_of(r);

	/* Also when the block is held: recv says so. */
	if (p->left > 0 || p->error || unit_is_ours(p, p->cursor))
		return 1;
	if (p->gro && af_packet_gro_waits(p))
		return 1;
	if (polled) {
		af_packet_take_events(p);
		/* A block may have come between the look and the taking. */
		return p->error || unit_is_ours(p, p->cursor);
	}
	return p->conf->spin > 0 && spin(p);
}

/* For programs that poll the descriptor themselves and never call
 * pktio_wait(): once a tick of the kernel's, or after a number of calls in
 * vain. */
static void look_for_events(struct af_packet *p)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (ms != p->looked_at || ++p->in_vain == LOOK_AFTER_NONE) {
		bool seldom = ms / LOOK_AFTER_MS !=
			      p->looked_at / LOOK_AFTER_MS;

		p->looked_at = ms;
		p->in_vain = 0;
		af_packet_take_events(p);
		if (seldom)
			af_packet_look_after(p);
		/* With the events, word of a block may have been taken that
		 * came after the look at the ring. */
		if (unit_is_ours(p, p->cursor))
			af_packet_watch_again(p);
	}
}

/* 0, or the error of a ring that could not come back, once. */
int af_packet_none(struct af_packet *p)
{
	int error;

	look_for_events(p);
	error = p->error;
	p->error = 0;
	return error;
}

/*
 * Blocks that wait to be read. The kernel only ever adds to them at the end, so
 * each block is looked at once.
 */
static uint32_t count_waiting(struct af_packet *p)
{
	while (p->ahead < p->blocks) {
		uint32_t block = (p->cursor + p->ahead) % p->blocks;

		/* A block that is held was read already. */
		if (p->held[block] || !unit_is_ours(p, block))
			break;
		p->ahead++;
	}
	return p->ahead + (p->left > 0);
}

void af_packet_note_waiting(struct af_packet *p)
{
	struct pktio_stats *stats = &p->ring.stats;

	stats->waiting = count_waiting(p);
	if (stats->waiting > stats->waiting_max)
		stats->waiting_max = stats->waiting;
}

/* The age of the oldest frame that was not delivered yet, in ns. */
static uint64_t residency(const struct af_packet *p)
{
	const struct tpacket3_hdr *h = (const void *)p->next;
	struct timespec now;
	uint64_t ns;
	uint64_t ts;

	if (p->left == 0) {
		const struct tpacket_block_desc *block = block_at(p, p->cursor);

		if (p->ahead == 0)
			return 0;
		if (!p->slots)
			h = (const void *)((const uint8_t *)block +
					   block->hdr.bh1.offset_to_first_pkt);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	ns = (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
	ts = p->slots ? af_packet_slot_time(p, p->cursor) :
			h->tp_sec * NS_PER_SECOND + h->tp_nsec;
	return ns > ts ? ns - ts : 0;
}

int af_packet_get_stats(struct pktio_ring *r)
{
	struct af_packet *p = af_packet_of(r);
	struct tpacket_stats_v3 stats = { 0 };
	socklen_t size = sizeof(stats);

	if (!p->map)
		return 0;
	/* Reading resets them; tp_packets would include tp_drops. */
	if (getsockopt(p->sock, SOL_PACKET, PACKET_STATISTICS, &stats, &size) <
	    0)
		return pktio_fail(r, -errno, "cannot read the statistics: %s",
				  strerror(errno));
	r->stats.dropped += stats.tp_drops;
	/* A V2 ring is not asked how often; at least once, then. */
	r->stats.freezes += p->slots ? stats.tp_drops > 0 :
				       stats.tp_freeze_q_cnt;
	af_packet_note_waiting(p);
	/* Having been read, the kernel marks nothing any more. What waits came
	 * before, or was marked; so it is what comes next. */
	if (stats.tp_drops > 0)
		p->loss_in = p->ahead + 1;
	r->stats.residency = residency(p);
	return 0;
}

/* ---- The filter ---------------------------------------------------------- */

/* Copied before it is in force: what is kept is what the kernel has, whatever
 * fails. */
static int exchange_program(struct af_packet *p, const struct sock_fprog *prog)
{
	const struct sock_fprog filter = p->filter;
	const int program = p->filter_program;
	int ret;

	p->filter = (struct sock_fprog){ 0 };
	p->filter_program = -1;
	ret = af_packet_keep_filter(p, prog);
	if (ret == 0)
		ret = af_packet_attach(p, prog);
	if (ret < 0) {
		af_packet_keep_filter(p, NULL);
		p->filter = filter;
		p->filter_program = program;
		return ret;
	}
	free(filter.filter);
	if (program >= 0)
		close(program);
	return 0;
}

/*
 * The kernel exchanges the program in one step, but frames that the old one let
 * in wait in the ring, and one may be on its way: in the rest of the open
 * block, in those that are ours already, in the one being filled, or in the one
 * after it. Up to there the new filter runs here as well; one that only the
 * kernel can run refuses them all, and they count as filtered.
 */
static int exchange_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	static struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog nothing = { .len = 1, .filter = &refuse };
	struct af_packet *p = af_packet_of(r);
	struct pktio_bpf *filter = NULL;
	int ret = 0;

	if (p->cooked)
		return af_packet_cooked_filter(p, prog);
	if (prog) {
		filter = pktio_bpf_new(prog, &ret);
		if (ret == -ENOTSUP)
			filter = pktio_bpf_new(&nothing, &ret);
		if (!filter)
			return pktio_fail(r, ret, "cannot copy the filter: %s",
					  strerror(-ret));
	}
	ret = exchange_program(p, prog);
	if (ret < 0) {
		pktio_bpf_free(filter);
		return ret;
	}
	pktio_bpf_free(r->filter);
	r->filter = filter;
	p->unsure = p->slots ? af_packet_slots_unsure(p) : count_waiting(p) + 2;
	return 0;
}

int af_packet_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	struct af_packet *p = af_packet_of(r);
	int ret;

	af_packet_start_hold(p);
	ret = exchange_filter(r, prog);
	af_packet_start_unhold(p);
	return ret;
}

/* ---- Receive and release ------------------------------------------------ */

int af_packet_fail_held(struct af_packet *p)
{
	p->ring.stats.stalls += !p->stalled;
	p->stalled = true;
	return pktio_fail(
		&p->ring, -ENOBUFS,
		"no frame can come while those of %u blocks ago are held; release them",
		p->blocks);
}

/*
 * Whether frames were lost before the block that is being opened. The kernel
 * marks each that it closes after a loss until the statistics are read. So when
 * a mark is met they are, and those that wait may bear the mark of the same
 * loss; unless the ring was full more than once.
 */
static bool lost_before(struct af_packet *p, uint32_t status)
{
	bool lost = p->loss_in > 0 && --p->loss_in == 0;
	uint32_t loss_in = p->loss_in;
	uint64_t freezes = p->ring.stats.freezes;

	if (p->marked > 0) {
		p->marked--;
		return lost;
	}
	if (!(status & TP_STATUS_LOSING))
		return lost;
	af_packet_get_stats(&p->ring);
	if (p->ring.stats.freezes - freezes <= 1) {
		/* It was here, and not after all that waits. */
		p->loss_in = loss_in;
		p->marked = p->ahead;
	}
	return true;
}

/*
 * The headers are a chain through memory that the kernel wrote on another core:
 * each would be waited for. Frames often have their neighbours' size, so one
 * some steps ahead is guessed, with the first bytes of its packet. Guessed
 * wrong it costs nothing that shows; docs/design.md has what it gains.
 */
static void prefetch(const struct tpacket3_hdr *h)
{
	enum { STEPS = 16, LINE = 64 };
	const char *ahead = (const char *)h + (size_t)h->tp_next_offset * STEPS;

	__builtin_prefetch(ahead);
	__builtin_prefetch(ahead + LINE);
}

/*
 * Takes out of the open block what are no frames. One that the kernel cannot
 * describe by a struct virtio_net_hdr (offload/gro.c) is dropped and counted as
 * that, but has its place in the chain by then, with lengths of some round
 * before and no status (6.12, and seen).
 */
static void weed(struct af_packet *p)
{
	struct tpacket3_hdr *before = NULL;
	uint8_t *at = p->next;

	for (uint32_t n = p->left; n > 0; n--) {
		struct tpacket3_hdr *h = (void *)at;

		prefetch(h);
		at += h->tp_next_offset;
		if (h->tp_status & TP_STATUS_USER) {
			before = h;
			continue;
		}
		p->left--;
		if (before)
			before->tp_next_offset += h->tp_next_offset;
		else
			p->next = at;
	}
}

/* 1 if there is an open block with frames left, 0 if none is ours. */
static int open_block(struct af_packet *p)
{
	struct tpacket_hdr_v1 *header;

	/* A held block still has the status of the last round. */
	if (p->held[p->cursor])
		return af_packet_fail_held(p);
	if (!unit_is_ours(p, p->cursor))
		return 0;
	af_packet_note_waiting(p);
	p->ahead--;
	header = &block_at(p, p->cursor)->hdr.bh1;
	p->stalled = false;
	p->current = p->cursor;
	p->cursor = unit_after(p, p->cursor);
	p->unsure -= p->unsure > 0;
	p->left = header->num_pkts;
	p->next = (uint8_t *)header - offsetof(struct tpacket_block_desc, hdr) +
		  header->offset_to_first_pkt;
	if (p->vnet)
		weed(p);
	p->held[p->current] = p->left;
	if (lost_before(p, header->block_status))
		p->loss = PKTIO_F_LOSS;
	if (p->left == 0)
		unit_give_back(p, p->current);
	return 1;
}

static void fill(struct pktio_frame *f, const struct tpacket3_hdr *h,
		 const struct af_packet *p)
{
	const struct sockaddr_ll *from =
		(const void *)((const uint8_t *)h + TPACKET_ALIGN(sizeof(*h)));
	uint32_t status = h->tp_status;
	bool tagged = status & TP_STATUS_VLAN_VALID;

	f->data = (const uint8_t *)h + h->tp_mac;
	f->ts = h->tp_sec * NS_PER_SECOND + h->tp_nsec;
	f->cookie = p->base + p->current;
	f->caplen = h->tp_snaplen;
	f->wirelen = h->tp_len;
	f->flags = p->flags;
	if (h->tp_snaplen < h->tp_len)
		f->flags |= PKTIO_F_TRUNCATED;
	if (status & TP_STATUS_GSO_TCP)
		f->flags |= PKTIO_F_GRO;
	f->hash = h->hv1.tp_rxhash;
	f->ifindex = (uint32_t)from->sll_ifindex;
	/* The tag counts if it is valid, even as 0: a priority tag. */
	f->vlan[0].tci = tagged ? (uint16_t)h->hv1.tp_vlan_tci : 0;
	f->vlan[0].tpid = tagged ? h->hv1.tp_vlan_tpid : 0;
	f->vlan[1] = (struct pktio_vlan){ 0 };
	f->linktype = p->linktype;
	f->headroom = (uint16_t)(h->tp_mac - TPACKET3_HDRLEN);
	f->tailroom = 0;
	f->nvlan = tagged;
	f->pkttype = from->sll_pkttype; /* the same numbers */
	f->csum = csum_of(status);
	f->clock = clock_of(status);
	f->reserved[0] = 0;
	f->reserved[1] = 0;
}

#define MAC_ADDRESSES 12U
#define TAG 4U

/*
 * Puts the tag back where it was on the wire: before the EtherType. The kernel
 * leaves room before a frame so that its IP header is aligned. The bytes that
 * the frame grew by.
 */
unsigned af_packet_insert_tag(struct pktio_frame *f)
{
	uint8_t *data = pktio_frame_wdata(f) - TAG;

	if (f->headroom < TAG || f->caplen < MAC_ADDRESSES)
		return 0;
	memmove(data, f->data, MAC_ADDRESSES);
	data[MAC_ADDRESSES] = (uint8_t)(f->vlan[0].tpid >> 8);
	data[MAC_ADDRESSES + 1] = (uint8_t)f->vlan[0].tpid;
	data[MAC_ADDRESSES + 2] = (uint8_t)(f->vlan[0].tci >> 8);
	data[MAC_ADDRESSES + 3] = (uint8_t)f->vlan[0].tci;
	f->data = data;
	f->caplen += TAG;
	f->wirelen += TAG;
	f->headroom -= TAG;
	f->vlan[0] = (struct pktio_vlan){ 0 };
	f->nvlan = 0;
	return TAG;
}

/* Takes the filter away when the kernel has judged all that is to come. */
static void drop_filter(struct af_packet *p)
{
	struct pktio_ring *r = &p->ring;

	if (p->unsure == 0 && p->left == 0 && !p->cooked)
		r->filter = pktio_bpf_free(r->filter);
}

/* Later, if the frames are to be cut. */
static bool inserts_tags(const struct af_packet *p)
{
	return p->conf->vlan && !p->gro;
}

/* Sets *lost to where in the burst it is that a loss becomes known. */
static int open_block_at(struct af_packet *p, unsigned at, unsigned *lost)
{
	bool before = p->loss;
	int ret = open_block(p);

	if (p->loss && !before)
		*lost = at;
	return ret;
}

static int recv_blocks(struct af_packet *p, struct pktio_frame *frames,
		       unsigned n)
{
	struct pktio_ring *r = &p->ring;
	uint64_t bytes = 0;
	uint64_t truncated = 0;
	unsigned lost = 0;
	unsigned got = 0;
	bool insert = inserts_tags(p);

	if (r->filter)
		drop_filter(p);
	while (got < n) {
		unsigned end;

		if (p->left == 0) {
			int ret = open_block_at(p, got, &lost);

			if (ret < 0 && got == 0)
				return ret;
			if (ret <= 0)
				break;
		}
		end = p->left < n - got ? got + p->left : n;
		p->left -= end - got;
		for (; got < end; got++) {
			const struct tpacket3_hdr *h = (const void *)p->next;

			prefetch(h);
			fill(&frames[got], h, p);
			if (insert && frames[got].nvlan)
				bytes += af_packet_insert_tag(&frames[got]);
			p->next += h->tp_next_offset;
			bytes += h->tp_snaplen;
			truncated += h->tp_snaplen < h->tp_len;
		}
	}
	if (got == 0)
		return af_packet_none(p);
	if (p->cooked)
		bytes += af_packet_cook(p, frames, got);
	/* Nothing may have come after it yet. */
	if (lost < got) {
		frames[lost].flags |= p->loss;
		p->loss = 0;
	}
	r->stats.received += got;
	r->stats.received_bytes += bytes;
	r->stats.truncated += truncated;
	return (int)got;
}

int af_packet_recv_blocks(struct pktio_ring *r, struct pktio_frame *frames,
			  unsigned n)
{
	struct af_packet *p = af_packet_of(r);

	return p->slots ? af_packet_recv_slots(p, frames, n) :
			  recv_blocks(p, frames, n);
}

int af_packet_recv(struct pktio_ring *r, struct pktio_frame *frames, unsigned n)
{
	struct af_packet *p = af_packet_of(r);

	return p->gro ? af_packet_gro_recv(p, frames, n) :
			af_packet_recv_blocks(r, frames, n);
}

/* Frames from alloc, or of a ring from before the interface was replaced. */
static void release_other(struct af_packet *p, uint64_t cookie, unsigned n)
{
	if (cookie >= AF_PACKET_SEGMENT)
		af_packet_gro_release(p, cookie);
	else if (cookie >= AF_PACKET_SLOT)
		af_packet_unalloc(p, cookie);
	else
		af_packet_release_retired(p, cookie, n);
}

void af_packet_release(struct pktio_ring *r, const struct pktio_frame *frames,
		       unsigned n)
{
	struct af_packet *p = af_packet_of(r);
	unsigned i = 0;

	while (i < n) {
		uint64_t cookie = frames[i].cookie;
		uint64_t block = cookie - p->base;
		unsigned first = i;

		while (i < n && frames[i].cookie == cookie)
			i++;
		if (block >= p->blocks) {
			release_other(p, cookie, i - first);
			continue;
		}
		p->held[block] -= i - first;
		if (p->held[block] == 0)
			unit_give_back(p, (uint32_t)block);
	}
}
