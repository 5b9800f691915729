/* SPDX-License-Identifier: BSD-3-Clause */
/* The scenarios of a plan, and the sources they receive from. */
#include "scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "util/error.h"

/* The default count of a generator, which has no end without a count. */
#define PASS "1000000"

/* ---- Sources ------------------------------------------------------------ */

static void count_frame(u_char *user, const struct pcap_pkthdr *header,
			const u_char *data)
{
	uint64_t *n = (void *)user;

	(void)header;
	(void)data;
	++*n;
}

/*
 * Counts the frames of a file with libpcap, which is independent of the backend
 * under test. Returns 0 if libpcap cannot read the file.
 */
static uint64_t count_file(const char *path)
{
	char errbuf[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, errbuf);
	uint64_t n = 0;

	if (!pcap)
		return 0;
	if (pcap_dispatch(pcap, -1, count_frame, (u_char *)&n) < 0)
		n = 0;
	pcap_close(pcap);
	return n;
}

/* Sets the count of the generator, if the user has not. */
static void limit_generator(struct scenario *scenario)
{
	const char *count = NULL;

	for (size_t i = 0; i < scenario->config.nsettings; i++)
		if (strcmp(scenario->settings[i].name, "count") == 0)
			count = scenario->settings[i].value;
	if (!count) {
		count = PASS;
		scenario->settings[scenario->config.nsettings++] =
			(struct pktio_setting){ "count", PASS };
	}
	scenario->source_frames = strtoull(count, NULL, 0);
	scenario->endless = scenario->source_frames == 0;
}

/* Parses a boolean as the library does. */
static bool is_yes(const char *text)
{
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (strcasecmp(text, no[i]) == 0)
			return false;
	return true;
}

/* Counts the frames of a file. With an option that selects or repeats frames
 * the number is not known. */
static void count_source(struct scenario *scenario)
{
	static const char *const selecting[] = { "skip",      "count",
						 "loop",      "start-time",
						 "stop-time", "follow" };

	if (scenario->source_frames == 0)
		scenario->source_frames = count_file(scenario->config.target);
	for (size_t i = 0; i < scenario->config.nsettings; i++) {
		const struct pktio_setting *s = &scenario->settings[i];

		for (size_t j = 0; j < sizeof(selecting) / sizeof(*selecting);
		     j++)
			if (strcmp(s->name, selecting[j]) == 0)
				scenario->source_frames = 0;
		if ((strcmp(s->name, "loop") == 0 &&
		     strtoul(s->value, NULL, 0) == 0) ||
		    (strcmp(s->name, "follow") == 0 && is_yes(s->value)))
			scenario->endless = true;
	}
}

/* Sets the source: a file, a generator or another target of the backend. */
static void set_source(const struct options *o, struct scenario *scenario)
{
	struct receiver_config *config = &scenario->config;

	if (o->write) {
		config->target = o->target ? o->target : "/dev/null";
		config->traffic = scenario->traffic;
		scenario->traffic = NULL;
	} else if (strcmp(o->backend, "pcap_file") == 0) {
		if (!config->target)
			config->target = o->target ? o->target : o->traffic;
		count_source(scenario);
	} else {
		config->target = o->target ? o->target : "";
		if (strcmp(o->backend, "gen") == 0)
			limit_generator(scenario);
		else
			scenario->endless = true; /* as far as we know */
	}
}

/* ---- Ring geometry ------------------------------------------------------ */

/* Opens the ring under test once, to read its geometry and to find errors
 * before the first run. */
static int read_geometry(const char *uri, const struct receiver_config *config,
			 struct pktio_info *ret, struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args) };
	struct pktio_ring *ring;
	const char *notice;
	int r;

	if (config) {
		args.settings = config->settings;
		args.nsettings = config->nsettings;
	}
	*ret = (struct pktio_info){ .size = sizeof(*ret) };
	r = pktio_open(&ring, uri, &args, reterr);
	if (r < 0)
		return r;
	r = pktio_get_info(ring, ret);
	if (r < 0)
		error_set(reterr, r, "%s", pktio_last_error(ring));
	while ((notice = pktio_next_notice(ring)))
		fprintf(stderr, "bench: %s\n", notice);
	pktio_close(ring);
	return r;
}

