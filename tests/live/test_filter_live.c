/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Filters in the kernel and elsewhere. An expression selects the same frames on
 * an interface, where the kernel strips the outermost VLAN tag, through
 * libpcap, which inserts the tag again, and in a file, which has the tag in the
 * bytes. The expected frames are those that the program of libpcap selects from
 * the bytes of the wire.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>
#include <pktio/filter.h>
#include <pktio/pktio.h>
#include <unistd.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/ring.h"
#include "support/tagged_frames.h"
#include "support/test_network.h"

#define ETHERNET 1
/* Enough blocks until all frames are sent, one block for each ms. */
#define AF_PACKET_URI \
	"af_packet:" NET_B "?ring-size=16M&block-size=32K&block-timeout=1ms"
#define PCAP_LIVE_URI "pcap_live:" NET_B
#define MAC_ADDRESSES 12U
#define TAG 4U
/* Without these bytes the kernel cannot strip the tag, and drops the frame. */
#define LEAST_TAGGED 20U

static struct tagged *frames;
static unsigned nframes;
static char file[] = "/tmp/pktio-filter-XXXXXX";

static void begin(void)
{
	net_create();
	frames = tagged_frames(&nframes);
}

static void end(void)
{
	free(frames);
}

TestSuite(filter_live, .init = begin, .fini = end, .timeout = 280);

/* ---- Sending and receiving ---------------------------------------------- */

static void send_frames(int sock)
{
	for (unsigned i = 0; i < nframes; i++)
		net_send(sock, frames[i].bytes, frames[i].len);
}

/* The frame as it was on the wire. */
static void insert_tag(struct tagged *ret, const struct pktio_frame *f)
{
	uint8_t *out = ret->bytes + MAC_ADDRESSES;

	REQUIRE(f->caplen >= MAC_ADDRESSES &&
			f->caplen <= TAGGED_MOST_BYTES - 8,
		"%u bytes", f->caplen);
	memcpy(ret->bytes, f->data, MAC_ADDRESSES);
	for (unsigned i = 0; i < f->nvlan; i++) {
		*out++ = (uint8_t)(f->vlan[i].tpid >> 8);
		*out++ = (uint8_t)f->vlan[i].tpid;
		*out++ = (uint8_t)(f->vlan[i].tci >> 8);
		*out++ = (uint8_t)f->vlan[i].tci;
	}
	memcpy(out, f->data + MAC_ADDRESSES, f->caplen - MAC_ADDRESSES);
	ret->len = f->caplen + f->nvlan * TAG;
}

static bool is_frame(const struct pktio_frame *f, const struct tagged *t)
{
	static struct tagged wire;

	insert_tag(&wire, f);
	return wire.len == t->len && !memcmp(wire.bytes, t->bytes, t->len);
}

/* True if the kernel strips a tag from it; it knows two kinds of tags. */
static bool is_stripped(const struct tagged *t)
{
	unsigned tpid = (unsigned)t->bytes[12] << 8 | t->bytes[13];

	return tpid == 0x8100 || tpid == 0x88a8;
}

static bool arrives(const struct tagged *t)
{
	return t->len >= LEAST_TAGGED || !is_stripped(t);
}

/* The next matching frame from `at` on; `nframes` if there is none. */
static unsigned next_wanted(const bool *wanted, unsigned at)
{
	while (at < nframes && !wanted[at])
		at++;
	return at;
}

/* Receives a burst; returns 0 when no more frames arrive. */
static int take(struct pktio_ring *ring, struct pktio_frame *got, unsigned n,
		int timeout_ms)
{
	int r;

	if (pktio_wait(ring, timeout_ms) != 1)
		return 0;
	r = pktio_recv(ring, got, n);
	REQUIRE(r >= 0 || r == PKTIO_EOF, "%s", pktio_last_error(ring));
	return r == PKTIO_EOF ? 0 : r;
}

/*
 * Receives the matching frames, in order, and no others. Returns the number of
 * frames with a stripped tag; -1 if other frames were received.
 */
static int expect_frames(struct pktio_ring *ring, const bool *wanted,
			 const char *what)
{
	struct pktio_frame got[64];
	unsigned at = next_wanted(wanted, 0);
	int beside = 0;

	for (;;) {
		int n = take(ring, got, 64, at < nframes ? 2000 : 5);

		if (n == 0)
			break;
		for (int i = 0; i < n; i++) {
			if (at == nframes || !is_frame(&got[i], &frames[at])) {
				EXPECT(false, "'%s': another frame than %u",
				       what, at);
				return -1;
			}
			beside += got[i].nvlan > 0;
			at = next_wanted(wanted, at + 1);
		}
		pktio_release(ring, got, (unsigned)n);
	}
	EXPECT(at == nframes, "'%s': frame %u does not arrive", what, at);
	return at == nframes ? beside : -1;
}

