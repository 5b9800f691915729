/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the runs of the mode of the command line. */
#include "measure/mode.h"

#include "system/process.h"

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

static int run_mode(struct results *results, struct pktio_error *reterr)
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

int mode_run(struct results *ret, const struct plan *plan,
	     struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	int r;

	*ret = (struct results){ .plan = plan, .nreceivers = 1 };
	ret->receivers[0] = plan->tested;
	for (size_t i = 0; i < o->nvs; i++)
		ret->receivers[ret->nreceivers++] = o->vs[i];
	r = run_mode(ret, reterr);
	ret->interrupted = interrupt_pending();
	return r;
}
