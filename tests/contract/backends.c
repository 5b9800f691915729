/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of backends, and how each is fed and observed. */
#include "contract/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/ring.h"
#include "support/test_network.h"

#define MAC_ADDRESSES 12U
#define VLAN_TAG 4U
#define SHORTEST 14U
#define JUMBO_MTU 9000U
#define SNAPLEN 65535

/* ---- Frames of the tests' own ------------------------------------------- */

struct tag {
	uint16_t tpid, tci;
};

static unsigned tags_of(enum shape shape, unsigned i, struct tag *ret)
{
	uint16_t id = (uint16_t)(1 + i % 4094);
	uint16_t priority = (uint16_t)(i % 8 << 13);

	switch (shape) {
	case VLAN:
		ret[0] = (struct tag){ 0x8100, id | priority };
		return 1;
	case QINQ:
		ret[0] = (struct tag){ 0x88a8, id };
		ret[1] = (struct tag){ 0x8100, (uint16_t)(4095 - id) };
		return 2;
	case PRIORITY:
		ret[0] = (struct tag){ 0x8100, priority };
		return 1;
	default:
		return 0;
	}
}

static uint32_t length_of(enum shape shape, unsigned i)
{
	switch (shape) {
	case SHORT:
		return SHORTEST + i % (60 - SHORTEST);
	case JUMBO:
		return JUMBO_MTU + SHORTEST - i % 7;
	default:
		return 60 + i * 37 % 1400;
	}
}

/* Test frame i: numbered i if there is room, then its tags are inserted. */
static void make_one(struct fixture *fx, enum shape shape, unsigned i)
{
	uint8_t untagged[ROOM];
	struct tag tags[2] = { { 0 } };
	unsigned ntags = tags_of(shape, i, tags);
	uint32_t len = length_of(shape, i);
	struct test_frame *frame =
		fixture_add_frame(fx, len + ntags * VLAN_TAG);
	uint8_t *out = frame->bytes + MAC_ADDRESSES;

	numbered_frame(untagged, len < 60 ? 60 : len, i);
	memcpy(frame->bytes, untagged, MAC_ADDRESSES);
	for (unsigned j = 0; j < ntags; j++) {
		*out++ = (uint8_t)(tags[j].tpid >> 8);
		*out++ = (uint8_t)tags[j].tpid;
		*out++ = (uint8_t)(tags[j].tci >> 8);
		*out++ = (uint8_t)tags[j].tci;
	}
	memcpy(out, untagged + MAC_ADDRESSES, len - MAC_ADDRESSES);
}

static void make_numbered(struct fixture *fx, enum shape shape, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		make_one(fx, shape, i);
}

/* ---- Interfaces --------------------------------------------------------- */

static void set_up_live(struct fixture *fx)
{
	int on = 1;
	struct sockaddr_ll at = { .sll_family = AF_PACKET,
				  .sll_protocol = htons(ETH_P_ALL) };

	net_create();
	snprintf(fx->source, sizeof(fx->source), "%s:" NET_B,
		 fx->backend->name);
	snprintf(fx->sink, sizeof(fx->sink), "%s", fx->source);
	fx->sock = net_socket(NET_A);
	REQUIRE_EQ(setsockopt(fx->sock, SOL_PACKET, PACKET_AUXDATA, &on,
			      sizeof(on)),
		   0);
	REQUIRE_EQ(setsockopt(fx->sock, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on,
			      sizeof(on)),
		   0);
	at.sll_ifindex = (int)if_nametoindex(NET_A);
	REQUIRE_EQ(bind(fx->sock, (void *)&at, sizeof(at)), 0);
}

/* The kernel passes single frames; a frame slot has room for the longest. */
static void set_up_latency(struct fixture *fx)
{
	set_up_live(fx);
	snprintf(fx->query, sizeof(fx->query),
		 "?profile=latency&frame-size=16K");
}

#ifdef WRAPPER_MODULE
/* One ring over two: an interface with traffic, and one without. */
static void set_up_wrapper(struct fixture *fx)
{
	struct pktio_error error = { 0 };

	REQUIRE_EQ(pktio_backend_load(WRAPPER_MODULE, &error), 0, "%s",
		   error.text);
	set_up_live(fx);
	net_set_up("lo", true);
	snprintf(fx->source, sizeof(fx->source),
		 "wrapper:af_packet:" NET_B ",af_packet:lo");
	snprintf(fx->sink, sizeof(fx->sink), "%s", fx->source);
}
#endif