/* ---- Expressions -------------------------------------------------------- */

/*
 * Computes the matching frames; false if libpcap has no program for the
 * expression.
 */
static bool find_wanted(const char *expression, bool *wanted)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program meant;

	if (!tagged_compile(&meant, expression, message))
		return false;
	for (unsigned i = 0; i < nframes; i++)
		wanted[i] = tagged_matches(&meant, &frames[i]);
	pcap_freecode(&meant);
	return true;
}

struct tally {
	unsigned expressions; /* expressions compared */
	unsigned selective;   /* that match some frames, but not all */
	unsigned refused;     /* that no kernel accepts */
	unsigned wrong;
	uint64_t received, beside;
};

/*
 * `sock`: the socket to send the frames with; -1 if the source has them
 * already.
 */
static void compare(const char *uri, int sock, const char *expression,
		    struct tally *tally)
{
	bool wanted[TAGGED_MOST_FRAMES] = { false };
	struct pktio_error error;
	struct sock_fprog prog;
	struct pktio_open_args args = { .size = sizeof(args), .filter = &prog };
	struct pktio_ring *ring = NULL;
	unsigned n = 0;
	int beside;

	if (!find_wanted(expression, wanted))
		return;
	REQUIRE(!pktio_filter_compile(&prog, expression, ETHERNET, 0, &error),
		"%s", error.text);
	if (pktio_open(&ring, uri, &args, &error) < 0) {
		/*
		 * Some programs of libpcap for Geneve read memory that they did
		 * not write.
		 */
		EXPECT_CONTAINS(expression, "geneve", "'%s': %s", expression,
				error.text);
		pktio_filter_free(&prog);
		tally->refused++;
		return;
	}
	for (unsigned i = 0; i < nframes; i++) {
		wanted[i] = wanted[i] && (sock < 0 || arrives(&frames[i]));
		n += wanted[i];
	}
	if (sock >= 0)
		send_frames(sock);
	beside = expect_frames(ring, wanted, expression);
	tally->expressions++;
	tally->selective += n > 0 && n < nframes;
	tally->wrong += beside < 0;
	tally->received += beside < 0 ? 0 : n;
	tally->beside += beside < 0 ? 0 : (unsigned)beside;
	pktio_close(ring);
	pktio_filter_free(&prog);
}

/* Compares every `step`th expression. */
static struct tally compare_all(const char *uri, int sock, unsigned step)
{
	unsigned n;
	char(*expressions)[TAGGED_TEXT] = tagged_expressions(&n);
	struct tally tally = { 0 };

	for (unsigned i = 0; i < n && tally.wrong < 10; i += step)
		compare(uri, sock, expressions[i], &tally);
	free(expressions);
	cr_log_info(
		"%s: %u expressions, %u select, %u refused, %u wrong; %ju frames, %ju with a stripped tag",
		uri, tally.expressions, tally.selective, tally.refused,
		tally.wrong, (uintmax_t)tally.received,
		(uintmax_t)tally.beside);
	EXPECT_EQ(tally.wrong, 0);
	EXPECT(tally.expressions * step > n - n / 20, "only %u compared",
	       tally.expressions);
	EXPECT(tally.selective > tally.expressions / 2, "only %u select",
	       tally.selective);
	return tally;
}

Test(filter_live, without_a_filter_all_frames_arrive_except_too_short_ones)
{
	bool wanted[TAGGED_MOST_FRAMES] = { false };
	struct pktio_ring *ring = ring_open(AF_PACKET_URI, NULL);
	int sock = net_socket(NET_A);
	int stripped = 0;
	int beside;

	for (unsigned i = 0; i < nframes; i++) {
		wanted[i] = arrives(&frames[i]);
		stripped += wanted[i] && is_stripped(&frames[i]);
	}
	send_frames(sock);
	beside = expect_frames(ring, wanted, "no filter");
	EXPECT_EQ(beside, stripped);
	EXPECT(stripped > (int)nframes / 2, "only %d frames had a tag",
	       stripped);
	pktio_close(ring);
	close(sock);
}

Test(filter_live, expressions_select_the_same_frames_in_the_kernel)
{
	int sock = net_socket(NET_A);
	struct tally tally = compare_all(AF_PACKET_URI, sock, 1);

	EXPECT(tally.beside > tally.received / 3,
	       "only %ju of %ju frames had a stripped tag",
	       (uintmax_t)tally.beside, (uintmax_t)tally.received);
	close(sock);
}

