/* SPDX-License-Identifier: BSD-3-Clause */
/* Filter expressions to classic BPF; all that knows libpcap's compiler. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include <pktio/filter.h>

#include "filter/vlan.h"
#include "util/error.h"

/* What tcpdump asks for when nobody says: longer than any frame. */
#define WHOLE_FRAME 262144

/* libpcap has its own name for an instruction; the kernel's is the same. */
_Static_assert(sizeof(struct bpf_insn) == sizeof(struct sock_filter) &&
		       offsetof(struct bpf_insn, code) ==
			       offsetof(struct sock_filter, code) &&
		       offsetof(struct bpf_insn, jt) ==
			       offsetof(struct sock_filter, jt) &&
		       offsetof(struct bpf_insn, jf) ==
			       offsetof(struct sock_filter, jf) &&
		       offsetof(struct bpf_insn, k) ==
			       offsetof(struct sock_filter, k),
	       "programs are copied as they are");

/*
 * The DLT_ value of a LINKTYPE_ value, -1 if there is none. They are the same
 * number, but for a few that systems had numbered differently before.
 */
static int dlt_of(uint32_t linktype)
{
	static const struct {
		uint32_t linktype;
		int dlt;
	} differ[] = {
		{ 12, DLT_RAW }, /* of files from before there was 101 */
		{ 100, DLT_ATM_RFC1483 }, { 101, DLT_RAW },
		{ 102, DLT_SLIP_BSDOS },  { 103, DLT_PPP_BSDOS },
		{ 106, DLT_ATM_CLIP },
	};

	for (size_t i = 0; i < sizeof(differ) / sizeof(differ[0]); i++) {
		if (differ[i].linktype == linktype)
			return differ[i].dlt;
		/* Its DLT_ number is no LINKTYPE_ number. */
		if (differ[i].dlt == (int)linktype)
			return -1;
	}
	if (linktype > INT32_MAX || !pcap_datalink_val_to_name((int)linktype))
		return -1;
	return (int)linktype;
}

/* libpcap does not tell these two apart by number. */
static int code_of(const char *message)
{
	return strstr(message, "ut of memory") || strstr(message, "malloc") ?
		       -ENOMEM :
		       -EINVAL;
}

/*
 * Whether it jumps back, as only the loop of `protochain` does. An offset that
 * is too large to lead forward is a negative one.
 */
static bool loops(const struct bpf_program *program)
{
	for (unsigned i = 0; i < program->bf_len; i++)
		if (program->bf_insns[i].code == (BPF_JMP | BPF_JA) &&
		    program->bf_insns[i].k >= program->bf_len - i)
			return true;
	return false;
}

/* Makes `ret` of what libpcap compiled. */
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
			"filter '%s': follows a chain of headers in a loop, which no kernel runs; name a header that is directly there",
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
			"filter '%s': takes more than %u instructions; make it simpler",
			expression, BPF_MAXINSNS);
	else
		r = error_set(
			reterr, -EINVAL,
			"filter '%s': takes all %u words of memory; make it simpler",
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
