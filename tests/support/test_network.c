/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/test_network.h"

#include <errno.h>
#include <sched.h>
#include <string.h>

#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/numbered_frames.h"

void net_create(void)
{
	struct pktio_error error = { 0 };

	REQUIRE(netns_enter(&error) == 0, "%s", error.text);
	REQUIRE(netns_veth(NET_A, NET_B, &error) == 0, "%s", error.text);
}

void net_set_up(const char *interface, bool up)
{
	struct pktio_error error = { 0 };

	REQUIRE(netns_set_up(interface, up, &error) == 0, "%s", error.text);
}

int net_socket(const char *interface)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
				  .sll_ifindex =
					  (int)if_nametoindex(interface) };
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	REQUIRE(sock >= 0, "%s", strerror(errno));
	REQUIRE(bind(sock, (const void *)&to, sizeof(to)) == 0, "%s: %s",
		interface, strerror(errno));
	return sock;
}

void net_send(int sock, const void *frame, size_t size)
{
	REQUIRE(send(sock, frame, size, 0) == (ssize_t)size, "%s",
		strerror(errno));
}

void net_send_numbers(int sock, uint32_t first, uint32_t count)
{
	uint8_t frame[60];

	for (uint32_t i = 0; i < count; i++) {
		numbered_frame(frame, sizeof(frame), first + i);
		net_send(sock, frame, sizeof(frame));
	}
}

void *net_flood(void *flood)
{
	struct net_flood *f = flood;

	while (!__atomic_load_n(&f->stop, __ATOMIC_ACQUIRE)) {
		net_send_numbers(f->sock, f->sent, 1);
		__atomic_store_n(&f->sent, f->sent + 1, __ATOMIC_RELEASE);
		if (f->sent % 64 == 0)
			sched_yield();
	}
	return NULL;
}
