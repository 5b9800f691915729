/* SPDX-License-Identifier: BSD-3-Clause */
/* From the command line to what can be run. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "fail.h"
#include "netns.h"

#define SENDER "bench-tx"
#define RECEIVER "bench-rx"

#define ETHERNET_HEADER 14U
#define USUAL_MTU 1500U
#define MOST_MTU 65535U
#define LONGEST 65535U /* that pktio takes to be sent */

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
static void limit_generator(struct plan *plan)
{
	const char *count = NULL;

	for (size_t i = 0; i < plan->contest.nsettings; i++)
		if (strcmp(plan->settings[i].name, "count") == 0)
			count = plan->settings[i].value;
	if (!count) {
		count = PASS;
		plan->settings[plan->contest.nsettings++] =
			(struct pktio_setting){ "count", PASS };
	}
	plan->source_frames = strtoull(count, NULL, 0);
}

/* Who reads a part of a file, or often, reads another number of frames. */
static void count_source(struct plan *plan)
{
	static const char *const changing[] = { "skip", "count", "loop",
						"start-time", "stop-time" };

	plan->source_frames = count_file(plan->contest.target);
	for (size_t i = 0; i < plan->contest.nsettings; i++) {
		const struct pktio_setting *s = &plan->settings[i];

		for (size_t j = 0; j < sizeof(changing) / sizeof(*changing);
		     j++)
			if (strcmp(s->name, changing[j]) == 0)
				plan->source_frames = 0;
		if (strcmp(s->name, "loop") == 0 &&
		    strtoul(s->value, NULL, 0) == 0)
			plan->endless = true;
	}
}

static void plan_source(struct plan *plan)
{
	const struct options *o = plan->options;

	if (strcmp(o->backend, "pcap_file") == 0) {
		plan->contest.target = o->target ? o->target : o->traffic;
		count_source(plan);
	} else {
		plan->contest.target = o->target ? o->target : "";
		if (strcmp(o->backend, "gen") == 0)
			limit_generator(plan);
	}
}

/* ---- Files to be written ------------------------------------------------ */

static int plan_writing(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;

	plan->ours = plan->ours->write;
	plan->contest.target = o->target ? o->target : "/dev/null";
	return o->traffic ? traffic_load(&plan->traffic, o->traffic, reterr) :
			    traffic_generate(&plan->traffic, o->gen, o->ngen,
					     reterr);
}

/* ---- Interfaces --------------------------------------------------------- */

/* The MTU lets the longest frame through. */
static int fit_mtu(const struct traffic *traffic, struct pktio_error *reterr)
{
	uint32_t mtu = traffic->longest - ETHERNET_HEADER;
	int r;

	if (traffic->longest > LONGEST)
		return bench_fail(
			reterr, -EMSGSIZE,
			"%s: has a frame of %u bytes; the longest that can be sent has %u",
			traffic->what, traffic->longest, LONGEST);
	if (mtu <= USUAL_MTU)
		return 0;
	mtu = mtu < MOST_MTU ? mtu : MOST_MTU;
	r = netns_set_mtu(SENDER, mtu, reterr);
	return r < 0 ? r : netns_set_mtu(RECEIVER, mtu, reterr);
}

static int plan_network(struct plan *plan, struct pktio_error *reterr)
{
	const struct options *o = plan->options;
	int r = o->traffic ? traffic_load(&plan->traffic, o->traffic, reterr) :
			     traffic_generate(&plan->traffic, o->gen, o->ngen,
					      reterr);

	if (r == 0)
		r = netns_enter(reterr);
	if (r == 0)
		r = netns_veth(SENDER, RECEIVER, reterr);
	if (r == 0)
		r = fit_mtu(plan->traffic, reterr);
	plan->sender = SENDER;
	plan->contest.target = RECEIVER;
	return r;
}

/* ---- Trying it ---------------------------------------------------------- */

/* Opens our ring once: to learn its geometry, and of errors before any run. */
static int ask_ring(const char *uri, const struct contest *contest,
		    struct pktio_info *ret, struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args) };
	struct pktio_ring *ring;
	int r;

	if (contest) {
		args.settings = contest->settings;
		args.nsettings = contest->nsettings;
	}
	*ret = (struct pktio_info){ .size = sizeof(*ret) };
	r = pktio_open(&ring, uri, &args, reterr);
	if (r < 0)
		return r;
	r = pktio_get_info(ring, ret);
	if (r < 0)
		bench_fail(reterr, r, "%s", pktio_strerror(ring));
	pktio_close(ring);
	return r;
}

/* What our ring does not have, the others take from a usual one. */
static int plan_geometry(struct plan *plan, struct pktio_error *reterr)
{
	struct contest *contest = &plan->contest;
	struct pktio_info usual = { 0 };
	struct pktio_info info;
	int r = ask_ring(contest->uri, contest, &info, reterr);

	if (r == 0 && contest->live && info.block_size == 0 &&
	    plan->options->npeers > 0) {
		char *uri = traffic_uri("af_packet", contest->target);

		r = uri ? ask_ring(uri, NULL, &usual, reterr) :
			  bench_fail(reterr, -ENOMEM, "out of memory");
		free(uri);
	}
	if (r < 0)
		return r;
	contest->ring_size = info.ring_size ? info.ring_size : usual.ring_size;
	contest->block_size = info.block_size ? info.block_size :
						usual.block_size;
	contest->block_timeout = info.block_timeout ? info.block_timeout :
						      usual.block_timeout;
	contest->snaplen = info.snaplen;
	return 0;
}

int plan_make(struct plan *ret, const struct options *options,
	      struct pktio_error *reterr)
{
	struct contest *contest = &ret->contest;
	int r;

	*ret = (struct plan){ .options = options, .ours = &contender_pktio };
	contest->backend = options->backend;
	contest->live = !options_offline(options);
	contest->settings = ret->settings;
	contest->nsettings = options->nsettings;
	memcpy(ret->settings, options->settings, sizeof(options->settings));
	r = place_choose(&ret->placement, options->interface, contest->live,
			 reterr);
	if (r < 0)
		return r;
	if (options->write)
		r = plan_writing(ret, reterr);
	else if (!contest->live)
		plan_source(ret);
	else if (options->interface)
		contest->target = options->interface;
	else
		r = plan_network(ret, reterr);
	if (r < 0)
		return r;
	ret->uri = traffic_uri(options->backend, contest->target);
	if (!ret->uri)
		return bench_fail(reterr, -ENOMEM, "out of memory");
	contest->uri = ret->uri;
	contest->traffic = options->write ? ret->traffic : NULL;
	if (options->write) /* trying it would truncate what it is */
		return 0;
	return plan_geometry(ret, reterr);
}

void plan_free(struct plan *plan)
{
	free(plan->placement.topology);
	free(plan->uri);
	plan->traffic = traffic_free(plan->traffic);
}