static void make_live(struct fixture *fx, enum shape shape, unsigned n)
{
	struct pktio_error error = { 0 };

	if (shape == JUMBO) {
		REQUIRE_EQ(netns_set_mtu(NET_A, JUMBO_MTU, &error), 0, "%s",
			   error.text);
		REQUIRE_EQ(netns_set_mtu(NET_B, JUMBO_MTU, &error), 0, "%s",
			   error.text);
	}
	make_numbered(fx, shape, n);
}

static void feed_live(struct fixture *fx, unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		net_send(fx->sock, fx->frames[i].bytes, fx->frames[i].len);
}

/* Reads one frame and inserts the tag that the kernel has stripped. */
static bool observe_one(int sock, struct test_frame *ret)
{
	uint8_t bytes[ROOM];
	_Alignas(struct cmsghdr) char control[128];
	struct iovec vec = { bytes, sizeof(bytes) };
	struct msghdr msg = { .msg_iov = &vec,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct pollfd fd = { .fd = sock, .events = POLLIN };
	struct tpacket_auxdata aux = { 0 };
	ssize_t n;

	if (poll(&fd, 1, 500) != 1)
		return false;
	n = recvmsg(sock, &msg, 0);
	REQUIRE_GE(n, (ssize_t)SHORTEST);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c;
	     c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_type == PACKET_AUXDATA)
			memcpy(&aux, CMSG_DATA(c), sizeof(aux));
	ret->len = (uint32_t)n;
	ret->bytes = malloc((size_t)n + VLAN_TAG);
	REQUIRE(ret->bytes);
	memcpy(ret->bytes, bytes, (size_t)n);
	if (aux.tp_status & TP_STATUS_VLAN_VALID) {
		uint16_t tag[2] = { htons(aux.tp_vlan_tpid),
				    htons(aux.tp_vlan_tci) };

		memcpy(ret->bytes + MAC_ADDRESSES, tag, sizeof(tag));
		memcpy(ret->bytes + MAC_ADDRESSES + VLAN_TAG,
		       bytes + MAC_ADDRESSES, (size_t)n - MAC_ADDRESSES);
		ret->len += VLAN_TAG;
	}
	return true;
}

static unsigned observe_live(struct fixture *fx, struct test_frame *ret,
			     unsigned n)
{
	unsigned i = 0;

	while (i < n && observe_one(fx->sock, &ret[i]))
		i++;
	return i;
}

/* ---- Files -------------------------------------------------------------- */

static void set_up_file(struct fixture *fx)
{
	snprintf(fx->source, sizeof(fx->source), "%s:%s/in.pcap",
		 fx->backend->name, fx->directory);
	snprintf(fx->sink_file, sizeof(fx->sink_file), "%s/out.pcap",
		 fx->directory);
	snprintf(fx->sink, sizeof(fx->sink), "%s:%s", fx->backend->name,
		 fx->sink_file);
}

/* Written by libpcap. */
static void feed_file(struct fixture *fx, unsigned from, unsigned to)
{
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(
		DLT_EN10MB, SNAPLEN, PCAP_TSTAMP_PRECISION_NANO);
	const char *path = strchr(fx->source, ':') + 1;
	pcap_dumper_t *dumper = pcap_dump_open(pcap, path);

	REQUIRE(dumper, "%s", pcap_geterr(pcap));
	for (unsigned i = from; i < to; i++) {
		const struct pcap_pkthdr header = {
			.ts = { .tv_sec = 1700000000 + i, .tv_usec = i },
			.caplen = fx->frames[i].len,
			.len = fx->frames[i].len,
		};

		pcap_dump((u_char *)dumper, &header, fx->frames[i].bytes);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
}

/* Read by libpcap. */
static unsigned observe_file(struct fixture *fx, struct test_frame *ret,
			     unsigned n)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	pcap_t *pcap = pcap_open_offline(fx->sink_file, message);
	struct pcap_pkthdr *header;
	const u_char *bytes;
	unsigned i = 0;

	REQUIRE(pcap, "%s", message);
	while (i < n && pcap_next_ex(pcap, &header, &bytes) == 1) {
		ret[i].len = header->caplen;
		ret[i].bytes = malloc(header->caplen);
		REQUIRE(ret[i].bytes);
		memcpy(ret[i++].bytes, bytes, header->caplen);
	}
	pcap_close(pcap);
	return i;
}

