/* SPDX-License-Identifier: BSD-3-Clause */
/* Sending on af_packet. */
#include <string.h>

#include <criterion/criterion.h>

#include <pktio/pktio.h>

#include "lab.h"

#define URI "af_packet:" LAB_B

TestSuite(af_packet_send, .init = lab_enter);

static struct pktio_ring *open_sender(const char *uri)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND };

	return lab_open(uri, &args);
}

static void send_numbers(struct pktio_ring *ring, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct pktio_frame f;

		cr_assert_eq(pktio_alloc(ring, &f, 1), 1);
		lab_frame(pktio_frame_wdata(&f), 60, i);
		f.caplen = 60;
		cr_assert_eq(pktio_send(ring, &f, 1), 1);
	}
	cr_assert_eq(pktio_flush(ring), 0, "%s", pktio_strerror(ring));
}

Test(af_packet_send, frames_sent_with_and_without_the_qdisc_all_arrive)
{
	static const char *const uris[] = { "af_packet:" LAB_A,
					    "af_packet:" LAB_A
					    "?qdisc-bypass=yes" };

	for (int i = 0; i < 2; i++) {
		struct pktio_ring *from = open_sender(uris[i]);
		struct pktio_ring *to = lab_open(URI, NULL);
		uint8_t seen[1000] = { 0 };

		cr_expect_eq(pktio_fd(from), -ENOTSUP);
		send_numbers(from, 1000);
		cr_expect_eq(lab_drain(to, 50, seen, 1000), 1000);
		for (int j = 0; j < 1000; j++)
			cr_expect_eq(seen[j], 1);
		cr_expect_eq(lab_stats(from).sent, 1000);
		cr_expect_eq(lab_stats(from).sent_bytes, 60000);
		pktio_close(from);
		pktio_close(to);
	}
}

Test(af_packet_send, a_frame_that_is_too_long_is_told_and_the_others_leave)
{
	struct pktio_ring *from = open_sender("af_packet:" LAB_A);
	struct pktio_ring *to = lab_open(URI, NULL);
	struct pktio_frame frames[3];

	cr_assert_eq(pktio_alloc(from, frames, 3), 3);
	for (unsigned i = 0; i < 3; i++) {
		frames[i].caplen = i == 1 ? 1900 : 60;
		lab_frame(pktio_frame_wdata(&frames[i]), frames[i].caplen, i);
	}
	cr_assert_eq(pktio_send(from, frames, 3), 3);
	cr_expect_eq(pktio_flush(from), -EMSGSIZE);
	cr_expect(strstr(pktio_strerror(from), "1 of 3") &&
			  strstr(pktio_strerror(from), "MTU"),
		  "%s", pktio_strerror(from));
	cr_expect_eq(lab_drain(to, 50, NULL, 0), 2);
	cr_expect_eq(lab_stats(from).sent, 2);
	cr_expect_eq(lab_stats(from).send_failed, 1);
	cr_expect_eq(pktio_flush(from), 0);
	pktio_close(from);
	pktio_close(to);
}

Test(af_packet_send,
     sending_on_an_interface_that_is_down_is_an_error_with_words)
{
	struct pktio_ring *from = open_sender("af_packet:" LAB_A);
	struct pktio_frame f;

	lab_set_up(LAB_A, false);
	cr_assert_eq(pktio_alloc(from, &f, 1), 1);
	lab_frame(pktio_frame_wdata(&f), 60, 0);
	f.caplen = 60;
	cr_assert_eq(pktio_send(from, &f, 1), 1);
	cr_expect_eq(pktio_flush(from), -ENETDOWN);
	cr_expect_eq(lab_stats(from).send_failed, 1);
	lab_set_up(LAB_A, true);
	send_numbers(from, 10);
	cr_expect_eq(lab_stats(from).sent, 10);
	pktio_close(from);
}

Test(af_packet_send, an_error_in_the_middle_of_a_burst_is_told_by_the_next_call)
{
	struct pktio_ring *from = open_sender("af_packet:" LAB_A);
	struct pktio_frame frames[200];
	uint64_t taken = 0;
	unsigned failures = 0;

	cr_assert_eq(pktio_alloc(from, frames, 200), 200);
	for (unsigned i = 0; i < 200; i++) {
		frames[i].caplen = i == 5 ? 1900 : 60;
		lab_frame(pktio_frame_wdata(&frames[i]), frames[i].caplen, i);
	}
	while (taken < 200) {
		int n = pktio_send(from, frames + taken, 200 - (unsigned)taken);

		cr_assert_neq(n, 0);
		if (n < 0)
			failures++;
		else
			taken += (unsigned)n;
	}
	cr_expect_eq(failures, 1);
	cr_expect_eq(pktio_flush(from), 0);
	cr_expect_eq(lab_stats(from).sent, 199);
	cr_expect_eq(lab_stats(from).send_failed, 1);
	pktio_close(from);
}

Test(af_packet_send, one_ring_may_receive_and_send)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_RECV | PKTIO_SEND };
	struct pktio_ring *a = lab_open("af_packet:" LAB_A, &args);
	struct pktio_ring *b = lab_open(URI, &args);

	send_numbers(a, 100);
	cr_expect_eq(lab_drain(b, 50, NULL, 0), 100);
	send_numbers(b, 100);
	cr_expect_geq(lab_drain(a, 50, NULL, 0), 100);
	pktio_close(a);
	pktio_close(b);
}
