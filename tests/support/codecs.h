/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TEST_CODECS_H
#define PKTIO_TEST_CODECS_H

#include "support/files.h"

/* need_codecs - skip the test if pktio was built without one of its codecs.
 * For the `.init` of a test that reads or writes compressed files. */
static inline void need_codecs(void)
{
#if !PKTIO_HAVE_ZLIB || !PKTIO_HAVE_ZSTD || !PKTIO_HAVE_LZ4
	skip("pktio was built without zlib, zstd or lz4");
#endif
}

#endif
