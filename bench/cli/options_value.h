/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_OPTIONS_VALUE_H
#define PKTIO_BENCH_OPTIONS_VALUE_H

#include "cli/options.h"

/* Parse values. `option` is the name of the option, for errors. Lists are split
 * in place. */
int options_seconds(double *ret, const char *text);
int options_count(unsigned *ret, const char *option, const char *text,
		  unsigned max);
int options_frame_rate(double *ret, const char *option, const char *text);
int options_percent(double *ret, const char *option, const char *text);
int options_sizes(struct options *o, char *text);
int options_rates(struct options *o, char *text);
int options_formats(struct options *o, char *text);
int options_vary(struct options *o, char *text);
int options_vs(struct options *o, const char *name);
/* Appends a name to a list for a message. */
void options_list(char *ret, size_t size, const char *name);
int options_method(struct options *o, const char *name);
int options_bind(struct options *o, const char *policy);
int options_setting(struct pktio_setting *settings, size_t *n,
		    const char *option, char *text);

#endif
