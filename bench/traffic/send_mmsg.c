/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sends with sendmmsg(2) on a packet socket, without a queueing discipline and
 * without a copy of the traffic. A call returns when its frames have reached
 * the peer interface, so the sender keeps the schedule for each frame.
 */
#include "traffic/send.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include "traffic/marker.h"
#include "util/error.h"

#define BURST 64U

struct mmsg_sender {
	int sock;
	struct traffic *traffic;
	size_t at;
	bool timestamp;
	struct send_counts sent;
	struct mmsghdr messages[BURST];
	struct iovec parts[BURST];
};

static void close_socket(void *state)
{
	struct mmsg_sender *s = state;

	if (s->sock >= 0)
		close(s->sock);
	free(s);
}

static int bind_socket(struct mmsg_sender *s, const char *interface)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = 0, /* do not receive */
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

static int open_socket(void **ret, const struct send_config *config,
		       struct pktio_error *reterr)
{
	struct mmsg_sender *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return error_set(reterr, -ENOMEM, "out of memory");
	s->sock = -1;
	r = bind_socket(s, config->interface);
	if (r < 0) {
		close_socket(s);
		return error_set(reterr, r, "cannot send on '%s': %s",
				 config->interface, strerror(-r));
	}
	s->traffic = config->traffic;
	s->timestamp = config->timestamp;
	for (size_t i = 0; i < BURST; i++) {
		s->messages[i].msg_hdr.msg_iov = &s->parts[i];
		s->messages[i].msg_hdr.msg_iovlen = 1;
	}
	*ret = s;
	return 0;
}

static void fill(struct mmsg_sender *s, unsigned n)
{
	struct traffic *t = s->traffic;

	for (unsigned i = 0; i < n; i++) {
		const struct traffic_frame *f = &t->frames[s->at];

		s->parts[i] = (struct iovec){ t->bytes + f->at, f->len };
		if (s->timestamp)
			marker_set_time(t->bytes + f->at + f->len,
					clock_ns(CLOCK_MONOTONIC));
		s->at = s->at + 1 == t->n ? 0 : s->at + 1;
	}
}

static int send_frames(void *state, unsigned n, struct pktio_error *reterr)
{
	struct mmsg_sender *s = state;
	unsigned done = 0;

	n = n < BURST ? n : BURST;
	fill(s, n);
	while (done < n) {
		int r = sendmmsg(s->sock, s->messages + done, n - done, 0);

		if (r > 0) {
			s->sent.sent += (unsigned)r;
			done += (unsigned)r;
		} else if (errno == ENOBUFS) {
			/* The interface refused this frame; do not retry. */
			s->sent.failed++;
			done++;
		} else if (errno != EINTR) {
			return error_set(reterr, -errno, "cannot send: %s",
					 strerror(errno));
		}
	}
	return 0;
}

static void finish(void *state, struct send_counts *ret)
{
	const struct mmsg_sender *s = state;

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
