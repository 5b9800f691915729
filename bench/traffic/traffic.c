/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The frames to send. They are generated or read from a file before the first
 * run, so that a slow disk does not slow down the sender.
 */
#include "traffic/traffic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/vlan.h"

#define BURST 64U
#define ETHERNET_HEADER 14U
#define LINKTYPE_ETHERNET 1U

/* Memory for the frames of a file. Further frames are not sent. */
#define MAX_BYTES ((size_t)512 << 20)

/* Generated frames: enough for each flow in both directions and each size of
 * the mix, and few enough to stay in the cache. */
#define MIN_FRAMES 1536U
#define FRAMES_PER_FLOW 24U
#define MAX_FRAMES (1U << 20)

char *traffic_uri(const char *backend, const char *target)
{
	static const char digits[] = "0123456789ABCDEF";
	char *uri = malloc(strlen(backend) + 2 + 3 * strlen(target));
	char *out = uri;

	if (!uri)
		return NULL;
	out += sprintf(out, "%s:", backend);
	for (; *target; target++) {
		if (*target == '%' || *target == '?') {
			*out++ = '%';
			*out++ = digits[(unsigned char)*target >> 4];
			*out++ = digits[*target & 15];
		} else {
			*out++ = *target;
		}
	}
	*out = '\0';
	return uri;
}

/* ---- Storing ------------------------------------------------------------ */

/* Makes room for one more frame of `len` bytes. */
static int make_room(struct traffic *t, uint32_t len)
{
	if (t->n == t->frames_room) {
		size_t room = t->frames_room ? 2 * t->frames_room : MIN_FRAMES;
		void *frames = realloc(t->frames, room * sizeof(*t->frames));

		if (!frames)
			return -ENOMEM;
		t->frames = frames;
		t->frames_room = room;
	}
	if (t->room - t->used < len) {
		size_t room = 2 * t->room + len;
		void *bytes = realloc(t->bytes, room);

		if (!bytes)
			return -ENOMEM;
		t->bytes = bytes;
		t->room = room;
	}
	return 0;
}

/* Stores a frame as it was on the wire, with its VLAN tags. */
static int store(struct traffic *t, const struct pktio_frame *f)
{
	uint32_t len = f->caplen + f->nvlan * VLAN_TAG;

	if (f->caplen < ETHERNET_HEADER) {
		t->runts++;
		return 0;
	}
	if (make_room(t, len) < 0)
		return -ENOMEM;
	vlan_write_frame(t->bytes + t->used, f);
	t->frames[t->n++] = (struct traffic_frame){ t->used, len };
	t->used += len;
	t->truncated += f->caplen < f->wirelen;
	t->even = t->n == 1 || (t->even && len == t->longest);
	if (len > t->longest)
		t->longest = len;
	return 0;
}

/* ---- Reading ------------------------------------------------------------ */

static int store_burst(struct traffic *t, const struct pktio_frame *frames,
		       int n, size_t max, struct pktio_error *reterr)
{
	for (int i = 0; i < n; i++) {
		if (t->n == max || t->used >= MAX_BYTES) {
			t->cut = true;
			return 0;
		}
		if (frames[i].linktype != LINKTYPE_ETHERNET)
			return error_set(
				reterr, -EINVAL,
				"%s has frames of link type %u; bench can send only Ethernet (%u)",
				t->source, frames[i].linktype,
				LINKTYPE_ETHERNET);
		if (store(t, &frames[i]) < 0)
			return error_set(reterr, -ENOMEM,
					 "%s: not enough memory for its frames",
					 t->source);
	}
	return 0;
}

/* Stores up to `max` frames of a ring. */
static int store_all(struct traffic *t, struct pktio_ring *ring, size_t max,
		     struct pktio_error *reterr)
{
	struct pktio_frame frames[BURST];
	int r = 0;

	while (!t->cut && t->n < max) {
		int n = pktio_recv(ring, frames, BURST);

		if (n == PKTIO_EOF)
			break;
		if (n == 0)
			n = pktio_wait(ring, -1);
		else if (n > 0)
			r = store_burst(t, frames, n, max, reterr);
		if (n < 0)
			return error_set(reterr, n, "%s",
					 pktio_last_error(ring));
		if (r < 0)
			return r;
		pktio_release(ring, frames, (unsigned)n);
	}
	if (t->n == 0)
		return error_set(reterr, -EINVAL,
				 "%s has no frame that can be sent", t->source);
	return 0;
}

static int fill(struct traffic **ret, const char *uri,
		const struct pktio_open_args *args, size_t max,
		struct pktio_error *reterr)
{
	struct pktio_ring *ring = NULL;
	struct traffic *t = *ret;
	int r = pktio_open(&ring, uri, args, reterr);

	if (r == 0)
		r = store_all(t, ring, max, reterr);
	pktio_close(ring);
	if (r < 0)
		*ret = traffic_free(t);
	return r;
}

int traffic_load(struct traffic **ret, const char *path,
		 struct pktio_error *reterr)
{
	struct traffic *t = calloc(1, sizeof(*t));
	char *uri = traffic_uri("pcap_file", path);
	int r = -ENOMEM;

	if (t && uri) {
		snprintf(t->source, sizeof(t->source), "'%s'", path);
		r = fill(&t, uri, NULL, SIZE_MAX, reterr);
	} else {
		error_set(reterr, r, "out of memory");
		t = traffic_free(t);
	}
	free(uri);
	if (r == 0)
		*ret = t;
	return r;
}

/* The number of frames to generate, so that every flow occurs. */
static size_t count_needed(const struct pktio_setting *settings,
			   size_t nsettings)
{
	unsigned long flows = 0;
	size_t n;

	for (size_t i = 0; i < nsettings; i++)
		if (strcmp(settings[i].name, "flows") == 0)
			flows = strtoul(settings[i].value, NULL, 0);
	if (flows > MAX_FRAMES / FRAMES_PER_FLOW)
		return MAX_FRAMES;
	n = flows * FRAMES_PER_FLOW;
	return n > MIN_FRAMES ? n : MIN_FRAMES;
}

int traffic_generate(struct traffic **ret, const struct pktio_setting *settings,
		     size_t nsettings, struct pktio_error *reterr)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.settings = settings,
					.nsettings = nsettings };
	struct traffic *t = calloc(1, sizeof(*t));
	size_t used = 0;
	int r;

	if (!t)
		return error_set(reterr, -ENOMEM, "out of memory");
	used = (size_t)snprintf(t->source, sizeof(t->source),
				"generated frames");
	for (size_t i = 0; i < nsettings && used < sizeof(t->source); i++)
		used += (size_t)snprintf(t->source + used,
					 sizeof(t->source) - used, "%s%s=%s",
					 i ? " " : ", ", settings[i].name,
					 settings[i].value);
	r = fill(&t, "gen:", &args, count_needed(settings, nsettings), reterr);
	if (r == 0)
		*ret = t;
	return r;
}

struct traffic *traffic_free(struct traffic *t)
{
	if (t) {
		free(t->bytes);
		free(t->frames);
		free(t);
	}
	return NULL;
}
