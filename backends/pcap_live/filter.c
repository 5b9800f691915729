/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters: run by the kernel, but for what is on its way already. */
#include "pcap_live.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#include "util/clock.h"
#include "util/vlan.h"

/*
 * Whether a frame passes, seen as the kernel has it when it runs a filter: with
 * the outermost tag not in the bytes.
 */
static bool passes(const struct pktio_bpf *bpf, const struct pktio_frame *f)
{
	struct pktio_frame seen = *f;
	uint8_t head[MAC_ADDRESSES + VLAN_TAG];
	uint8_t *bytes = (uint8_t *)(uintptr_t)f->data;
	uint16_t tag[2];
	bool keep;

	if (f->linktype != DLT_EN10MB || f->caplen < sizeof(head))
		return pktio_bpf_run(bpf, f);
	memcpy(tag, bytes + MAC_ADDRESSES, sizeof(tag));
	seen.vlan[0].tpid = ntohs(tag[0]);
	seen.vlan[0].tci = ntohs(tag[1]);
	if (seen.vlan[0].tpid != 0x8100 && seen.vlan[0].tpid != 0x88a8)
		return pktio_bpf_run(bpf, f);
	memcpy(head, bytes, sizeof(head));
	memmove(bytes + VLAN_TAG, bytes, MAC_ADDRESSES);
	seen.data += VLAN_TAG;
	seen.caplen -= VLAN_TAG;
	seen.wirelen -= VLAN_TAG;
	seen.nvlan = 1;
	keep = pktio_bpf_run(bpf, &seen);
	memcpy(bytes, head, sizeof(head));
	return keep;
}

/* ---- Frames on their way ------------------------------------------------ */

/* Longer than a frame takes from the kernel's filter into the ring. */
#define SETTLED (UINT64_C(100) * 1000 * 1000)

/* Takes away those that the filter before let in, and this one does not. */
int pcap_live_recheck(struct pcap_live *l, struct pktio_frame *frames, int n)
{
	int kept = 0;

	for (int i = 0; i < n; i++) {
		const struct pktio_frame *f = &frames[i];

		if (passes(l->recheck, f)) {
			if (kept != i)
				frames[kept] = *f;
			kept++;
			continue;
		}
		l->bytes -= f->caplen;
		l->truncated -= f->caplen < f->wirelen;
		l->ring.stats.filtered++;
		pcap_live_release(&l->ring, f, 1);
	}
	return kept;
}

void pcap_live_settle(struct pcap_live *l)
{
	if (l->recheck && clock_ns(CLOCK_MONOTONIC) > l->recheck_until)
		l->recheck = pktio_bpf_free(l->recheck);
}

/* The new filter also holds for the frame that was looked at ahead. */
static void recheck_ahead(struct pcap_live *l)
{
	if (!l->recheck || !l->has_ahead || passes(l->recheck, &l->ahead))
		return;
	pcap_live_release(&l->ring, &l->ahead, 1);
	l->has_ahead = false;
	l->ring.stats.filtered++;
}

/* ---- Filters ------------------------------------------------------------ */

/*
 * Whether the program means what the kernel sees: the frames of a link whose
 * headers libpcap does not change.
 */
static bool is_raw(const struct pcap_live *l)
{
	socklen_t size = sizeof(int);
	struct sockaddr_ll at;
	int type = 0;

	return pcap_live_bound_to(l, &at) &&
	       getsockopt(pcap_fileno(l->pcap), SOL_SOCKET, SO_TYPE, &type,
			  &size) == 0 &&
	       type == SOCK_RAW;
}

/*
 * Gives the kernel a program, around libpcap, which otherwise runs it itself
 * over what is in its ring already, and there refuses every frame for which it
 * loads what libpcap does not know: all ancillary data but the VLAN's id.
 */
static int attach(struct pcap_live *l, const struct sock_fprog *prog)
{
	int fd = pcap_fileno(l->pcap);
	int unused = 0;

	if (prog && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, prog,
			       sizeof(*prog)) < 0)
		return pktio_fail(&l->ring, -errno,
				  "the kernel refuses the filter: %s",
				  strerror(errno));
	if (!prog &&
	    setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused,
		       sizeof(unused)) < 0 &&
	    errno != ENOENT)
		return pktio_fail(&l->ring, -errno,
				  "cannot take the filter away: %s",
				  strerror(errno));
	return 0;
}

/* Leaves it to libpcap what to do with the program. */
static int hand_over(struct pcap_live *l, const struct sock_fprog *prog)
{
	struct bpf_insn all = { .code = BPF_RET | BPF_K, .k = UINT32_MAX };
	struct bpf_program program = { .bf_len = 1, .bf_insns = &all };

	if (prog) {
		/* The same struct by another name. */
		program.bf_len = prog->len;
		program.bf_insns = (struct bpf_insn *)(void *)prog->filter;
	}
	if (pcap_setfilter(l->pcap, &program) < 0)
		return pktio_fail(&l->ring, -EINVAL,
				  "cannot filter on '%s': %s", l->name,
				  pcap_geterr(l->pcap));
	return 0;
}

/*
 * The kernel exchanges the program in one step; frames that wait already, or
 * are on their way, are looked at here. One that only the kernel can run
 * refuses all of those.
 */
int pcap_live_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	static struct sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, 0);
	const struct sock_fprog nothing = { .len = 1, .filter = &refuse };
	struct pcap_live *l = pcap_live_of(r);
	struct pktio_bpf *bpf = NULL;
	int code = 0;

	if (prog) {
		code = pktio_bpf_new(&bpf, prog);
		if (code == -ENOTSUP)
			code = pktio_bpf_new(&bpf, &nothing);
		if (code < 0)
			return pktio_fail(r, code, "cannot copy the filter: %s",
					  strerror(-code));
	}
	code = is_raw(l) ? attach(l, prog) : hand_over(l, prog);
	if (code < 0) {
		pktio_bpf_free(bpf);
		return code;
	}
	pktio_bpf_free(l->recheck);
	l->recheck = bpf;
	l->recheck_until = clock_ns(CLOCK_MONOTONIC) + SETTLED +
			   l->ring.info.block_timeout;
	recheck_ahead(l);
	return 0;
}

/*
 * Puts the first filter in force, and then binds a socket that was bound to
 * NO_PROTOCOL to the one that is wanted: no frame came in before.
 */
int pcap_live_start_filtered(struct pcap_live *l, const struct sock_fprog *prog,
			     uint64_t protocol)
{
	struct sockaddr_ll at;
	int r;

	if (!pcap_live_bound_to(l, &at))
		return hand_over(l, prog);
	r = is_raw(l) ? attach(l, prog) : hand_over(l, prog);
	if (r < 0)
		return r;
	at.sll_protocol = htons(protocol ? (uint16_t)protocol : ETH_P_ALL);
	if (bind(pcap_fileno(l->pcap), (struct sockaddr *)&at, sizeof(at)) < 0)
		return pktio_fail(&l->ring, -errno, "cannot bind to '%s': %s",
				  l->name, strerror(errno));
	return 0;
}