/* ---- Generators --------------------------------------------------------- */

static void set_up_gen(struct fixture *fx)
{
	snprintf(fx->source, sizeof(fx->source), "gen:");
	snprintf(fx->sink, sizeof(fx->sink), "gen:");
}

static void feed_gen(struct fixture *fx, unsigned from, unsigned to)
{
	(void)fx;
	(void)from;
	(void)to;
}

/*
 * A second ring, which does not strip tags, generates the expected frames. The
 * unit test of gen checks their contents.
 */
static void make_gen(struct fixture *fx, enum shape shape, unsigned n)
{
	static const struct {
		const char *options, *strip;
	} queries[NSHAPES] = {
		[PLAIN] = { "sizes=imix", "" },
		[VLAN] = { "vlan=802.1q", "&vlan-strip=outer" },
		[QINQ] = { "vlan=qinq", "&vlan-strip=all" },
		[PRIORITY] = { "vlan=priority", "&vlan-strip=outer" },
		[SHORT] = { "size=60", "" },
		[JUMBO] = { "size=9000", "" },
	};
	struct pktio_ring *model;
	char uri[128];

	snprintf(uri, sizeof(uri), "gen:?%s", queries[shape].options);
	snprintf(fx->query, sizeof(fx->query), "?%s%s&count=%u",
		 queries[shape].options, queries[shape].strip, n);
	model = ring_open(uri, NULL);
	for (unsigned i = 0; i < n; i++) {
		struct pktio_frame f;
		struct test_frame *frame;

		REQUIRE_EQ(pktio_recv(model, &f, 1), 1);
		frame = fixture_add_frame(fx, f.caplen);
		memcpy(frame->bytes, f.data, f.caplen);
		pktio_release(model, &f, 1);
	}
	pktio_close(model);
}

/* ---- The table ---------------------------------------------------------- */

/* The offset of the low byte of the frame number, and of the source port. */
#define NUMBER_KEY 17
#define PORT_KEY 35

const struct tested_backend tested_backends[] = {
	{ .name = "af_packet",
	  .live = true,
	  .bad_target = "af_packet:no-such-if",
	  .key = NUMBER_KEY,
	  .set_up = set_up_live,
	  .make = make_live,
	  .feed = feed_live,
	  .observe = observe_live },
	{ .name = "af_packet",
	  .variant = "af_packet_latency",
	  .live = true,
	  .bad_target = "af_packet:no-such-if",
	  .key = NUMBER_KEY,
	  .set_up = set_up_latency,
	  .make = make_live,
	  .feed = feed_live,
	  .observe = observe_live },
	{ .name = "pcap_file",
	  .bad_target = "pcap_file:/no/such/file",
	  .key = NUMBER_KEY,
	  .set_up = set_up_file,
	  .make = make_numbered,
	  .feed = feed_file,
	  .observe = observe_file },
	{ .name = "pcap_live",
	  .live = true,
	  .bad_target = "pcap_live:no-such-if",
	  .key = NUMBER_KEY,
	  .set_up = set_up_live,
	  .make = make_live,
	  .feed = feed_live,
	  .observe = observe_live },
	{ .name = "gen",
	  .bad_target = "gen:no-such-thing",
	  .key = PORT_KEY,
	  .set_up = set_up_gen,
	  .make = make_gen,
	  .feed = feed_gen },
#ifdef WRAPPER_MODULE
	{ .name = "wrapper",
	  .live = true,
	  .bad_target = "wrapper:af_packet:no-such-if",
	  .key = NUMBER_KEY,
	  .set_up = set_up_wrapper,
	  .make = make_live,
	  .feed = feed_live,
	  .observe = observe_live },
#endif
	{ .name = NULL },
};