/* Copies the geometry of the ring under test to `scenario`. If that ring has no
 * blocks, the other receivers use the defaults of af_packet. */
static int set_geometry(const struct plan *plan, struct scenario *scenario,
			struct pktio_error *reterr)
{
	struct receiver_config *config = &scenario->config;
	struct pktio_info defaults = { 0 };
	struct pktio_info info;
	int r = read_geometry(config->uri, config, &info, reterr);

	if (r == 0 && config->live && info.block_size == 0 &&
	    plan->options->nvs > 0) {
		char *uri = traffic_uri("af_packet", config->target);

		r = uri ? read_geometry(uri, NULL, &defaults, reterr) :
			  error_set(reterr, -ENOMEM, "out of memory");
		free(uri);
	}
	if (r < 0)
		return r;
	config->ring_size = info.ring_size ? info.ring_size :
					     defaults.ring_size;
	config->block_size = info.block_size ? info.block_size :
					       defaults.block_size;
	config->block_timeout = info.block_timeout ? info.block_timeout :
						     defaults.block_timeout;
	config->snaplen = info.snaplen;
	return 0;
}

/* ---- Scenarios ---------------------------------------------------------- */

static void label(struct scenario *scenario, const char *option,
		  const char *value)
{
	size_t used = strlen(scenario->label);

	snprintf(scenario->label + used, sizeof(scenario->label) - used,
		 "%s%s%s%s", used ? " " : "", option ? option : "",
		 option ? "=" : "", value);
}

/* Sets combination number i of the options that are varied. */
static void vary(struct scenario *scenario, const struct options *o, size_t i)
{
	for (size_t j = 0; j < o->nvaried; j++) {
		const struct options_varied *v = &o->varied[j];
		struct pktio_setting setting = { v->name,
						 v->values[i % v->nvalues] };

		i /= v->nvalues;
		scenario->varied[scenario->nvaried++] = setting;
		scenario->settings[scenario->config.nsettings++] = setting;
		label(scenario, setting.name, setting.value);
	}
}

static int finish(const struct plan *plan, struct scenario *scenario,
		  struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	struct receiver_config *config = &scenario->config;

	config->backend = o->backend;
	config->live = !options_offline(o);
	config->settings = scenario->settings;
	config->fanout = (uint16_t)getpid();
	if (config->live)
		config->target = plan->peer;
	else
		set_source(o, scenario);
	scenario->uri = traffic_uri(o->backend, config->target);
	if (!scenario->uri)
		return error_set(reterr, -ENOMEM, "out of memory");
	config->uri = scenario->uri;
	if (o->write) /* opening the target would truncate it */
		return 0;
	return set_geometry(plan, scenario, reterr);
}

int scenarios_make(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	size_t bases = plan->nscenarios ? plan->nscenarios : 1;
	struct scenario *base = plan->scenarios;
	struct scenario *all;
	size_t choices = 1;
	int r = 0;

	for (size_t i = 0; i < o->nvaried; i++)
		choices *= o->varied[i].nvalues;
	all = calloc(bases * choices, sizeof(*all));
	if (!all)
		return error_set(reterr, -ENOMEM, "out of memory");
	plan->scenarios = all;
	plan->nscenarios = 0;
	for (size_t i = 0; r == 0 && i < bases * choices; i++) {
		struct scenario *scenario = &all[plan->nscenarios++];

		if (base)
			*scenario = base[i / choices];
		memcpy(scenario->settings, o->settings, sizeof(o->settings));
		scenario->config.nsettings = o->nsettings;
		vary(scenario, o, i % choices);
		r = finish(plan, scenario, reterr);
	}
	free(base);
	return r;
}
