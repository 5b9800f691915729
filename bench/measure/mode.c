/* SPDX-License-Identifier: BSD-3-Clause */
/* Selects the mode, and what the modes have in common. */
#include "measure/results.h"

#include <math.h>

#include "system/process.h"

#define LIMIT_SECONDS 1.0

int mode_limit(struct results *results, const struct scenario *scenario,
	       double *ret, struct pktio_error *reterr)
{
	struct point point = results_point(results, scenario);
	const struct run *run;
	int r;

	point.purpose = PURPOSE_LIMIT;
	point.rate = 0;
	point.seconds = fmin(point.seconds, LIMIT_SECONDS);
	*ret = 0;
	r = results_add_point(results, &point, reterr);
	if (r >= 0)
		r = results_run(results, (size_t)r, results->receivers[0], 1,
				&run, reterr);
	if (r == 0 && !interrupt_pending())
		*ret = floor(run->values[SENT_PPS]);
	return r;
}

const char *mode_scenario_text(const struct scenario *scenario, char *buffer,
			       size_t size)
{
	snprintf(buffer, size, "%s%s", *scenario->label ? " with " : "",
		 scenario->label);
	return buffer;
}

/* Runs each scenario once, with the settings of the command line. */
static int each_scenario(struct results *results, struct pktio_error *reterr)
{
	int r = 0;

	for (size_t i = 0; r >= 0 && i < results->plan->nscenarios; i++) {
		struct point point =
			results_point(results, &results->plan->scenarios[i]);

		r = results_add_point(results, &point, reterr);
	}
	return r < 0 ? r : results_run_points(results, 0, reterr);
}

int mode_run(struct results *results, struct pktio_error *reterr)
{
	switch (results->plan->options->mode) {
	case MODE_SCALING:
		return mode_scaling(results, reterr);
	case MODE_RATES:
		return mode_rates(results, reterr);
	case MODE_SEARCH:
		return mode_search(results, reterr);
	case MODE_BURST:
		return mode_burst(results, reterr);
	default:
		return each_scenario(results, reterr);
	}
}
