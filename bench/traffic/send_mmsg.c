/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends by sendmmsg(2) on a packet socket, without a queueing discipline, from
 * where the traffic lies. A call returns when its frames have reached the
 * interface behind, so that a schedule is kept to the frame.
 */
#include "traffic/send_method.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns/fail.h"
#include "traffic/marker.h"

#define BURST 64U

struct sending_mmsg {
	int sock;
	struct traffic *traffic;
	size_t at;
	bool stamp;
	struct sent sent;
	struct mmsghdr messages[BURST];
	struct iovec parts[BURST];
};

static void close_socket(void *state)
{
	struct sending_mmsg *s = state;

	if (s->sock >= 0)
		close(s->sock);
	free(s);
}

static int join(struct sending_mmsg *s, const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = 0, /* receives nothing */
		.sll_ifindex = (int)if_nametoindex(interface),
	};
	int one = 1;

	s->sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s->sock < 0 || address.sll_ifindex == 0)
		return -errno;
	if (setsockopt(s->sock, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
		       sizeof(one)) < 0 ||
	    bind(s->sock, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	return 0;
}

static int open_socket(void **ret, const struct sending *what,
		       struct pktio_error *reterr)
{
	struct sending_mmsg *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	s->sock = -1;
	r = join(s, what->interface);
	if (r < 0) {
		close_socket(s);
		return bench_fail(reterr, r, "cannot send on '%s': %s",
				  what->interface, strerror(-r));
	}
	s->traffic = what->traffic;
	s->stamp = what->stamp;
	for (size_t i = 0; i < BURST; i++) {
		s->messages[i].msg_hdr.msg_iov = &s->parts[i];
		s->messages[i].msg_hdr.msg_iovlen = 1;
	}
	*ret = s;
	return 0;
}

static void fill(struct sending_mmsg *s, unsigned n)
{
	struct traffic *t = s->traffic;

	for (unsigned i = 0; i < n; i++) {
		const struct traffic_frame *f = &t->frames[s->at];

		s->parts[i] = (struct iovec){ t->bytes + f->at, f->len };
		if (s->stamp)
			marker_set_time(t->bytes + f->at + f->len, clock_now());
		s->at = s->at + 1 == t->n ? 0 : s->at + 1;
	}
}

static int send_frames(void *state, unsigned n, struct pktio_error *reterr)
{
	struct sending_mmsg *s = state;
	unsigned done = 0;

	n = n < BURST ? n : BURST;
	fill(s, n);
	while (done < n) {
		int r = sendmmsg(s->sock, s->messages + done, n - done, 0);

		if (r > 0) {
			s->sent.sent += (unsigned)r;
			done += (unsigned)r;
		} else if (errno == ENOBUFS) {
			/* This one was refused, and is not tried again. */
			s->sent.failed++;
			done++;
		} else if (errno != EINTR) {
			return bench_fail(reterr, -errno, "cannot send: %s",
					  strerror(errno));
		}
	}
	return 0;
}

static void finish(void *state, struct sent *ret)
{
	const struct sending_mmsg *s = state;

	*ret = s->sent;
}

const struct send_method send_mmsg = {
	.name = "sendmmsg",
	.doc = "sendmmsg(2) on a packet socket",
	.burst = BURST,
	.open = open_socket,
	.send = send_frames,
	.finish = finish,
	.close = close_socket,
};
