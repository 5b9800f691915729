/* SPDX-License-Identifier: BSD-3-Clause */
/* The built-in backends, in the order they are listed. */
#include <pktio/backend.h>

extern const struct pktio_backend *const backends_builtin[];

extern const struct pktio_backend af_packet_backend;
extern const struct pktio_backend gen_backend;
extern const struct pktio_backend pcap_file_backend;
#ifdef PKTIO_PCAP_LIVE_BUILTIN
extern const struct pktio_backend pcap_live_backend;
#endif

/* One to a line. */
/* clang-format off */
const struct pktio_backend *const backends_builtin[] = {
	&af_packet_backend,
	&pcap_file_backend,
#ifdef PKTIO_PCAP_LIVE_BUILTIN
	&pcap_live_backend,
#endif
	&gen_backend,
	NULL,
};
/* clang-format on */
