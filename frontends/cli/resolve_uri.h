/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CLI_RESOLVE_URI_H
#define PKTIO_CLI_RESOLVE_URI_H

#include <stdbool.h>

/* Where frames come from or go to, as pktio_open() takes it. */
struct name {
	char *uri;
	char *file;  /* the file it names, "-" among them; NULL: it is none */
	char *query; /* the options in the URI, "" if there are none */
	const struct pktio_backend *backend; /* NULL: there is no such one */
};

/*
 * name_resolve - what a word of the command line stands for
 *
 * STATUS_OK, or it has complained and returns the status to exit with.
 */
int name_resolve(struct name *ret, const char *word, bool destination);
void name_free(struct name *name);

/* name_sets - whether the URI itself gives this option */
bool name_sets(const struct name *name, const char *option);

#endif