Test(filter_live, expressions_select_the_same_frames_through_libpcap)
{
	int sock = net_socket(NET_A);
	struct tally tally = compare_all(PCAP_LIVE_URI, sock, 5);

	EXPECT_EQ(tally.beside, 0);
	close(sock);
}

/* All frames in a file, written by libpcap. */
static void write_file(void)
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	int fd = mkstemp(file);
	FILE *stream = fdopen(fd, "w");
	pcap_dumper_t *dumper = pcap_dump_fopen(pcap, stream);

	REQUIRE(dumper, "%s", pcap_geterr(pcap));
	for (unsigned i = 0; i < nframes; i++) {
		const struct pcap_pkthdr h = { .caplen = frames[i].len,
					       .len = frames[i].len };

		pcap_dump((u_char *)dumper, &h, frames[i].bytes);
	}
	pcap_dump_close(dumper);
	pcap_close(pcap);
}

Test(filter_live, expressions_select_the_same_frames_in_a_file)
{
	struct tally tally;
	char uri[64];

	write_file();
	snprintf(uri, sizeof(uri), "pcap_file:%s", file);
	tally = compare_all(uri, -1, 1);
	unlink(file);
	EXPECT_EQ(tally.beside, 0);
}

/* ---- Swapping ----------------------------------------------------------- */

struct flood {
	int sock, stop;
	uint64_t sent;
};

static void *flood(void *arg)
{
	struct flood *f = arg;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		send_frames(f->sock);
		f->sent += nframes;
	}
	return NULL;
}

/* Receives `n` frames, all of which must match the program. */
static void expect_kind(struct pktio_ring *ring, const char *expression,
			unsigned n)
{
	char message[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program meant;
	unsigned wrong = 0;
	unsigned total = 0;

	REQUIRE(tagged_compile(&meant, expression, message), "%s", message);
	while (total < n) {
		struct pktio_frame got[64];
		struct tagged wire;
		int r;

		REQUIRE_EQ(pktio_wait(ring, 2000), 1);
		r = pktio_recv(ring, got, 64);
		REQUIRE(r >= 0, "%s", pktio_last_error(ring));
		for (int i = 0; i < r; i++) {
			insert_tag(&wire, &got[i]);
			wrong += !tagged_matches(&meant, &wire);
		}
		pktio_release(ring, got, (unsigned)r);
		total += (unsigned)r;
	}
	EXPECT(wrong == 0, "'%s': %u of %u do not match", expression, wrong,
	       total);
	pcap_freecode(&meant);
}

static void swap_under_traffic(const char *uri)
{
	static const char *const kinds[] = {
		"vlan 100",
		"not vlan",
		"vlan and vlan 5 and ip",
		"ip",
		"vlan 5 and tcp port 80",
		"not (vlan and ip)",
		"ether proto 0x88a8",
	};
	enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };
	struct sock_fprog progs[KINDS];
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &progs[0] };
	struct flood f = { .sock = net_socket(NET_A) };
	struct pktio_error error;
	struct pktio_ring *ring;
	pthread_t thread;

	for (unsigned i = 0; i < KINDS; i++)
		REQUIRE(!pktio_filter_compile(&progs[i], kinds[i], ETHERNET, 0,
					      &error),
			"%s", error.text);
	ring = ring_open(uri, &args);
	REQUIRE(!pthread_create(&thread, NULL, flood, &f), "no thread");
	for (unsigned i = 0; i < 10 * KINDS; i++) {
		if (i > 0)
			REQUIRE(!pktio_set_filter(ring, &progs[i % KINDS]),
				"%s", pktio_last_error(ring));
		expect_kind(ring, kinds[i % KINDS], 100);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	pktio_close(ring);
	for (unsigned i = 0; i < KINDS; i++)
		pktio_filter_free(&progs[i]);
	close(f.sock);
	cr_log_info("%s: %u filter changes during %ju frames", uri, 10 * KINDS,
		    (uintmax_t)f.sent);
}

Test(filter_live, a_filter_change_during_traffic_passes_no_wrong_frame)
{
	swap_under_traffic(AF_PACKET_URI);
}

Test(filter_live, a_filter_change_through_libpcap_passes_no_wrong_frame)
{
	swap_under_traffic(PCAP_LIVE_URI);
}

