/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_URI_H
#define PKTIO_CORE_URI_H

#include <pktio/pktio.h>

#include "opt.h"

/* A URI taken apart, in memory that it owns. */
struct uri_parts {
	char *text;
	const char *backend;
	char *target, *query; /* query may be NULL */
};

/* Splits backend:target?query. `ret` gets memory to free: ret->text. */
int uri_split(struct uri_parts *ret, const char *uri,
	      struct pktio_error *reterr);

/* Replaces %XX in place, if all of them are good. */
int uri_decode(char *text, struct pktio_error *reterr);

/* Takes "name=value&name=value" apart in place. */
int uri_parse_query(struct opt_parser *p, char *query,
		    struct pktio_error *reterr);

#endif
