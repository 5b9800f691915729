/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plain loops of libpcap. On an interface pcap_dispatch() blocks, and polls
 * only when the ring is empty. Non-blocking calls with a poll() of our own
 * would poll twice.
 */
#include "receive/receiver.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "traffic/marker.h"
#include "util/clock.h"
#include "util/error.h"

#define SNAPLEN 262144 /* the default of tcpdump */

struct counts {
	uint64_t frames, bytes;
	struct marker_reader *markers;
};

static void count(u_char *user, const struct pcap_pkthdr *header,
		  const u_char *data)
{
	struct counts *counts = (void *)user;

	(void)data;
	counts->frames++;
	counts->bytes += header->caplen;
}

/* The application receives a frame when the callback is called. */
static void read_markers(u_char *user, const struct pcap_pkthdr *header,
			 const u_char *data)
{
	struct counts *counts = (void *)user;

	marker_read(counts->markers, data, header->caplen,
		    clock_ns(CLOCK_MONOTONIC));
	count(user, header, data);
}

static int open_offline(void **ret, const struct receiver_config *config,
			struct pktio_error *reterr)
{
	char errbuf[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(config->target, errbuf);

	if (!pcap)
		return error_set(reterr, -EIO, "libpcap: %.200s", errbuf);
	*ret = pcap;
	return 0;
}

static int set_up(pcap_t *pcap, const struct receiver_config *config)
{
	uint64_t ms = config->block_timeout / NS_PER_MS;
	int r = pcap_set_snaplen(pcap, SNAPLEN);

	if (r == 0)
		r = pcap_set_promisc(pcap, 1);
	if (r == 0)
		r = pcap_set_timeout(pcap, ms ? (int)ms : 1);
	if (r == 0)
		r = pcap_set_buffer_size(pcap, config->ring_size > INT_MAX ?
						       INT_MAX :
						       (int)config->ring_size);
	return r == 0 ? pcap_activate(pcap) : r;
}

static int open_pcap(void **ret, const struct receiver_config *config,
		     struct pktio_error *reterr)
{
	char errbuf[PCAP_ERRBUF_SIZE];
	pcap_t *pcap;
	int r;

	if (!config->live)
		return open_offline(ret, config, reterr);
	pcap = pcap_create(config->target, errbuf);
	if (!pcap)
		return error_set(reterr, -EIO, "libpcap: %.200s", errbuf);
	r = set_up(pcap, config);
	if (r < 0) {
		error_set(reterr, -EIO, "libpcap: cannot open '%s': %s %.150s",
			  config->target, pcap_statustostr(r),
			  pcap_geterr(pcap));
		pcap_close(pcap);
		return -EIO;
	}
	r = receiver_join_fanout(pcap_fileno(pcap), config);
	if (r < 0) {
		pcap_close(pcap);
		return error_set(
			reterr, r,
			"libpcap: cannot join the fanout group on '%s': %s",
			config->target, strerror(-r));
	}
	*ret = pcap;
	return 0;
}

static int loop(void *state, struct tally *tally, struct pktio_error *reterr)
{
	struct counts counts = { .frames = tally->frames,
				 .markers = tally->markers };
	pcap_handler handler = tally->markers ? read_markers : count;
	int n = 0;

	while (!tally_stopped(tally)) {
		n = pcap_dispatch(state, -1, handler, (u_char *)&counts);
		tally_store(tally, counts.frames);
		/* 0 is the end of a file, or the timeout of an interface. */
		if (n < 0 || (n == 0 && pcap_file(state)))
			break;
	}
	tally->bytes += counts.bytes;
	return n == PCAP_ERROR ? error_set(reterr, -EIO, "libpcap: %.200s",
					   pcap_geterr(state)) :
				 0;
}

#define BURST 64U

/* Reads a file frame by frame, as most programs do. */
static int loop_next(void *state, struct tally *tally,
		     struct pktio_error *reterr)
{
	struct counts counts = { .frames = tally->frames };
	struct pcap_pkthdr *header;
	const u_char *data;
	int r = 1;

	while (r == 1 && !tally_stopped(tally)) {
		for (unsigned i = 0; i < BURST; i++) {
			r = pcap_next_ex(state, &header, &data);
			if (r != 1)
				break;
			counts.frames++;
			counts.bytes += header->caplen;
		}
		tally_store(tally, counts.frames);
	}
	tally->bytes += counts.bytes;
	return r == PCAP_ERROR ? error_set(reterr, -EIO, "libpcap: %.200s",
					   pcap_geterr(state)) :
				 0;
}

static void wake(void *state)
{
	pcap_breakloop(state);
}

static int get_losses(void *state, struct losses *ret,
		      struct pktio_error *reterr)
{
	struct pcap_stat stats;

	if (pcap_file(state))
		return 0;
	if (pcap_stats(state, &stats) < 0)
		return error_set(reterr, -EIO, "libpcap: %.200s",
				 pcap_geterr(state));
	ret->dropped = stats.ps_drop;
	return 0;
}

static void close_pcap(void *state)
{
	pcap_close(state);
}

const struct receiver receiver_libpcap = {
	.name = "libpcap",
	.doc = "pcap_dispatch(); on a file pcap_next_ex(); writing: pcap_dump()",
	.live = true,
	.offline = &receiver_libpcap_next,
	.write = &receiver_libpcap_write,
	.open = open_pcap,
	.loop = loop,
	.wake = wake,
	.get_losses = get_losses,
	.close = close_pcap,
};

const struct receiver receiver_libpcap_next = {
	.name = "libpcap",
	.doc = "a plain pcap_next_ex() loop",
	.open = open_pcap,
	.loop = loop_next,
	.wake = wake,
	.get_losses = get_losses,
	.close = close_pcap,
};

const struct receiver receiver_libpcap_dispatch = {
	.name = "libpcap-dispatch",
	.doc = "pcap_dispatch(), also on a file",
	.live = true,
	.offline = &receiver_libpcap_dispatch,
	.open = open_pcap,
	.loop = loop,
	.wake = wake,
	.get_losses = get_losses,
	.close = close_pcap,
};
