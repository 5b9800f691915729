/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "support/expect.h"
#include "support/ring.h"

#define NS_PER_S UINT64_C(1000000000)

/* `array` with room for at least `need` elements of `size` bytes. */
static void *grow(void *array, size_t *room, size_t need, size_t size)
{
	if (need > *room) {
		*room = need * 2;
		array = realloc(array, *room * size);
		REQUIRE(array, "out of memory");
	}
	return array;
}

static void keep(struct capture *c, const struct kept *frame,
		 const uint8_t *data)
{
	struct kept *more;

	c->frames = grow(c->frames, &c->room, c->n + 1, sizeof(c->frames[0]));
	more = &c->frames[c->n++];
	*more = *frame;
	more->data = malloc(frame->caplen + 1);
	REQUIRE(more->data, "out of memory");
	memcpy(more->data, data, frame->caplen);
}

struct pktio_ring *open_file(const char *path, const char *options,
			     unsigned mode)
{
	struct pktio_open_args args = { .size = sizeof(args), .mode = mode };
	char uri[512];

	snprintf(uri, sizeof(uri), "pcap_file:%s%s", path, options);
	return ring_open(uri, &args);
}

struct capture capture_read(const char *path, const char *options,
			    unsigned burst)
{
	struct pktio_ring *ring = open_file(path, options, PKTIO_RECV);
	struct pktio_frame frames[64];
	struct capture c = { 0 };
	int n;

	while ((n = pktio_recv(ring, frames, burst)) > 0) {
		for (int i = 0; i < n; i++)
			keep(&c,
			     &(struct kept){ .ts = frames[i].ts,
					     .caplen = frames[i].caplen,
					     .wirelen = frames[i].wirelen,
					     .linktype = frames[i].linktype },
			     frames[i].data);
		pktio_release(ring, frames, (unsigned)n);
	}
	c.end = n;
	snprintf(c.text, sizeof(c.text), "%s", pktio_last_error(ring));
	EXPECT_EQ(pktio_recv(ring, frames, burst), n);
	EXPECT_STR(c.text, pktio_last_error(ring), "the error '%s' became '%s'",
		   c.text, pktio_last_error(ring));
	pktio_close(ring);
	return c;
}

struct capture capture_libpcap(const char *path)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_open_offline_with_tstamp_precision(
		path, PCAP_TSTAMP_PRECISION_NANO, error);
	struct capture c = { 0 };
	struct pcap_pkthdr *header;
	const u_char *data;
	int r;

	REQUIRE(pcap, "libpcap: %s", error);
	while ((r = pcap_next_ex(pcap, &header, &data)) == 1)
		keep(&c,
		     &(struct kept){
			     .ts = (uint64_t)header->ts.tv_sec * NS_PER_S +
				   (uint64_t)header->ts.tv_usec,
			     .caplen = header->caplen,
			     .wirelen = header->len,
			     .linktype = (uint16_t)pcap_datalink(pcap) },
		     data);
	c.end = r == PCAP_ERROR_BREAK ? PKTIO_EOF : -EBADMSG;
	snprintf(c.text, sizeof(c.text), "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return c;
}

/* libpcap has another number for some link types of the tests. */
static int as_libpcap(uint16_t linktype)
{
	enum { LINKTYPE_RAW = 101 };

	return linktype == LINKTYPE_RAW ? DLT_RAW : linktype;
}

static void expect_same_frame(const struct kept *ours,
			      const struct kept *theirs, const char *what,
			      size_t i)
{
	EXPECT(ours->ts == theirs->ts, "%s: frame %zu: time %llu, not %llu",
	       what, i, (unsigned long long)ours->ts,
	       (unsigned long long)theirs->ts);
	EXPECT(ours->wirelen == theirs->wirelen,
	       "%s: frame %zu: wirelen %u, not %u", what, i, ours->wirelen,
	       theirs->wirelen);
	EXPECT(as_libpcap(ours->linktype) == theirs->linktype,
	       "%s: frame %zu: link type %u, not %u", what, i, ours->linktype,
	       theirs->linktype);
	EXPECT(ours->caplen == theirs->caplen &&
		       memcmp(ours->data, theirs->data, ours->caplen) == 0,
	       "%s: frame %zu: other bytes (%u, not %u)", what, i, ours->caplen,
	       theirs->caplen);
}

void capture_expect_same(const struct capture *ours,
			 const struct capture *theirs, const char *what)
{
	REQUIRE(ours->n == theirs->n, "%s: %zu frames, not %zu: %s", what,
		ours->n, theirs->n, ours->text);
	EXPECT(ours->end == theirs->end, "%s: ends with %d '%s', not %d '%s'",
	       what, ours->end, ours->text, theirs->end, theirs->text);
	for (size_t i = 0; i < ours->n; i++)
		expect_same_frame(&ours->frames[i], &theirs->frames[i], what,
				  i);
}

void capture_compare(const char *path, const char *what)
{
	struct capture ours = capture_read(path, "", 64);
	struct capture theirs = capture_libpcap(path);

	capture_expect_same(&ours, &theirs, what);
	capture_free(&ours);
	capture_free(&theirs);
}

void capture_free(struct capture *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->frames[i].data);
	free(c->frames);
	*c = (struct capture){ 0 };
}
