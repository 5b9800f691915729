/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_SOCK_DIAG_H
#define PKTIO_AF_PACKET_GROUP_SOCK_DIAG_H

/*
 * The packet sockets of the network namespace, as the kernel lists them
 * (sock_diag(7)). A call does not wait: the kernel writes its answer while it
 * takes the request. Errors are negative errno values; -ENOENT: the kernel does
 * not list packet sockets (CONFIG_PACKET_DIAG).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct af_packet;

/* Opens the netlink socket that the other calls use, if there is none yet; its
 * descriptor, or an error. May wait in another network namespace. */
int diag_open(struct af_packet *p);
void diag_close(struct af_packet *p);

/* Writes the cookies of a group's sockets on an interface, up to `max`. Returns
 * how many, or an error. */
int diag_members(struct af_packet *p, uint16_t id, uint32_t ifindex,
		 uint64_t *cookies, unsigned max);

/* The members of the ring's group. */
struct diag_count {
	unsigned members;
	bool listed;  /* the ring is one of them */
	bool started; /* another one has the mark of group/started.h */
};
int diag_count(struct af_packet *p, struct diag_count *ret);

/* Describes the owner of a fanout group in a text; false: unknown. Reads /proc,
 * which takes long. */
bool diag_owner(struct af_packet *p, uint16_t id, char *ret, size_t size);

#endif
