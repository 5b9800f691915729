/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/test_network.h"

#include <sched.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>

#include "netns.h"

#define NUMBER_AT 14

/* Other tests run at the same time, and a sanitizer makes all of them slow. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PATIENCE 5
#else
#define PATIENCE 2
#endif

void lab_enter(void)
{
	struct pktio_error error = { 0 };

	cr_assert_eq(netns_enter(&error), 0, "%s", error.text);
	cr_assert_eq(netns_veth(LAB_A, LAB_B, &error), 0, "%s", error.text);
}

void lab_set_up(const char *interface, bool up)
{
	struct pktio_error error = { 0 };

	cr_assert_eq(netns_set_up(interface, up, &error), 0, "%s", error.text);
}

struct pktio_ring *lab_open(const char *uri, const struct pktio_open_args *args)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int r = pktio_open(&ring, uri, args, &error);

	cr_assert_eq(r, 0, "%s", error.text);
	return ring;
}

int lab_socket(const char *interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex =
					  (int)if_nametoindex(interface) };
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	cr_assert_geq(sock, 0);
	cr_assert_eq(bind(sock, (const void *)&to, sizeof(to)), 0);
	return sock;
}

void lab_send(int sock, const void *frame, size_t size)
{
	cr_assert_eq(send(sock, frame, size, 0), (ssize_t)size, "%s",
		     strerror(errno));
}

void lab_frame(uint8_t *frame, size_t size, uint32_t number)
{
	static const uint8_t header[] = { 2,
					  0,
					  0,
					  0,
					  0,
					  0xb,
					  2,
					  0,
					  0,
					  0,
					  0,
					  0xa,
					  LAB_ETHERTYPE >> 8,
					  LAB_ETHERTYPE & 0xff };
	uint32_t wire = htonl(number);

	memcpy(frame, header, sizeof(header));
	memcpy(frame + NUMBER_AT, &wire, sizeof(wire));
	for (size_t i = NUMBER_AT + sizeof(wire); i < size; i++)
		frame[i] = (uint8_t)(number + i);
}

void lab_send_numbers(int sock, uint32_t first, uint32_t count)
{
	uint8_t frame[60];

	for (uint32_t i = 0; i < count; i++) {
		lab_frame(frame, sizeof(frame), first + i);
		lab_send(sock, frame, sizeof(frame));
	}
}

void *lab_flood(void *flood)
{
	struct lab_flood *f = flood;

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		lab_send_numbers(f->sock, f->sent, 1);
		__atomic_store_n(&f->sent, f->sent + 1, __ATOMIC_RELEASE);
		if (f->sent % 64 == 0)
			sched_yield();
	}
	return NULL;
}

int64_t lab_number(const struct pktio_frame *f)
{
	uint32_t wire;

	if (f->caplen < NUMBER_AT + sizeof(wire) ||
	    f->data[12] != LAB_ETHERTYPE >> 8 ||
	    f->data[13] != (LAB_ETHERTYPE & 0xff))
		return -1;
	memcpy(&wire, f->data + NUMBER_AT, sizeof(wire));
	return ntohl(wire);
}

uint64_t lab_drain(struct pktio_ring *ring, int quiet_ms, uint8_t *seen,
		   size_t size)
{
	struct pktio_frame frames[64];
	uint64_t total = 0;

	while (pktio_wait(ring, PATIENCE * quiet_ms) == 1) {
		int n = pktio_recv(ring, frames, 64);

		cr_assert_geq(n, 0, "%s", pktio_strerror(ring));
		for (int i = 0; i < n; i++) {
			int64_t number = lab_number(&frames[i]);

			if (seen && number >= 0 && (size_t)number < size)
				seen[number]++;
		}
		pktio_release(ring, frames, (unsigned)n);
		total += (unsigned)n;
	}
	return total;
}

unsigned lab_polls(struct pktio_ring *ring, unsigned ms, unsigned *received)
{
	uint64_t end = lab_now_ns() + ms * UINT64_C(1000000);
	unsigned n = 0;

	*received = 0;
	while (lab_now_ns() < end) {
		struct pollfd fd = { .fd = pktio_fd(ring), .events = POLLIN };
		struct pktio_frame frames[64];
		int got;

		if (poll(&fd, 1, 10) > 0)
			n++;
		got = pktio_recv(ring, frames, 64);
		if (got > 0)
			*received += (unsigned)got;
	}
	return n;
}

struct pktio_stats lab_stats(struct pktio_ring *ring)
{
	struct pktio_stats stats = { .size = sizeof(stats) };

	cr_assert_eq(pktio_get_stats(ring, &stats), 0);
	return stats;
}

struct pktio_info lab_info(const struct pktio_ring *ring)
{
	struct pktio_info info = { .size = sizeof(info) };

	cr_assert_eq(pktio_get_info(ring, &info), 0);
	return info;
}

void lab_nap(unsigned ms)
{
	struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&time, NULL);
}

static uint64_t read_clock(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t lab_cpu_ns(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

/* A spin takes all of a second, each time. */
static bool is_idle(uint64_t cpu_ns)
{
	cr_expect_lt(cpu_ns, 100000000, "%lu us", cpu_ns / 1000);
	return cpu_ns < 10000000;
}

void lab_expect_idle(struct pktio_ring *ring)
{
	uint64_t cpu;

	for (int i = 0; i < 3; i++) {
		cpu = lab_cpu_ns();
		cr_expect_eq(pktio_wait(ring, 1000), 0);
		cpu = lab_cpu_ns() - cpu;
		if (is_idle(cpu))
			return;
	}
	cr_expect(false, "a wait of a second took %lu us", cpu / 1000);
}

void lab_expect_idle_polls(struct pktio_ring *ring, unsigned most_events)
{
	unsigned received, n;
	uint64_t cpu;

	for (int i = 0; i < 3; i++) {
		cpu = lab_cpu_ns();
		n = lab_polls(ring, 1000, &received);
		cpu = lab_cpu_ns() - cpu;
		cr_expect_leq(n, most_events, "%u", n);
		cr_expect_eq(received, 0);
		if (is_idle(cpu))
			return;
	}
	cr_expect(false, "a second of polls took %lu us", cpu / 1000);
}

uint64_t lab_now_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}
