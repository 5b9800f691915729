/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_REGISTRY_H
#define PKTIO_CORE_REGISTRY_H

#include <pktio/backend.h>

/* NULL ends the list. backends/CMakeLists.txt or a test defines it. */
extern const struct pktio_backend *const backends_builtin[];

/* Finds a backend, and loads it if necessary; NULL with *reterr if none. */
const struct pktio_backend *registry_find(const char *name,
					  struct pktio_error *reterr);

#endif
