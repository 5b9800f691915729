/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_PLOT_H
#define PKTIO_BENCH_PLOT_H

#include <jansson.h>

#include <pktio/pktio.h>

/*
 * The charts of all the reports in a file, as report_load() gives it, as a PNG
 * that gnuplot(1) draws.
 */
int plot_write(const char *path, const json_t *file,
	       struct pktio_error *reterr);

/* Whether there is a gnuplot that can. */
int plot_try(struct pktio_error *reterr);

#endif
