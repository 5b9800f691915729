/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_RESOLVE_URI_H
#define PKTIO_CLI_RESOLVE_URI_H

#include <stdbool.h>

/* A source or destination in the form that pktio_open() accepts. */
struct resolved_uri {
	char *uri;
	char *file;  /* file name or "-"; NULL: not a file */
	char *query; /* the options in the URI; "": none */
	const struct pktio_backend *backend; /* NULL: unknown */
};

/*
 * resolve_uri - resolve a word of the command line to a URI
 *
 * Returns STATUS_OK, or the exit status after an error message.
 */
int resolve_uri(struct resolved_uri *ret, const char *word, bool destination);
void resolved_uri_free(struct resolved_uri *name);

/* resolved_uri_sets - whether the URI contains this option */
bool resolved_uri_sets(const struct resolved_uri *name, const char *option);

/* The name of a backend that `name` may be a misspelling of; NULL: none. */
const char *nearest_backend(const char *name);

#endif
