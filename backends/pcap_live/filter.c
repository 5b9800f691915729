/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters: in the kernel, and here for frames that are already in transit. */
#include "filter.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#include "util/clock.h"
#include "util/vlan.h"

/*
 * Whether a frame passes. The filter sees the frame as in the kernel: without
 * the outermost tag in the bytes.
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

/* ---- Frames in transit -------------------------------------------------- */

/* More than a frame needs from the filter in the kernel to the ring. */
#define SETTLED (UINT64_C(100) * 1000 * 1000)

/* Removes frames that passed the previous filter, but not this one. */
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

/* The new filter applies to the frame that was read ahead as well. */
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
 * Whether the program fits the frames in the kernel: libpcap does not change
 * the headers of this link.
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
 * Attaches a program to the socket without libpcap. libpcap would also run the
 * program over the frames in its ring, and refuse every frame if the program
 * loads ancillary data other than the VLAN id.
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
				  "cannot detach the filter: %s",
				  strerror(errno));
	return 0;
}

/* Passes the program to libpcap. */
static int attach_by_libpcap(struct pcap_live *l, const struct sock_fprog *prog)
{
	struct bpf_insn all = { .code = BPF_RET | BPF_K, .k = UINT32_MAX };
	struct bpf_program program = { .bf_len = 1, .bf_insns = &all };

	if (prog) {
		/* The same struct with another name. */
		program.bf_len = prog->len;
		program.bf_insns = (struct bpf_insn *)(void *)prog->filter;
	}
	if (pcap_setfilter(l->pcap, &program) < 0)
		return pktio_fail(&l->ring, -EINVAL,
				  "cannot set a filter on '%s': %s", l->name,
				  pcap_geterr(l->pcap));
	return 0;
}

/*
 * The kernel replaces the program in one step. Frames that are pending or in
 * transit are filtered here; if only the kernel can run the program, they are
 * all refused.
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
	code = is_raw(l) ? attach(l, prog) : attach_by_libpcap(l, prog);
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
 * Attaches the first filter, then binds the socket, which was bound to
 * NO_PROTOCOL, to the requested protocol. So no frame is received unfiltered.
 */
int pcap_live_start_filtered(struct pcap_live *l, const struct sock_fprog *prog,
			     uint64_t protocol)
{
	struct sockaddr_ll at;
	int r;

	if (!pcap_live_bound_to(l, &at))
		return attach_by_libpcap(l, prog);
	r = is_raw(l) ? attach(l, prog) : attach_by_libpcap(l, prog);
	if (r < 0)
		return r;
	at.sll_protocol = htons(protocol ? (uint16_t)protocol : ETH_P_ALL);
	if (bind(pcap_fileno(l->pcap), (struct sockaddr *)&at, sizeof(at)) < 0)
		return pktio_fail(&l->ring, -errno, "cannot bind to '%s': %s",
				  l->name, strerror(errno));
	return 0;
}
