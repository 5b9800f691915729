/* SPDX-License-Identifier: BSD-3-Clause */
/* Open and close, leaks, and the information of a ring. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "contract/fixture.h"
#include "support/expect.h"
#include "support/ring.h"

/* ---- Leaks -------------------------------------------------------------- */

static unsigned count_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	REQUIRE(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

/*
 * The number of mapped bytes without the heap. With a sanitizer, which maps
 * anonymous memory at any time, only named mappings count: sockets, files,
 * libraries.
 */
static uint64_t count_mapped(void)
{
	const char *sanitizer = getenv("PKTIO_SANITIZE");
	bool all = !sanitizer || !*sanitizer;
	FILE *maps = fopen("/proc/self/maps", "re");
	uint64_t total = 0;
	char line[512];

	REQUIRE(maps);
	while (fgets(line, sizeof(line), maps)) {
		char *end;
		uint64_t from = strtoull(line, &end, 16);
		uint64_t to = strtoull(end + 1, NULL, 16);

		if (!strstr(line, "[heap]") &&
		    (all || strchr(line, '/') || strstr(line, "socket:")))
			total += to - from;
	}
	fclose(maps);
	return total;
}

static void expect_no_leak(struct fixture *fx,
			   void (*action)(struct fixture *fx))
{
	unsigned descriptors;
	uint64_t mapped;

	/* Allocations that happen once happen here. */
	for (int i = 0; i < 3; i++)
		action(fx);
	descriptors = count_descriptors();
	mapped = count_mapped();
	for (int i = 0; i < 10; i++)
		action(fx);
	EXPECT_EQ(count_descriptors(), descriptors);
	EXPECT_EQ(count_mapped(), mapped, "%llu bytes more are mapped",
		  (unsigned long long)(count_mapped() - mapped));
}

static void open_and_use(struct fixture *fx)
{
	struct pktio_frame frames[16];
	struct pktio_ring *ring = fixture_open(fx, NULL);

	fx->fed = 0;
	fixture_feed(fx, 16);
	fixture_receive(ring, frames, 16, 16);
	pktio_release(ring, frames, 8);
	pktio_close(ring);
}

PROPERTY(a_closed_ring_leaves_nothing_behind, ALL)
{
	fixture_make_frames(fx, PLAIN, 16);
	expect_no_leak(fx, open_and_use);
}

static void open_and_send(struct fixture *fx)
{
	struct pktio_ring *ring = fixture_open_sink(fx);
	struct pktio_frame frames[16];

	REQUIRE_EQ(pktio_alloc(ring, frames, 16), 16);
	pktio_release(ring, frames, 8);
	pktio_close(ring);
}

PROPERTY(a_closed_sending_ring_leaves_nothing_behind, ALL)
{
	expect_no_leak(fx, open_and_send);
}

/* ---- Failures ----------------------------------------------------------- */

static void expect_refusal(const char *uri, const struct pktio_open_args *args)
{
	struct pktio_ring *const before = (void *)&expect_refusal;
	struct pktio_ring *ring = before;
	struct pktio_error error = { 0 };
	int r = pktio_open(&ring, uri, args, &error);

	EXPECT_LT(r, 0, "%s", uri);
	EXPECT_EQ(error.code, r, "%s", uri);
	EXPECT_GT(strlen(error.text), 10, "%s", uri);
	EXPECT(ring == before, "%s", uri);
	/* The error argument is optional. */
	EXPECT_EQ(pktio_open(&ring, uri, args, NULL), r);
	EXPECT(ring == before, "%s", uri);
}

static void fail_in_every_way(struct fixture *fx)
{
	struct sock_filter code = BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0);
	struct sock_fprog prog = { 1, &code };
	const struct pktio_open_args bad_filter = { .size = sizeof(bad_filter),
						    .filter = &prog };
	const struct pktio_open_args bad_mode = { .size = sizeof(bad_mode),
						  .mode = 1U << 30 };
	const struct pktio_open_args bad_index = { .size = sizeof(bad_index),
						   .index = 2,
						   .count = 2 };
	const struct pktio_open_args bad_size = { .size = 1 };
	char uri[256];

	expect_refusal(fx->backend->bad_target, NULL);
	snprintf(uri, sizeof(uri), "%s?no-such-option=1", fx->source);
	expect_refusal(uri, NULL);
	expect_refusal(fx->source, &bad_filter);
	expect_refusal(fx->source, &bad_mode);
	expect_refusal(fx->source, &bad_index);
	expect_refusal(fx->source, &bad_size);
}

PROPERTY(a_failed_open_leaves_nothing_behind_and_reports_why, ALL)
{
	fixture_make_frames(fx, PLAIN, 1);
	fx->backend->feed(fx, 0, 1);
	expect_no_leak(fx, fail_in_every_way);
}

