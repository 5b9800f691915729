/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_REGISTRY_H
#define PKTIO_CORE_REGISTRY_H

#include <pktio/backend.h>

/* Ends with NULL. backends/CMakeLists.txt or a test defines it. */
extern const struct pktio_backend *const backends_builtin[];

/* The backend of that name, loaded if need be; NULL with words if none. */
const struct pktio_backend *registry_find(const char *name,
					  struct pktio_error *reterr);

#endif
