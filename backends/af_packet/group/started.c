/* SPDX-License-Identifier: BSD-3-Clause */
#include "group/started.h"

#include <errno.h>

#include <linux/if_packet.h>
#include <linux/packet_diag.h>
#include <sys/socket.h>

int started_set(int sock, bool started)
{
	int value = started;

	return setsockopt(sock, SOL_PACKET, PACKET_AUXDATA, &value,
			  sizeof(value)) < 0 ?
		       -errno :
		       0;
}

bool started_is_set(uint32_t pdi_flags)
{
	return pdi_flags & PDI_AUXDATA;
}
