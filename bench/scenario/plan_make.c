/* SPDX-License-Identifier: BSD-3-Clause */
/* Makes the plan of a measurement from the command line. */
#include "scenario/plan_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "external/tool.h"
#include "netns/netns.h"
#include "scenario/files.h"
#include "scenario/scenario.h"
#include "traffic/marker.h"
#include "util/error.h"

#define SENDER "bench-tx"
#define RECEIVER "bench-rx"

#define ETHERNET_HEADER 14U
#define USUAL_MTU 1500U
#define MAX_MTU 65535U
#define LONGEST 65535U /* that pktio can send */

/* ---- Traffic ------------------------------------------------------------ */

/* Generates frames of one size, or the IMIX. */
static int generate(struct plan *plan, const char *size,
		    struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	struct pktio_setting settings[OPTIONS_MAX_SETTINGS + 1];
	size_t n = o->ngen;

	memcpy(settings, o->gen, sizeof(o->gen));
	if (size)
		settings[n++] = (struct pktio_setting){
			strcmp(size, "imix") == 0 ? "sizes" : "size", size
		};
	return traffic_generate(&plan->traffics[plan->ntraffics], settings, n,
				reterr);
}

/* Makes the traffic, and a scenario for each. scenarios_make() completes them.
 */
static int plan_traffic(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	size_t n = o->nsizes ? o->nsizes : 1;
	int r = 0;

	plan->scenarios = calloc(n, sizeof(*plan->scenarios));
	if (!plan->scenarios)
		return error_set(reterr, -ENOMEM, "out of memory");
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct scenario *scenario = &plan->scenarios[plan->nscenarios];
		const char *size = o->nsizes ? o->sizes[i] : NULL;

		r = o->traffic ? traffic_load(&plan->traffics[plan->ntraffics],
					      o->traffic, reterr) :
				 generate(plan, size, reterr);
		if (r < 0)
			break;
		scenario->traffic = plan->traffics[plan->ntraffics++];
		scenario->size = size;
		if (size)
			snprintf(scenario->label, sizeof(scenario->label),
				 "%s%s", size,
				 strcmp(size, "imix") == 0 ? "" : " B");
		plan->nscenarios++;
		if (o->latency || o->workers > 1)
			r = markers_write(scenario->traffic, reterr);
	}
	return r;
}

/* ---- Interfaces --------------------------------------------------------- */

/* Sets an MTU that is large enough for the longest frame. */
static int fit_mtu(const struct plan *plan, struct pktio_error *reterr)
{
	uint32_t longest = 0;
	uint32_t mtu;
	int r;

	for (size_t i = 0; i < plan->ntraffics; i++) {
		const struct traffic *t = plan->traffics[i];

		if (t->longest > LONGEST)
			return error_set(
				reterr, -EMSGSIZE,
				"%s has a frame of %u bytes; bench can send at most %u bytes",
				t->source, t->longest, LONGEST);
		longest = t->longest > longest ? t->longest : longest;
	}
	mtu = longest - ETHERNET_HEADER;
	if (mtu <= USUAL_MTU)
		return 0;
	mtu = mtu < MAX_MTU ? mtu : MAX_MTU;
	r = netns_set_mtu(SENDER, mtu, reterr);
	return r < 0 ? r : netns_set_mtu(RECEIVER, mtu, reterr);
}

static int plan_network(struct plan *plan, struct pktio_error *reterr)
{
	int r = plan_traffic(plan, reterr);

	if (r == 0)
		r = netns_enter(reterr);
	if (r == 0)
		r = netns_veth(SENDER, RECEIVER, reterr);
	if (r == 0)
		r = fit_mtu(plan, reterr);
	plan->sender = SENDER;
	plan->peer = RECEIVER;
	return r;
}

/* ---- Send methods ------------------------------------------------------- */

/* Checks that a method can send the traffic of a scenario: sends one frame. */
static int try_method(const struct plan *plan, const struct send_method *method,
		      const struct scenario *scenario,
		      struct pktio_error *reterr)
{
	struct send_config config = { .interface = plan->sender,
				      .peer = plan->peer,
				      .traffic = scenario->traffic,
				      .timestamp = plan->options->latency };
	void *state;
	int r = method->open(&state, &config, reterr);

	if (r < 0)
		return r;
	r = method->send(state, 1, reterr);
	method->close(state);
	return r;
}

/* Above this rate sendmmsg(2) may be too slow for its schedule. */
#define SLOW_RATE 400e3

/*
 * The preferred method: the ring if there is no schedule; sendmmsg with a
 * schedule, because it sends each frame at its time; the fastest method to find
 * a limit.
 */
