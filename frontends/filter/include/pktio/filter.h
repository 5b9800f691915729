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
 * As when reading a file, `vlan` and what follows it look at the bytes: tags
 * that were taken out into vlan[] of a frame are not seen there.
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
 * up to `snaplen` bytes of what it lets through; 0: all. "" lets everything
 * through. 0, or: -EINVAL a bad expression, -ENOTSUP no such link type,
 * -ENOMEM. Threads may call it at the same time.
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
