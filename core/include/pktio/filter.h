/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_FILTER_H
#define PKTIO_FILTER_H

/*
 * pktio-filter - "tcp port 80" to a program that a ring can run
 *
 *      struct pktio_open_args args = { .size = sizeof(args) };
 *      struct sock_fprog prog;
 *
 *      if (pktio_filter_compile(&prog, "tcp port 80", 1, 0, &error) < 0)
 *              return fprintf(stderr, "%s\n", error.text), 1;
 *      args.filter = &prog;
 *      r = pktio_open(&ring, "af_packet:eth0", &args, &error);
 *      pktio_filter_free(&prog);
 *
 * Expressions are those of pcap-filter(7). A library of its own, because it
 * needs libpcap, and a ring does not.
 *
 * An expression means the frame as it was on the wire, VLAN tags and all, and
 * chooses the same frames wherever the program runs: in the kernel, which has
 * the outermost tag beside the bytes, and in user space, with up to two tags in
 * vlan[] of a frame, or with all of them in the bytes. So `ip` is an untagged
 * packet, `vlan and ip` one behind a tag, and ether[12:2] the EtherType of the
 * tag, if there is one; `len`, `less` and `greater` count all tags.
 *
 * For that the program of an Ethernet expression asks for ancillary data of
 * Linux (4.1 and later). pcap_setfilter() and bpf_filter() of libpcap do not
 * know all of it: they are the wrong place for such a program.
 */

#include <linux/filter.h>

#include <pktio/pktio.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * pktio_filter_compile - compile an expression for frames of a link type
 *
 * `linktype` is a LINKTYPE_ value, as in struct pktio_info. The program keeps
 * up to `snaplen` bytes of what it lets through; 0: all. Tags beside the bytes
 * do not count among those. "" lets everything through. 0, or: -EINVAL a bad
 * expression, or one too long, -ENOTSUP no such link type, or an expression
 * that takes a loop (`protochain`), -ENOMEM. Threads may call it at the same
 * time.
 */
PKTIO_API int pktio_filter_compile(struct sock_fprog *ret,
				   const char *expression, uint32_t linktype,
				   uint32_t snaplen,
				   struct pktio_error *reterr);

/* pktio_filter_free - free what compile made; also when it is all zeros */
PKTIO_API void pktio_filter_free(struct sock_fprog *prog);

#ifdef __cplusplus
}
#endif

#endif