PROPERTY(the_error_names_a_missing_target, ALL)
{
	const char *target = strchr(fx->backend->bad_target, ':') + 1;
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	EXPECT_LT(pktio_open(&ring, fx->backend->bad_target, NULL, &error), 0);
	EXPECT_CONTAINS(error.text, target);
	EXPECT_EQ(strncmp(error.text, fx->backend->name,
			  strlen(fx->backend->name)),
		  0, "%s", error.text);
}

PROPERTY(opening_a_group_succeeds_or_reports_why, ALL)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .index = 1,
					      .count = 2 };
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int r;

	fixture_make_frames(fx, PLAIN, 1);
	fx->backend->feed(fx, 0, 1);
	r = pktio_open(&ring, fx->source, &args, &error);
	EXPECT(r == 0 || strstr(error.text, "rings"), "%s", error.text);
	pktio_close(ring);
}

/* ---- What a ring tells -------------------------------------------------- */

PROPERTY(info_describes_the_ring, ALL)
{
	struct pktio_ring *ring;
	struct pktio_info info;

	fixture_make_frames(fx, PLAIN, 1);
	ring = fixture_open(fx, NULL);
	info = ring_info(ring);
	EXPECT_EQ(info.mode, PKTIO_RECV);
	EXPECT_EQ(info.linktype, 1);
	EXPECT_EQ(info.link,
		  fx->backend->live ? PKTIO_LINK_UP : PKTIO_LINK_UNKNOWN);
	EXPECT_EQ(info.ifindex != 0, fx->backend->live);
	if (info.block_size)
		EXPECT_EQ(info.ring_size / info.block_size, info.blocks);
	if (info.socket != -1)
		EXPECT_GE(fcntl(info.socket, F_GETFD), 0);
	EXPECT_STR(pktio_last_error(ring), "");
	pktio_close(ring);
}

/* Backends that open their descriptors themselves: libpcap sets no flag. */
#define BACKENDS_WITHOUT_LIBPCAP(X, title) \
	X(af_packet, title)                \
	LATENCY(X, title)                  \
	X(pcap_file, title)                \
	X(gen, title)

#define MAX_FD 1024

PROPERTY(descriptors_are_close_on_exec, WITHOUT_LIBPCAP)
{
	bool before[MAX_FD];
	struct pktio_ring *ring;

	fixture_make_frames(fx, PLAIN, 1);
	fx->backend->feed(fx, 0, 1);
	for (int fd = 0; fd < MAX_FD; fd++)
		before[fd] = fcntl(fd, F_GETFD) >= 0;
	ring = fixture_open(fx, NULL);
	for (int fd = 0; fd < MAX_FD; fd++) {
		int flags = fcntl(fd, F_GETFD);

		EXPECT(before[fd] || flags < 0 || flags & FD_CLOEXEC,
		       "exec does not close the descriptor %d", fd);
	}
	pktio_close(ring);
}

PROPERTY(info_and_counters_fill_structs_of_any_size, ALL)
{
	struct {
		struct pktio_info info;
		uint8_t more[16];
	} grown;
	struct pktio_stats stats;
	struct pktio_info info;
	struct pktio_ring *ring;
	struct pktio_frame f;

	fixture_make_frames(fx, PLAIN, 1);
	ring = fixture_open(fx, NULL);
	fixture_feed(fx, 1);
	fixture_receive(ring, &f, 1, 1);
	pktio_release(ring, &f, 1);

	memset(&info, 0xaa, sizeof(info));
	info.size = offsetof(struct pktio_info, snaplen);
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.mode, PKTIO_RECV);
	EXPECT_EQ(info.linktype, 1);
	EXPECT_EQ(info.snaplen, 0xaaaaaaaa);

	memset(&grown, 0xaa, sizeof(grown));
	grown.info.size = sizeof(grown);
	EXPECT_EQ(pktio_get_info(ring, &grown.info), 0);
	EXPECT_EQ(grown.info.size, sizeof(grown));
	for (size_t i = 0; i < sizeof(grown.more); i++)
		EXPECT_EQ(grown.more[i], 0);

	memset(&stats, 0xaa, sizeof(stats));
	stats.size = offsetof(struct pktio_stats, received_bytes);
	EXPECT_EQ(pktio_get_stats(ring, &stats), 0);
	EXPECT_EQ(stats.received, 1);
	EXPECT_EQ(stats.received_bytes, UINT64_C(0xaaaaaaaaaaaaaaaa));

	info.size = 1;
	EXPECT_EQ(pktio_get_info(ring, &info), -EINVAL);
	stats.size = 0;
	EXPECT_EQ(pktio_get_stats(ring, &stats), -EINVAL);
	pktio_close(ring);
}
