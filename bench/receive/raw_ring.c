/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A plain loop over a TPACKET_V3 ring. It goes through each block that the
 * kernel has retired, reads the lengths, and releases the block. A program that
 * reads such a ring frame by frame cannot do less.
 *
 * Each header contains the offset of the next header, in memory that another
 * core has just written, so the loop waits for memory most of the time. A
 * second receiver prefetches headers ahead, which a plain loop does not do.
 */
#include "receive/receiver.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic/marker.h"
#include "util/clock.h"
#include "util/error.h"

/* The kernel requires a frame size, but does not use it in TPACKET_V3. */
#define FRAME_SIZE 2048U

struct raw {
	int sock, wake;
	uint8_t *map;
	size_t map_size, block_size;
	unsigned blocks, at;
};

static void close_raw(void *state)
{
	struct raw *raw = state;

	if (raw->map)
		munmap(raw->map, raw->map_size);
	if (raw->sock >= 0)
		close(raw->sock);
	if (raw->wake >= 0)
		close(raw->wake);
	free(raw);
}

static int set_ring(struct raw *raw, const struct receiver_config *config)
{
	struct tpacket_req3 req = {
		.tp_block_size = (unsigned)config->block_size,
		.tp_block_nr =
			(unsigned)(config->ring_size / config->block_size),
		.tp_frame_size = FRAME_SIZE,
		.tp_retire_blk_tov =
			(unsigned)(config->block_timeout / NS_PER_MS),
	};
	int version = TPACKET_V3;
	void *map;

	/* The memory of a backend may be less than two blocks. */
	if (req.tp_block_nr < 2)
		req.tp_block_nr = 2;
	req.tp_frame_nr = req.tp_block_size / FRAME_SIZE * req.tp_block_nr;
	if (setsockopt(raw->sock, SOL_PACKET, PACKET_VERSION, &version,
		       sizeof(version)) < 0 ||
	    setsockopt(raw->sock, SOL_PACKET, PACKET_RX_RING, &req,
		       sizeof(req)) < 0)
		return -errno;
	raw->block_size = req.tp_block_size;
	raw->blocks = req.tp_block_nr;
	map = mmap(NULL, raw->block_size * raw->blocks, PROT_READ | PROT_WRITE,
		   MAP_SHARED, raw->sock, 0);
	if (map == MAP_FAILED)
		return -errno;
	raw->map = map;
	raw->map_size = raw->block_size * raw->blocks;
	return 0;
}

static int bind_socket(const struct raw *raw,
		       const struct receiver_config *config)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(config->target),
	};
	struct packet_mreq promisc = { .mr_ifindex = address.sll_ifindex,
				       .mr_type = PACKET_MR_PROMISC };

	if (address.sll_ifindex == 0)
		return -errno;
	if (setsockopt(raw->sock, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &promisc,
		       sizeof(promisc)) < 0 ||
	    bind(raw->sock, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return receiver_join_fanout(raw->sock, config);
}

static int open_raw(void **ret, const struct receiver_config *config,
		    struct pktio_error *reterr)
{
	struct raw *raw = calloc(1, sizeof(*raw));
	int r = 0;

	if (!raw)
		return error_set(reterr, -ENOMEM, "raw: out of memory");
	raw->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	raw->sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (raw->sock < 0 || raw->wake < 0)
		r = -errno;
	if (r == 0)
		r = set_ring(raw, config);
	if (r == 0)
		r = bind_socket(raw, config);
	if (r < 0) {
		close_raw(raw);
		return error_set(reterr, r,
				 "raw: cannot open a ring on '%s': %s",
				 config->target, strerror(-r));
	}
	*ret = raw;
	return 0;
}

/* Frames to prefetch ahead, assuming that all frames have one size. */
#define PREFETCH 16U

/* Goes through one block; returns its captured bytes. Compiled twice, for each
 * value of `prefetch`. */
static inline uint64_t read_block(const uint8_t *start, unsigned n,
				  bool prefetch)
{
	const struct tpacket_block_desc *block = (const void *)start;
	const uint8_t *at = start + block->hdr.bh1.offset_to_first_pkt;
	uint64_t bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		const struct tpacket3_hdr *frame = (const void *)at;

		if (prefetch)
			__builtin_prefetch(at + (size_t)frame->tp_next_offset *
							PREFETCH);
		bytes += frame->tp_snaplen;
		at += frame->tp_next_offset;
	}
	return bytes;
}

