/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiles filter expressions to classic BPF with the compiler of libpcap. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include <pktio/filter.h>

#include "filter/vlan.h"
#include "util/error.h"

/* The default of tcpdump; longer than any frame. */
#define WHOLE_FRAME 262144

/* The instructions of libpcap and of the kernel have the same layout. */
_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter) &&
		       offsetof(struct bpf_insn, code) ==
			       offsetof(struct sock_filter, code) &&
		       offsetof(struct bpf_insn, jt) ==
			       offsetof(struct sock_filter, jt) &&
		       offsetof(struct bpf_insn, jf) ==
			       offsetof(struct sock_filter, jf) &&
		       offsetof(struct bpf_insn, k) ==
			       offsetof(struct sock_filter, k),
	       "programs are copied unchanged");

/*
 * Returns the DLT_ number of a LINKTYPE_ number, or -1 if there is none. Most
 * are equal. A few differ, because operating systems numbered them differently.
 */
static int dlt_of(uint32_t linktype)
{
	static const struct {
		uint32_t linktype;
		int dlt;
	} differ[] = {
		{ 12, DLT_RAW }, /* in files older than number 101 */
		{ 100, DLT_ATM_RFC1483 }, { 101, DLT_RAW },
		{ 102, DLT_SLIP_BSDOS },  { 103, DLT_PPP_BSDOS },
		{ 106, DLT_ATM_CLIP },
	};

	for (size_t i = 0; i < sizeof(differ) / sizeof(differ[0]); i++) {
		if (differ[i].linktype == linktype)
			return differ[i].dlt;
		/* This is a DLT_ number and no LINKTYPE_ number. */
		if (differ[i].dlt == (int)linktype)
			return -1;
	}
	if (linktype > INT32_MAX || !pcap_datalink_val_to_name((int)linktype))
		return -1;
	return (int)linktype;
}

/* libpcap reports both errors with the same number. */
static int code_of(const char *message)
{
	return strstr(message, "ut of memory") || strstr(message, "malloc") ?
		       -ENOMEM :
		       -EINVAL;
}

/*
 * Returns true if the program jumps back, which only the loop of `protochain`
 * does. An offset beyond the end of the program is a negative offset.
 */
static bool loops(const struct bpf_program *program)
{
	for (unsigned i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
		    program->bf_insns[i].k >= program->bf_len - i)
			return true;
	return false;
}

/* Converts the program that libpcap compiled. */
static int finish(struct sock_fprog *ret, const struct bpf_program *program,
		  const char *expression, bool ethernet,
		  struct pktio_error *reterr)
{
	const struct sock_fprog bytes = {
		.len = (unsigned short)program->bf_len,
		.filter = (void *)program->bf_insns
	};
	struct sock_fprog prog = { 0 };
	int r;

	if (loops(program))
		return error_set(
			reterr, -ENOTSUP,
			"filter '%s': needs a loop, which the kernel does not run; name each header instead of using protochain",
			expression);
	if (program->bf_len > BPF_MAXINSNS)
		r = -E2BIG;
	else
		r = ethernet ? vlan_rewrite(&prog, &bytes) :
			       vlan_keep(&prog, &bytes);
	if (r == 0)
		*ret = prog;
	else if (r == -ENOMEM)
		error_set(reterr, r, "filter '%s': out of memory", expression);
	else if (r == -E2BIG)
		r = error_set(
			reterr, -EINVAL,
			"filter '%s': needs more than %u instructions; simplify the expression",
			expression, BPF_MAXINSNS);
	else
		r = error_set(
			reterr, -EINVAL,
			"filter '%s': needs all %u words of memory; simplify the expression",
			expression, BPF_MEMWORDS);
	return r;
}

int pktio_filter_compile(struct sock_fprog *ret, const char *expression,
			 uint32_t linktype, uint32_t snaplen,
			 struct pktio_error *reterr)
{
	int dlt = dlt_of(linktype);
	struct bpf_program program = { 0 };
	pcap_t *pcap;
	int r;

	if (dlt < 0)
		return error_set(reterr, -ENOTSUP,
				 "filter '%s': there is no link type %u",
				 expression, linktype);
	if (snaplen == 0 || snaplen > WHOLE_FRAME)
		snaplen = WHOLE_FRAME;
	pcap = pcap_open_dead(dlt, (int)snaplen);
	if (!pcap)
		return error_set(reterr, -ENOMEM, "filter '%s': out of memory",
				 expression);
	if (pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) <
	    0)
		r = error_set(reterr, code_of(pcap_geterr(pcap)),
			      "filter '%s': %s", expression, pcap_geterr(pcap));
	else
		r = finish(ret, &program, expression, dlt == DLT_EN10MB,
			   reterr);
	pcap_freecode(&program);
	pcap_close(pcap);
	return r;
}

void pktio_filter_free(struct sock_fprog *prog)
{
	free(prog->filter);
	*prog = (struct sock_fprog){ 0 };
}