static const struct send_method *prefer_method(const struct options *o)
{
	if (o->method)
		return o->method;
	if (o->mode == MODE_SEARCH || o->mode == MODE_BURST ||
	    o->mode == MODE_RATES || o->mode == MODE_SCALING ||
	    o->rate > SLOW_RATE)
		return &send_xdp;
	return o->rate > 0 || o->latency ? &send_mmsg : &send_ring;
}

/* Stores the reason for the method of the first scenario. */
static void set_reason(struct plan *plan, size_t scenario, const char *reason,
		       const char *detail)
{
	if (scenario == 0)
		snprintf(plan->method_reason, sizeof(plan->method_reason),
			 "%s%s", reason, detail);
}

static int plan_methods(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;

	for (size_t i = 0; plan->sender && i < plan->nscenarios; i++) {
		struct scenario *scenario = &plan->scenarios[i];
		struct pktio_error error = { 0 };
		int r;

		scenario->method = prefer_method(o);
		r = try_method(plan, scenario->method, scenario, &error);
		set_reason(plan, i,
			   o->method ? "set by --sender" :
				       scenario->method->doc,
			   "");
		if (r == 0)
			continue;
		if (o->method || scenario->method == &send_ring) {
			*reterr = error;
			return r;
		}
		scenario->method = &send_mmsg;
		set_reason(plan, i, "not the preferred method: ", error.text);
		plan_note(
			plan,
			"%s%sframes are sent with sendmmsg(2), because of: %s",
			scenario->label, *scenario->label ? ": " : "",
			error.text);
	}
	return 0;
}

/* ---- CPUs --------------------------------------------------------------- */

static int plan_cpus(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	bool listed = strncmp(o->bind, "list:", 5) == 0;
	int r = placement_choose(&plan->placement, o->interface,
				 !options_offline(o), reterr);

	if (r < 0)
		return r;
	plan->workers = o->workers ? o->workers : 1;
	r = affinity_assign(plan->cpus, plan->workers, &plan->placement,
			    o->bind, o->oversubscribe, reterr);
	if (r < 0)
		return r;
	plan->placement.receiver = plan->cpus[0];
	if (listed)
		snprintf(plan->placement.reason, sizeof(plan->placement.reason),
			 "set by --bind %s", o->bind);
	/* For a single chosen worker, `reason` says it. */
	if ((plan->workers > 1 || listed) &&
	    !plan_has_separate_cpus(plan, plan->workers))
		plan_note(
			plan,
			"workers and sender share a CPU and take time from each other");
	return 0;
}

/* Notes the tools that do not count dropped frames. */
static void note_no_drop_count(struct plan *plan)
{
	const struct options *o = plan->options;

	for (size_t i = 0; i < o->nvs; i++)
		if (o->vs[i]->tool && o->vs[i]->tool->no_drop_count)
			plan_note(
				plan,
				"%s does not print how many frames it drops, so its frames are not accounted for",
				o->vs[i]->name);
}

int plan_make(struct plan *ret, const struct options *options,
	      struct pktio_error *reterr)
{
	int r;

	*ret = (struct plan){ .options = options, .tested = &receiver_pktio };
	if (*options->not_installed)
		plan_note(ret, "not installed: %s", options->not_installed);
	if (*options->no_drop_count)
		plan_note(
			ret,
			"not in the search, because it does not print how many frames it drops: %s",
			options->no_drop_count);
	note_no_drop_count(ret);
	if (options->write)
		ret->tested = ret->tested->write;
	r = plan_cpus(ret, reterr);
	if (r < 0)
		return r;
	if (options->write)
		r = plan_traffic(ret, reterr);
	else if (options->mode == MODE_FORMATS)
		r = files_make(ret, reterr);
	else if (options->interface)
		ret->peer = options->interface;
	else if (!options_offline(options))
		r = plan_network(ret, reterr);
	if (r == 0)
		r = scenarios_make(ret, reterr);
	if (r == 0)
		r = plan_methods(ret, reterr);
	return r;
}

void plan_free(struct plan *plan)
{
	placement_free(&plan->placement);
	files_remove(plan);
	for (size_t i = 0; i < plan->nscenarios; i++) {
		free(plan->scenarios[i].uri);
		/* Scenarios that differ only in an option share the path. */
		if (i == 0 ||
		    plan->scenarios[i].path != plan->scenarios[i - 1].path)
			free(plan->scenarios[i].path);
	}
	free(plan->scenarios);
	for (size_t i = 0; i < plan->ntraffics; i++)
		traffic_free(plan->traffics[i]);
}
