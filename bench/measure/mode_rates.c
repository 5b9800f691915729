/* SPDX-License-Identifier: BSD-3-Clause */
/* Measures loss and CPU time at several offered rates. */
#include "measure/results.h"

#include <stdio.h>
#include <string.h>

#include "system/process.h"

static bool needs_limit(const struct options *o)
{
	for (size_t i = 0; i < o->nrates; i++)
		if (o->rates[i].relative)
			return true;
	return false;
}

static void add_label(struct point *point, const struct options_rate *rate)
{
	size_t used = strlen(point->label);
	char *at = point->label + used;
	size_t size = sizeof(point->label) - used;
	const char *space = used ? " " : "";

	if (point->rate <= 0)
		snprintf(at, size, "%smax", space);
	else if (rate->relative)
		snprintf(at, size, "%s%g %%", space, rate->value * 100);
	else
		snprintf(at, size, "%s%gk", space, point->rate / 1e3);
}

static int add_rates(struct results *results, const struct scenario *scenario,
		     double limit, struct pktio_error *reterr)
{
	const struct options *o = results->plan->options;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < o->nrates; i++) {
		const struct options_rate *rate = &o->rates[i];
		struct point point = results_point(results, scenario);

		point.rate = rate->relative ? rate->value * limit : rate->value;
		add_label(&point, rate);
		r = results_add_point(results, &point, reterr);
		if (r >= 0)
			results->headline = (size_t)r;
	}
	return r < 0 ? r : 0;
}

int mode_rates(struct results *results, struct pktio_error *reterr)
{
	const struct plan *plan = results->plan;
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->nscenarios; i++) {
		double limit = 0;
		size_t first;

		if (needs_limit(plan->options))
			r = results_sender_limit(results, &plan->scenarios[i],
						 &limit, reterr);
		if (interrupt_pending())
			break;
		first = results->npoints;
		if (r == 0)
			r = add_rates(results, &plan->scenarios[i], limit,
				      reterr);
		if (r == 0)
			r = results_run_points(results, first, reterr);
	}
	return r;
}