static void read_markers(struct marker_reader *markers, const uint8_t *start,
			 unsigned n)
{
	const struct tpacket_block_desc *block = (const void *)start;
	const uint8_t *at = start + block->hdr.bh1.offset_to_first_pkt;
	uint64_t now = clock_ns(CLOCK_MONOTONIC);

	for (unsigned i = 0; i < n; i++) {
		const struct tpacket3_hdr *frame = (const void *)at;

		marker_read(markers, at + frame->tp_mac, frame->tp_snaplen,
			    now);
		at += frame->tp_next_offset;
	}
}

static int wait_for_frames(const struct raw *raw, struct pktio_error *reterr)
{
	struct pollfd fds[2] = { { raw->sock, POLLIN, 0 },
				 { raw->wake, POLLIN, 0 } };

	if (poll(fds, 2, -1) < 0 && errno != EINTR)
		return error_set(reterr, -errno, "raw: poll: %s",
				 strerror(errno));
	return 0;
}

static inline int loop(struct raw *raw, struct tally *tally, bool prefetch,
		       struct pktio_error *reterr)
{
	uint64_t count = tally->frames;
	uint64_t bytes = 0;
	int r = 0;

	while (r == 0 && !tally_stopped(tally)) {
		uint8_t *start = raw->map + raw->at * raw->block_size;
		struct tpacket_block_desc *block = (void *)start;
		unsigned n;

		/* Pairs with the kernel, which writes the status last. */
		if (!(__atomic_load_n(&block->hdr.bh1.block_status,
				      __ATOMIC_ACQUIRE) &
		      TP_STATUS_USER)) {
			r = wait_for_frames(raw, reterr);
			continue;
		}
		n = block->hdr.bh1.num_pkts;
		if (tally->markers)
			read_markers(tally->markers, start, n);
		bytes += read_block(start, n, prefetch);
		count += n;
		/* All reads are done before the kernel may write again. */
		__atomic_store_n(&block->hdr.bh1.block_status, TP_STATUS_KERNEL,
				 __ATOMIC_RELEASE);
		raw->at = raw->at + 1 == raw->blocks ? 0 : raw->at + 1;
		tally_store(tally, count);
	}
	tally->bytes += bytes;
	return r;
}

static int loop_plain(void *state, struct tally *tally,
		      struct pktio_error *reterr)
{
	return loop(state, tally, false, reterr);
}

static int loop_prefetch(void *state, struct tally *tally,
			 struct pktio_error *reterr)
{
	return loop(state, tally, true, reterr);
}

static void wake(void *state)
{
	const struct raw *raw = state;
	uint64_t one = 1;

	while (write(raw->wake, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static int get_losses(void *state, struct losses *ret,
		      struct pktio_error *reterr)
{
	const struct raw *raw = state;
	struct tpacket_stats_v3 stats;
	socklen_t size = sizeof(stats);

	if (getsockopt(raw->sock, SOL_PACKET, PACKET_STATISTICS, &stats,
		       &size) < 0)
		return error_set(reterr, -errno,
				 "raw: cannot read the statistics: %s",
				 strerror(errno));
	ret->dropped = stats.tp_drops;
	return 0;
}

const struct receiver receiver_raw = {
	.name = "raw",
	.doc = "a plain loop over a TPACKET_V3 ring, or a buffer of read(2)",
	.live = true,
	.offline = &receiver_raw_read,
	.write = &receiver_raw_write,
	.open = open_raw,
	.loop = loop_plain,
	.wake = wake,
	.get_losses = get_losses,
	.close = close_raw,
};

const struct receiver receiver_raw_prefetch = {
	.name = "raw-prefetch",
	.doc = "as raw on a ring, but prefetches headers: the lower limit",
	.live = true,
	.open = open_raw,
	.loop = loop_prefetch,
	.wake = wake,
	.get_losses = get_losses,
	.close = close_raw,
};
