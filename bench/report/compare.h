/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_COMPARE_H
#define PKTIO_BENCH_COMPARE_H

#include <stdio.h>

#include <jansson.h>

#include <pktio/pktio.h>

/*
 * Prints what is better, what is worse, and what is not shown to be either, in
 * `new` as against `old`, and in what their machines and options differ.
 * Changes up to `tolerance`, a share, do not count. Returns 1 if something is
 * worse, 0 if nothing is; -EINVAL: they have nothing in common.
 */
int compare_reports(FILE *out, const json_t *old, const json_t *new,
		    double tolerance, struct pktio_error *reterr);

#endif
