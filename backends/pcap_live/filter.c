/* SPDX-License-Identifier: BSD-3-Clause */
/* Filters: run by the kernel, but for what is on its way already. */
#include "pcap_live.h"

#include <string.h>

#include <arpa/inet.h>
#include <linux/filter.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#define MAC_ADDRESSES 12U
#define VLAN_TAG 4U

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

/* The new filter also holds for the frame that was looked at ahead. */
static int filter_ahead(struct pcap_live *l, const struct sock_fprog *prog)
{
	struct pktio_bpf *bpf;
	int code;

	if (!prog || !l->has_ahead)
		return 0;
	bpf = pktio_bpf_new(prog, &code);
	if (!bpf)
		return pktio_fail(&l->ring, code, "cannot filter: %s",
				  strerror(-code));
	if (!passes(bpf, &l->ahead)) {
		pcap_live_release(&l->ring, &l->ahead, 1);
		l->has_ahead = false;
		l->ring.stats.filtered++;
	}
	pktio_bpf_free(bpf);
	return 0;
}

/*
 * libpcap hands the program to the kernel, and runs it itself over what is in
 * the buffer already. For those frames a program only passes or refuses; and
 * one that loads what libpcap does not know, which is all ancillary data but
 * VLAN tags, refuses them.
 */
int pcap_live_set_filter(struct pktio_ring *r, const struct sock_fprog *prog)
{
	struct bpf_insn all = { .code = BPF_RET | BPF_K, .k = UINT32_MAX };
	struct bpf_program program = { .bf_len = 1, .bf_insns = &all };
	struct pcap_live *l = pcap_live_of(r);

	if (prog) {
		/* The same struct by another name. */
		program.bf_len = prog->len;
		program.bf_insns = (struct bpf_insn *)(void *)prog->filter;
	}
	if (pcap_setfilter(l->pcap, &program) < 0)
		return pktio_fail(r, -EINVAL, "cannot filter on '%s': %s",
				  l->name, pcap_geterr(l->pcap));
	return filter_ahead(l, prog);
}

/*
 * Puts the first filter in force, and then binds a socket that was bound to
 * NO_PROTOCOL to the one that is wanted: no frame came in before. Where the
 * program means what the kernel sees, the kernel gets it from here, because
 * libpcap, once it has a filter, runs it again over its first block, and there
 * refuses all frames if it loads what libpcap does not know.
 */
int pcap_live_start_filtered(struct pcap_live *l, const struct sock_fprog *prog,
			     uint64_t protocol)
{
	int fd = pcap_fileno(l->pcap);
	socklen_t size = sizeof(int);
	struct sockaddr_ll at;
	int type = 0;
	int r = 0;

	if (!pcap_live_bound_to(l, &at))
		return pcap_live_set_filter(&l->ring, prog);
	getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
	if (type != SOCK_RAW)
		r = pcap_live_set_filter(&l->ring, prog);
	else if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, prog,
			    sizeof(*prog)) < 0)
		r = pktio_fail(&l->ring, -errno,
			       "the kernel refuses the filter: %s",
			       strerror(errno));
	if (r < 0)
		return r;
	at.sll_protocol = htons(protocol ? (uint16_t)protocol : ETH_P_ALL);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return pktio_fail(&l->ring, -errno, "cannot bind to '%s': %s",
				  l->name, strerror(errno));
	return 0;
}
