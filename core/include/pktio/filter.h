/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_FILTER_H
#define PKTIO_FILTER_H

/*
 * pktio-filter - compile filter expressions, such as "tcp port 80"
 *
 *      struct pktio_open_args args = PKTIO_OPEN_ARGS_INIT;
 *      struct sock_fprog prog;
 *
 *      if (pktio_filter_compile(&prog, "tcp port 80",
 *                               PKTIO_LINKTYPE_ETHERNET, 0, &error) < 0)
 *              return fprintf(stderr, "%s\n", error.text), 1;
 *      args.filter = &prog;
 *      r = pktio_open(&ring, "af_packet:eth0", &args, &error);
 *      pktio_filter_free(&prog);
 *
 * pcap-filter(7) describes the expressions. This is a library of its own,
 * because it needs libpcap and libpktio does not.
 *
 * An expression describes the frame on the wire, with all VLAN tags. The
 * program selects the same frames wherever it runs: in the kernel, which keeps
 * the outermost tag outside of the bytes; and in user space, with up to two
 * tags in vlan[] of a frame, or with all tags in the bytes. So `ip` matches an
 * untagged packet, `vlan and ip` matches a packet after a tag, and ether[12:2]
 * is the EtherType of the outermost tag, if there is one. `len`, `less` and
 * `greater` count all tags.
 *
 * For this, the program of an Ethernet expression loads ancillary data of Linux
 * 4.1 and later. Do not pass such a program to pcap_setfilter() or bpf_filter()
 * of libpcap: they do not support all of this data.
 */

#include <linux/filter.h>

#include <pktio/pktio.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * pktio_filter_compile - compile an expression for frames of a link type
 *
 * `linktype` is as in struct pktio_info. The program keeps up to `snaplen`
 * bytes of each frame that matches, not counting the tags in vlan[]; 0: all
 * bytes. "" matches every frame. pktio_filter_free() frees the program.
 * `reterr` may be NULL. Threads may call this function at the same time.
 *
 * Returns 0. -EINVAL: the expression is invalid or too long; -ENOTSUP: unknown
 * link type, or an expression that needs a loop (`protochain`); -ENOMEM.
 */
PKTIO_API int pktio_filter_compile(struct sock_fprog *ret,
				   const char *expression, uint32_t linktype,
				   uint32_t snaplen,
				   struct pktio_error *reterr);

/* pktio_filter_free - free a compiled program; all zeros is valid, too */
PKTIO_API void pktio_filter_free(struct sock_fprog *prog);

#ifdef __cplusplus
}
#endif

#endif
