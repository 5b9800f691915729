/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_AF_PACKET_GROUP_STARTED_H
#define PKTIO_AF_PACKET_GROUP_STARTED_H

/*
 * The mark of a group that has started: a ring that joins such a group opens
 * its filter at once, and a ring that waits for the others stops waiting.
 *
 * Rings of all fanout modes need the mark, in processes that share nothing but
 * the kernel, and the mark has to disappear with the last ring, also if its
 * process crashed. So the mark is an option of the packet sockets of the group
 * that sock_diag(7) shows: PACKET_AUXDATA, PDI_AUXDATA there. The option has no
 * other effect on a ring: it adds a control message to the result of
 * recvmsg(2), which pktio never calls on a packet socket.
 */
#include <stdbool.h>
#include <stdint.h>

/* Sets or clears the mark of a socket: 0, or a negative errno value. */
int started_set(int sock, bool started);
/* Whether a socket has the mark, by pdi_flags of its struct packet_diag_info.
 */
bool started_is_set(uint32_t pdi_flags);

#endif
