/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_URI_H
#define PKTIO_CORE_URI_H

#include <pktio/pktio.h>

#include "opt.h"

/* The parts of a URI; they point into `text`. */
struct uri_parts {
	char *text;
	const char *backend;
	char *target, *query; /* query may be NULL */
};

/* Splits backend:target?query. The caller frees ret->text. */
int uri_split(struct uri_parts *ret, const char *uri,
	      struct pktio_error *reterr);

/* Replaces %XX in place; changes nothing if one of them is invalid. */
int uri_decode(char *text, struct pktio_error *reterr);

/* Splits "name=value&name=value" in place and sets the options. */
int uri_parse_query(struct opt_parser *p, char *query,
		    struct pktio_error *reterr);

#endif
