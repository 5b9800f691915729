/* SPDX-License-Identifier: BSD-3-Clause */
#include "ring/loss.h"

#include "af_packet.h"

#include <string.h>

#include <linux/if_packet.h>
#include <sys/socket.h>

/* Reading resets the kernel's counters and ends its marks. */
static int read_counters(struct af_packet *p, struct tpacket_stats_v3 *ret)
{
	socklen_t size = sizeof(*ret);

	*ret = (struct tpacket_stats_v3){ 0 };
	if (getsockopt(p->sock, SOL_PACKET, PACKET_STATISTICS, ret, &size) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot read the statistics: %s",
				  strerror(errno));
	/* A V2 ring does not count how often it was full: at least once. */
	if (p->slots)
		ret->tp_freeze_q_cnt = ret->tp_drops > 0;
	/* tp_packets is not used: it includes tp_drops. */
	p->ring.stats.dropped += ret->tp_drops;
	p->ring.stats.freezes += ret->tp_freeze_q_cnt;
	return 0;
}

int loss_read_statistics(struct af_packet *p)
{
	struct tpacket_stats_v3 counters;
	int ret = read_counters(p, &counters);

	/* Pending blocks were retired before the loss, or have its mark. */
	if (counters.tp_drops > 0)
		p->loss.due = p->mem.ahead + 1;
	return ret;
}

void loss_open_block(struct af_packet *p, uint32_t status)
{
	struct loss *l = &p->loss;
	struct tpacket_stats_v3 counters;

	if (l->due > 0 && --l->due == 0)
		l->flag = PKTIO_F_LOSS;

	if (l->stale > 0) {
		l->stale--;
		return;
	}
	if (!(status & TP_STATUS_LOSING))
		return;
	l->flag = PKTIO_F_LOSS;
	read_counters(p, &counters);
	/* All pending blocks may have the mark of this loss, unless the ring
	 * was full more than once: then the last loss follows them. */
	if (counters.tp_freeze_q_cnt <= 1)
		l->stale = p->mem.ahead;
	else if (counters.tp_drops > 0)
		l->due = p->mem.ahead + 1;
}

void loss_meet_mark(struct af_packet *p)
{
	struct tpacket_stats_v3 counters;

	read_counters(p, &counters);
	p->loss.due = 0;
}

void loss_ring_replaced(struct loss *l)
{
	l->due = l->due > 0;
	l->stale = 0;
	l->marked = false;
}
