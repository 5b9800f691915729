/* SPDX-License-Identifier: BSD-3-Clause */
#include "receive/receiver.h"

#include <errno.h>

#include <linux/if_packet.h>
#include <sys/socket.h>

int receiver_join_fanout(int sock, const struct receiver_config *config)
{
	int group = config->fanout | PACKET_FANOUT_HASH << 16;

	if (config->count < 2)
		return 0;
	return setsockopt(sock, SOL_PACKET, PACKET_FANOUT, &group,
			  sizeof(group)) < 0 ?
		       -errno :
		       0;
}
