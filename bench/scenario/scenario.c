/* SPDX-License-Identifier: BSD-3-Clause */
/* What is received in the scenes of a plan, and from where. */
#include "scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "netns/fail.h"

/* A pass over a generator that would go on for ever. */
#define PASS "1000000"

/* ---- Sources with an end ------------------------------------------------ */

static void count_frame(u_char *user, const struct pcap_pkthdr *header,
			const u_char *data)
{
	uint64_t *n = (void *)user;

	(void)header;
	(void)data;
	++*n;
}

/*
 * What a file holds, from somebody else than whom we measure. 0 if libpcap
 * cannot tell.
 */
static uint64_t count_file(const char *path)
{
	char words[PCAP_ERRBUF_SIZE];
	pcap_t *pcap = pcap_open_offline(path, words);
	uint64_t n = 0;

	if (!pcap)
		return 0;
	if (pcap_dispatch(pcap, -1, count_frame, (u_char *)&n) < 0)
		n = 0;
	pcap_close(pcap);
	return n;
}

/* The count that the generator was given, or is given here. */
static void limit_generator(struct scene *scene)
{
	const char *count = NULL;

	for (size_t i = 0; i < scene->contest.nsettings; i++)
		if (strcmp(scene->settings[i].name, "count") == 0)
			count = scene->settings[i].value;
	if (!count) {
		count = PASS;
		scene->settings[scene->contest.nsettings++] =
			(struct pktio_setting){ "count", PASS };
	}
	scene->source_frames = strtoull(count, NULL, 0);
	scene->endless = scene->source_frames == 0;
}

/* As the library reads it. */
static bool is_yes(const char *text)
{
	static const char *const words[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasecmp(text, words[i]) == 0)
			return false;
	return true;
}

/* Who reads a part of a file, or often, reads another number of frames. */
static void count_source(struct scene *scene)
{
	static const char *const changing[] = { "skip",      "count",
						"loop",      "start-time",
						"stop-time", "follow" };

	if (scene->source_frames == 0)
		scene->source_frames = count_file(scene->contest.target);
	for (size_t i = 0; i < scene->contest.nsettings; i++) {
		const struct pktio_setting *s = &scene->settings[i];

		for (size_t j = 0; j < sizeof(changing) / sizeof(*changing);
		     j++)
			if (strcmp(s->name, changing[j]) == 0)
				scene->source_frames = 0;
		if ((strcmp(s->name, "loop") == 0 &&
		     strtoul(s->value, NULL, 0) == 0) ||
		    (strcmp(s->name, "follow") == 0 && is_yes(s->value)))
			scene->endless = true;
	}
}

/* A file, a generator, or whatever else the backend opens. */
static void set_source(const struct options *o, struct scene *scene)
{
	struct contest *contest = &scene->contest;

	if (o->write) {
		contest->target = o->target ? o->target : "/dev/null";
		contest->traffic = scene->traffic;
		scene->traffic = NULL;
	} else if (strcmp(o->backend, "pcap_file") == 0) {
		if (!contest->target)
			contest->target = o->target ? o->target : o->traffic;
		count_source(scene);
	} else {
		contest->target = o->target ? o->target : "";
		if (strcmp(o->backend, "gen") == 0)
			limit_generator(scene);
		else
			scene->endless = true; /* for all that we know */
	}
}

/* ---- Scenes ------------------------------------------------------------- */

static void label(struct scene *scene, const char *what, const char *value)
{
	size_t used = strlen(scene->label);

	snprintf(scene->label + used, sizeof(scene->label) - used, "%s%s%s%s",
		 used ? " " : "", what ? what : "", what ? "=" : "", value);
}

/* Choice number i of each option that is varied. */
static void vary(struct scene *scene, const struct options *o, size_t i)
{
	for (size_t j = 0; j < o->nvaried; j++) {
		const struct options_varied *v = &o->varied[j];
		struct pktio_setting setting = { v->name,
						 v->values[i % v->nvalues] };

		i /= v->nvalues;
		scene->varied[scene->nvaried++] = setting;
		scene->settings[scene->contest.nsettings++] = setting;
		label(scene, setting.name, setting.value);
	}
}

static int finish(const struct plan *plan, struct scene *scene,
		  struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	struct contest *contest = &scene->contest;

	contest->backend = o->backend;
	contest->live = !options_offline(o);
	contest->settings = scene->settings;
	contest->fanout = (uint16_t)getpid();
	if (contest->live)
		contest->target = plan->peer;
	else
		set_source(o, scene);
	scene->uri = traffic_uri(o->backend, contest->target);
	if (!scene->uri)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	contest->uri = scene->uri;
	if (o->write) /* trying it would truncate what it is */
		return 0;
	return plan_geometry(plan, scene, reterr);
}

int scene_make_all(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	size_t bases = plan->nscenes ? plan->nscenes : 1;
	struct scene *base = plan->scenes;
	struct scene *all;
	size_t choices = 1;
	int r = 0;

	for (size_t i = 0; i < o->nvaried; i++)
		choices *= o->varied[i].nvalues;
	all = calloc(bases * choices, sizeof(*all));
	if (!all)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	plan->scenes = all;
	plan->nscenes = 0;
	for (size_t i = 0; r == 0 && i < bases * choices; i++) {
		struct scene *scene = &all[plan->nscenes++];

		if (base)
			*scene = base[i / choices];
		memcpy(scene->settings, o->settings, sizeof(o->settings));
		scene->contest.nsettings = o->nsettings;
		vary(scene, o, i % choices);
		r = finish(plan, scene, reterr);
	}
	free(base);
	return r;
}
