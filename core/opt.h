/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_OPT_H
#define PKTIO_CORE_OPT_H

#include <stdbool.h>

#include <pktio/backend.h>

/* The maximum number of options; the registry refuses a backend with more. */
#define OPT_MAX 64

/* Parses options into a configuration. */
struct opt_parser {
	const char *backend; /* for messages */
	const struct pktio_opt_decl *opts;
	const struct pktio_renamed_opt *renamed;
	void *conf;
	bool seen[OPT_MAX];
};

/* Fills the configuration with the defaults. */
int opt_begin(struct opt_parser *p, const struct pktio_backend *backend,
	      void *conf, struct pktio_error *reterr);

/* Sets one option. Does not copy a string: `value` must outlive conf. */
int opt_set(struct opt_parser *p, const char *name, const char *value,
	    struct pktio_error *reterr);

/* Fails if a required option was not set. */
int opt_end(const struct opt_parser *p, struct pktio_error *reterr);

/* Formats a number of this type as a user types it: 1M, 10ms, 7. */
void opt_format(char *ret, size_t size, enum pktio_opt_type type,
		uint64_t value);

#endif