/* Frames that match the old filter are pending when the new filter is set. */
static void filter_pending(const char *uri)
{
	bool wanted[TAGGED_MOST_FRAMES] = { false };
	struct sock_fprog all;
	struct sock_fprog some;
	struct pktio_open_args args = { .size = sizeof(args), .filter = &all };
	struct pktio_error error;
	struct pktio_ring *ring;
	int sock = net_socket(NET_A);

	REQUIRE(!pktio_filter_compile(&all, "", ETHERNET, 0, &error), "%s",
		error.text);
	REQUIRE(!pktio_filter_compile(&some, "vlan 100 and ip", ETHERNET, 0,
				      &error),
		"%s", error.text);
	REQUIRE(find_wanted("vlan 100 and ip", wanted), "a valid program");
	for (unsigned i = 0; i < nframes; i++)
		wanted[i] = wanted[i] && arrives(&frames[i]);
	ring = ring_open(uri, &args);
	send_frames(sock);
	REQUIRE_EQ(pktio_wait(ring, 2000), 1);
	usleep(20000);
	REQUIRE(!pktio_set_filter(ring, &some), "%s", pktio_last_error(ring));
	EXPECT(expect_frames(ring, wanted, uri) >= 0,
	       "other frames were received");
	pktio_close(ring);
	pktio_filter_free(&all);
	pktio_filter_free(&some);
	close(sock);
}

Test(filter_live, pending_frames_are_filtered_by_their_tags)
{
	filter_pending(AF_PACKET_URI);
}

Test(filter_live, pending_frames_in_libpcap_are_filtered_by_their_tags)
{
	filter_pending(PCAP_LIVE_URI);
}

/* ---- What only the kernel can tell ----------------------------------------
 */

/* Truncates frames to their headers. */
static struct sock_filter headers_code[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		 (uint32_t)SKF_AD_OFF + SKF_AD_PAY_OFFSET),
	BPF_STMT(BPF_RET | BPF_A, 0),
};
static struct sock_fprog headers = { 2, headers_code };

/* A frame of 1400 bytes, most of them payload. */
static void send_long(int sock)
{
	unsigned i = 0;

	while (frames[i].len != 1400 || is_stripped(&frames[i]))
		i++;
	net_send(sock, frames[i].bytes, frames[i].len);
}

static void expect_headers(struct pktio_ring *ring)
{
	struct pktio_frame f;

	REQUIRE_EQ(pktio_wait(ring, 2000), 1);
	REQUIRE(pktio_recv(ring, &f, 1) == 1, "%s", pktio_last_error(ring));
	EXPECT_EQ(f.wirelen, 1400);
	EXPECT(f.caplen > 0 && f.caplen < 100, "%u bytes", f.caplen);
	pktio_release(ring, &f, 1);
}

static void filter_by_the_kernel(const char *uri)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &headers };
	struct pktio_ring *ring = ring_open(uri, &args);
	int sock = net_socket(NET_A);

	send_long(sock);
	expect_headers(ring);
	pktio_close(ring);

	/* Pending frames cannot be filtered any more, and are dropped. */
	ring = ring_open(uri, NULL);
	for (unsigned i = 0; i < 10; i++)
		send_long(sock);
	usleep(20000);
	REQUIRE_EQ(pktio_wait(ring, 2000), 1);
	REQUIRE(!pktio_set_filter(ring, &headers), "%s",
		pktio_last_error(ring));
	EXPECT_EQ(ring_drain(ring, 300, NULL, 0), 0);
	EXPECT_EQ(ring_stats(ring).filtered, 10);
	for (unsigned i = 0; i < 5; i++) {
		send_long(sock);
		ring_drain(ring, 20, NULL, 0);
	}
	send_long(sock);
	expect_headers(ring);
	pktio_close(ring);
	close(sock);
}

Test(filter_live, programs_that_need_the_kernel_run_in_the_kernel)
{
	filter_by_the_kernel(AF_PACKET_URI);
}

Test(filter_live, programs_that_need_the_kernel_run_for_libpcap)
{
	filter_by_the_kernel(PCAP_LIVE_URI);
}

Test(filter_live, programs_that_need_the_kernel_are_refused_without_it)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.filter = &headers };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_EQ(pktio_open(&ring, "gen:", &args, &error), -ENOTSUP);
	EXPECT_CONTAINS(error.text, "only the kernel has");
	ring = ring_open("gen:", NULL);
	EXPECT_EQ(pktio_set_filter(ring, &headers), -ENOTSUP);
	EXPECT_CONTAINS(pktio_last_error(ring), "only the kernel has");
	pktio_close(ring);
}
