/* SPDX-License-Identifier: BSD-3-Clause */
/* What goes along with the frames. */
#include "metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <net/if.h>

#define MOST_OPTION 65536U
#define MOST_TIMES 1024U /* one option of one frame */
#define PLAIN 0U         /* a filter that is text */

/* Kinds of pcapng's that have no name here; the last may be copied. */
enum {
	CUSTOM_TEXT = 2988,
	CUSTOM_BYTES = 2989,
	INTERFACE_IPV4 = 4,
	INTERFACE_IPV6 = 5,
	INTERFACE_EUI = 7,
	INTERFACE_SEND_SPEED = 16,
	INTERFACE_RECEIVE_SPEED = 17,
	INTERFACE_ZONE = 18,
};

static const uint16_t of_frames[] = {
	PKTIO_META_FRAME_COMMENT,
	PKTIO_META_FRAME_FLAGS,
	PKTIO_META_FRAME_HASH,
	PKTIO_META_FRAME_DROPS,
	PKTIO_META_FRAME_QUEUE,
	PKTIO_META_FRAME_PACKETID,
	PKTIO_META_FRAME_VERDICT,
	CUSTOM_TEXT,
	CUSTOM_BYTES,
};

static const uint16_t of_interfaces[] = {
	PKTIO_META_INTERFACE_COMMENT,
	PKTIO_META_INTERFACE_NAME,
	PKTIO_META_INTERFACE_DESCRIPTION,
	INTERFACE_IPV4,
	INTERFACE_IPV6,
	PKTIO_META_INTERFACE_MAC,
	INTERFACE_EUI,
	PKTIO_META_INTERFACE_SPEED,
	PKTIO_META_INTERFACE_OS,
	PKTIO_META_INTERFACE_FCS_LENGTH,
	PKTIO_META_INTERFACE_HARDWARE,
	INTERFACE_SEND_SPEED,
	INTERFACE_RECEIVE_SPEED,
	INTERFACE_ZONE,
	CUSTOM_TEXT,
	CUSTOM_BYTES,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- The source --------------------------------------------------------- */

/* All options of that code, a line each; NULL: there are none. */
static char *read_texts(struct pktio_ring *source, uint16_t code)
{
	char *all = NULL;
	size_t used = 0;

	for (unsigned i = 0; i < MOST_TIMES; i++) {
		int size = pktio_meta_get(source, PKTIO_META_SECTION, 0, code,
					  i, NULL, 0);
		char *more;

		if (size < 0)
			break;
		more = realloc(all, used + (size_t)size + 2);
		if (!more)
			break;
		all = more;
		if (used > 0)
			all[used++] = '\n';
		pktio_meta_get(source, PKTIO_META_SECTION, 0, code, i,
			       all + used, (size_t)size);
		used += (size_t)size;
		all[used] = '\0';
	}
	return all;
}

size_t describe_source(struct describe *d)
{
	static const struct pktio_setting options[] = { { .name = "comment" },
							{ .name = "hardware" },
							{ .name = "os" } };
	static const uint16_t codes[] = { PKTIO_META_SECTION_COMMENT,
					  PKTIO_META_SECTION_HARDWARE,
					  PKTIO_META_SECTION_OS };
	size_t n = 0;

	for (size_t i = 0; i < COUNT(codes); i++) {
		d->settings[n] = options[i];
		d->settings[n].value = read_texts(d->source, codes[i]);
		n += d->settings[n].value != NULL;
	}
	return n;
}

void describe_begin(struct describe *d, const char *filter, bool resolution)
{
	d->filter = filter;
	d->resolution = resolution;
}

void describe_free(struct describe *d)
{
	for (size_t i = 0; i < COUNT(d->settings); i++)
		free((char *)(uintptr_t)d->settings[i].value);
	free(d->seen);
}

/* ---- Interfaces --------------------------------------------------------- */

static void say(struct describe *d, uint32_t ifindex, uint16_t code,
		const void *value, size_t size)
{
	int r = pktio_meta_set(d->sink, PKTIO_META_INTERFACE, ifindex, code,
			       value, size);

	if (r == -ENOTSUP)
		d->off = true;
	else if (r < 0)
		d->refused++;
}

static void pass_on(struct describe *d, uint32_t ifindex, uint16_t code)
{
	static uint8_t value[MOST_OPTION];

	for (unsigned i = 0; i < MOST_TIMES && !d->off; i++) {
		int size = pktio_meta_get(d->source, PKTIO_META_INTERFACE,
					  ifindex, code, i, value,
					  sizeof(value));

		if (size < 0)
			return;
		say(d, ifindex, code, value, (size_t)size);
	}
}

/* An interface of this machine has the name that it has here. */
static void say_name(struct describe *d, uint32_t ifindex)
{
	struct pktio_info info = { .size = sizeof(info) };
	char name[IF_NAMESIZE];

	if (pktio_get_info(d->source, &info) == 0 &&
	    info.link != PKTIO_LINK_UNKNOWN && if_indextoname(ifindex, name))
		say(d, ifindex, PKTIO_META_INTERFACE_NAME, name, strlen(name));
}

/* Both what the source says that frames have passed, and ours. */
static void say_filter(struct describe *d, uint32_t ifindex)
{
	static char value[MOST_OPTION];
	static char both[2 * MOST_OPTION] = { PLAIN };
	int size = pktio_meta_get(d->source, PKTIO_META_INTERFACE, ifindex,
				  PKTIO_META_INTERFACE_FILTER, 0, value,
				  sizeof(value) - 1);
	const char *ours = d->filter;

	/* One that is no text may be in another byte order. */
	if (size > 1 && value[0] != PLAIN)
		d->refused++;
	value[size > 1 && value[0] == PLAIN ? size : 1] = '\0';
	if (value[1] && ours)
		snprintf(both + 1, sizeof(both) - 1, "(%s) and (%s)", value + 1,
			 ours);
	else
		snprintf(both + 1, sizeof(both) - 1, "%s",
			 ours ? ours : value + 1);
	if (both[1])
		say(d, ifindex, PKTIO_META_INTERFACE_FILTER, both,
		    strlen(both + 1) + 1);
}

/* Nobody can write times finer than ours, or of powers of two, exactly. */
static void say_resolution(struct describe *d, uint32_t ifindex)
{
	uint8_t value = 0;
	int size = pktio_meta_get(d->source, PKTIO_META_INTERFACE, ifindex,
				  PKTIO_META_INTERFACE_RESOLUTION, 0, &value,
				  sizeof(value));

	if (d->resolution && size == 1 && value < 9)
		say(d, ifindex, PKTIO_META_INTERFACE_RESOLUTION, &value,
		    sizeof(value));
}

static void say_interface(struct describe *d, uint32_t ifindex)
{
	if (pktio_meta_get(d->source, PKTIO_META_INTERFACE, ifindex,
			   PKTIO_META_INTERFACE_NAME, 0, NULL, 0) == -ENOTSUP)
		say_name(d, ifindex);
	for (size_t i = 0; i < COUNT(of_interfaces) && !d->off; i++)
		pass_on(d, ifindex, of_interfaces[i]);
	say_filter(d, ifindex);
	say_resolution(d, ifindex);
}

/* Whether the interface is new; then it is not any more. */
static int is_new(struct describe *d, uint32_t ifindex)
{
	uint32_t *seen;

	if (d->nseen > 0 && d->seen[d->recent] == ifindex)
		return 0;
	for (size_t i = 0; i < d->nseen; i++)
		if (d->seen[i] == ifindex) {
			d->recent = i;
			return 0;
		}
	seen = realloc(d->seen, (d->nseen + 1) * sizeof(*seen));
	if (!seen)
		return -ENOMEM;
	d->seen = seen;
	d->recent = d->nseen++;
	seen[d->recent] = ifindex;
	return 1;
}

bool describe_interfaces(struct describe *d, const struct pktio_frame *frames,
			 unsigned n)
{
	for (unsigned i = 0; i < n && !d->off; i++) {
		int r = is_new(d, frames[i].ifindex);

		if (r < 0)
			return false;
		if (r > 0)
			say_interface(d, frames[i].ifindex);
	}
	return true;
}

/* What a ring counted was lost on its one interface, if it has one. */
static int ring_dropped(const struct describe *d, uint32_t ifindex,
			uint64_t *ret)
{
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct pktio_info info = { .size = sizeof(info) };

	if (pktio_get_info(d->source, &info) < 0 || info.ifindex == 0 ||
	    info.ifindex != ifindex || pktio_get_stats(d->source, &stats) < 0)
		return -ENOENT;
	*ret = stats.dropped;
	return 0;
}

void describe_end(struct describe *d)
{
	for (size_t i = 0; i < d->nseen && !d->off; i++) {
		uint64_t dropped = 0;
		int r = pktio_meta_get(d->source, PKTIO_META_INTERFACE,
				       d->seen[i], PKTIO_META_INTERFACE_DROPPED,
				       0, &dropped, sizeof(dropped));

		if (r < 0)
			r = ring_dropped(d, d->seen[i], &dropped);
		if (r >= 0)
			say(d, d->seen[i], PKTIO_META_INTERFACE_DROPPED,
			    &dropped, sizeof(dropped));
	}
}

/* ---- Frames ------------------------------------------------------------- */

/* All options of that code; false: there is one that cannot be passed on. */
static bool say_frame(struct describe *d, const struct pktio_frame *f,
		      uint16_t code)
{
	static uint8_t value[MOST_OPTION];

	for (unsigned i = 0; i < MOST_TIMES && !d->off; i++) {
		int size = pktio_meta_get(d->source, PKTIO_META_FRAME,
					  f->cookie, code, i, value,
					  sizeof(value));
		int r;

		if (size < 0)
			return size != -EBADMSG;
		r = pktio_meta_set(d->sink, PKTIO_META_FRAME, 0, code, value,
				   (size_t)size);
		if (r == -ENOTSUP)
			d->off = true;
		else if (r < 0)
			return false;
	}
	return true;
}

static void say_all(struct describe *d, const struct pktio_frame *f)
{
	bool whole = true;

	for (size_t i = 0; i < COUNT(of_frames) && !d->off; i++)
		whole &= say_frame(d, f, of_frames[i]);
	d->refused += !whole;
}

unsigned describe_frames(struct describe *d, const struct pktio_frame *frames,
			 unsigned n)
{
	unsigned i = 1;

	if (d->off)
		return n;
	if (frames[0].flags & PKTIO_F_META)
		say_all(d, &frames[0]);
	while (i < n && !(frames[i].flags & PKTIO_F_META))
		i++;
	return i;
}
