/* SPDX-License-Identifier: BSD-3-Clause */
/* What is lost, and what a frame costs, under several offered loads. */
#include "measure/mode.h"

#include <string.h>

#include "system/interrupt.h"

static bool needs_limit(const struct options *o)
{
	for (size_t i = 0; i < o->nloads; i++)
		if (o->loads[i].relative)
			return true;
	return false;
}

static void label(struct point *point, const struct options_load *load)
{
	size_t used = strlen(point->label);
	char *at = point->label + used;
	size_t size = sizeof(point->label) - used;
	const char *space = used ? " " : "";

	if (point->rate <= 0)
		snprintf(at, size, "%smax", space);
	else if (load->relative)
		snprintf(at, size, "%s%g %%", space, load->value * 100);
	else
		snprintf(at, size, "%s%gk", space, point->rate / 1e3);
}

static int add_loads(struct results *results, const struct scene *scene,
		     double limit, struct pktio_error *reterr)
{
	const struct options *o = results->plan->options;
	int r = 0;

	for (size_t i = 0; r >= 0 && i < o->nloads; i++) {
		const struct options_load *load = &o->loads[i];
		struct point point = results_point(results, scene);

		point.rate = load->relative ? load->value * limit : load->value;
		label(&point, load);
		r = results_add_point(results, &point, reterr);
		if (r >= 0)
			results->headline = (size_t)r;
	}
	return r < 0 ? r : 0;
}

int mode_loads(struct results *results, struct pktio_error *reterr)
{
	const struct plan *plan = results->plan;
	int r = 0;

	for (size_t i = 0; r == 0 && i < plan->nscenes; i++) {
		double limit = 0;
		size_t first;

		if (needs_limit(plan->options))
			r = mode_limit(results, &plan->scenes[i], &limit,
				       reterr);
		if (interrupt_came())
			break;
		first = results->npoints;
		if (r == 0)
			r = add_loads(results, &plan->scenes[i], limit, reterr);
		if (r == 0)
			r = results_try_points(results, first, reterr);
	}
	return r;
}
