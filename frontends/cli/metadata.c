/* SPDX-License-Identifier: BSD-3-Clause */
/* Copies pcapng metadata of the file, its interfaces and its frames. */
#include "metadata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <net/if.h>

#define MAX_VALUE_SIZE 65536U
#define MAX_OCCURRENCES 1024U /* of one code */
#define FILTER_TEXT 0U        /* first byte of a filter: the rest is text */

/*
 * pcapng codes without a name in pktio.h. CUSTOM_TEXT and CUSTOM_BYTES are
 * those custom options that a program may copy.
 */
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

static const uint16_t frame_codes[] = {
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

static const uint16_t interface_codes[] = {
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

/* Joins all values of a code, one on each line; NULL: there are none. */
static char *join_values(struct pktio_ring *source, uint16_t code)
{
	char *all = NULL;
	size_t used = 0;

	for (unsigned i = 0; i < MAX_OCCURRENCES; i++) {
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

size_t metadata_read_source(struct metadata *d)
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
		d->settings[n].value = join_values(d->source, codes[i]);
		n += d->settings[n].value != NULL;
	}
	return n;
}

void metadata_begin(struct metadata *d, const char *filter, bool resolution)
{
	d->filter = filter;
	d->resolution = resolution;
}

void metadata_free(struct metadata *d)
{
	for (size_t i = 0; i < COUNT(d->settings); i++)
		free((char *)(uintptr_t)d->settings[i].value);
	free(d->seen);
}

/* ---- Interfaces --------------------------------------------------------- */

static void write_value(struct metadata *d, uint32_t ifindex, uint16_t code,
			const void *value, size_t size)
{
	int r = pktio_meta_set(d->sink, PKTIO_META_INTERFACE, ifindex, code,
			       value, size);

	if (r == -ENOTSUP)
		d->unsupported = true;
	else if (r < 0)
		d->rejected++;
}

static void copy_values(struct metadata *d, uint32_t ifindex, uint16_t code)
{
	static uint8_t value[MAX_VALUE_SIZE];

	for (unsigned i = 0; i < MAX_OCCURRENCES && !d->unsupported; i++) {
		int size = pktio_meta_get(d->source, PKTIO_META_INTERFACE,
					  ifindex, code, i, value,
					  sizeof(value));

		if (size < 0)
			return;
		write_value(d, ifindex, code, value, (size_t)size);
	}
}

/* A live source has no metadata: use the name of the network interface. */
static void write_name(struct metadata *d, uint32_t ifindex)
{
	struct pktio_info info = { .size = sizeof(info) };
	char name[IF_NAMESIZE];

	if (pktio_get_info(d->source, &info) == 0 &&
	    info.link != PKTIO_LINK_UNKNOWN && if_indextoname(ifindex, name))
		write_value(d, ifindex, PKTIO_META_INTERFACE_NAME, name,
			    strlen(name));
}

/* Joins the filter that the source records and the filter of `copy -f`. */
static void write_filter(struct metadata *d, uint32_t ifindex)
{
	static char value[MAX_VALUE_SIZE];
	static char both[2 * MAX_VALUE_SIZE] = { FILTER_TEXT };
	int size = pktio_meta_get(d->source, PKTIO_META_INTERFACE, ifindex,
				  PKTIO_META_INTERFACE_FILTER, 0, value,
				  sizeof(value) - 1);
	const char *ours = d->filter;

	/* One that is no text may be in another byte order. */
	if (size > 1 && value[0] != FILTER_TEXT)
		d->rejected++;
	value[size > 1 && value[0] == FILTER_TEXT ? size : 1] = '\0';
	if (value[1] && ours)
		snprintf(both + 1, sizeof(both) - 1, "(%s) and (%s)", value + 1,
			 ours);
	else
		snprintf(both + 1, sizeof(both) - 1, "%s",
			 ours ? ours : value + 1);
	if (both[1])
		write_value(d, ifindex, PKTIO_META_INTERFACE_FILTER, both,
			    strlen(both + 1) + 1);
}

/*
 * The sink cannot represent times finer than nanoseconds, or fractions that are
 * powers of two.
 */
static void write_resolution(struct metadata *d, uint32_t ifindex)
{
	uint8_t value = 0;
	int size = pktio_meta_get(d->source, PKTIO_META_INTERFACE, ifindex,
				  PKTIO_META_INTERFACE_RESOLUTION, 0, &value,
				  sizeof(value));

	if (d->resolution && size == 1 && value < 9)
		write_value(d, ifindex, PKTIO_META_INTERFACE_RESOLUTION, &value,
			    sizeof(value));
}

static void copy_interface(struct metadata *d, uint32_t ifindex)
{
	if (pktio_meta_get(d->source, PKTIO_META_INTERFACE, ifindex,
			   PKTIO_META_INTERFACE_NAME, 0, NULL, 0) == -ENOTSUP)
		write_name(d, ifindex);
	for (size_t i = 0; i < COUNT(interface_codes) && !d->unsupported; i++)
		copy_values(d, ifindex, interface_codes[i]);
	write_filter(d, ifindex);
	write_resolution(d, ifindex);
}

/* Returns 1 and remembers the interface if it is new; otherwise 0. */
static int is_new(struct metadata *d, uint32_t ifindex)
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

bool metadata_copy_interfaces(struct metadata *d,
			      const struct pktio_frame *frames, unsigned n)
{
	for (unsigned i = 0; i < n && !d->unsupported; i++) {
		int r = is_new(d, frames[i].ifindex);

		if (r < 0)
			return false;
		if (r > 0)
			copy_interface(d, frames[i].ifindex);
	}
	return true;
}

/* The drops of a live ring, which has one interface. */
static int ring_dropped(const struct metadata *d, uint32_t ifindex,
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

void metadata_end(struct metadata *d)
{
	for (size_t i = 0; i < d->nseen && !d->unsupported; i++) {
		uint64_t dropped = 0;
		int r = pktio_meta_get(d->source, PKTIO_META_INTERFACE,
				       d->seen[i], PKTIO_META_INTERFACE_DROPPED,
				       0, &dropped, sizeof(dropped));

		if (r < 0)
			r = ring_dropped(d, d->seen[i], &dropped);
		if (r >= 0)
			write_value(d, d->seen[i], PKTIO_META_INTERFACE_DROPPED,
				    &dropped, sizeof(dropped));
	}
}

/* ---- Frames ------------------------------------------------------------- */

/* Copies all values of a code; false if the sink rejects one. */
static bool copy_frame_value(struct metadata *d, const struct pktio_frame *f,
			     uint16_t code)
{
	static uint8_t value[MAX_VALUE_SIZE];

	for (unsigned i = 0; i < MAX_OCCURRENCES && !d->unsupported; i++) {
		int size = pktio_meta_get(d->source, PKTIO_META_FRAME,
					  f->cookie, code, i, value,
					  sizeof(value));
		int r;

		if (size < 0)
			return size != -EBADMSG;
		r = pktio_meta_set(d->sink, PKTIO_META_FRAME, 0, code, value,
				   (size_t)size);
		if (r == -ENOTSUP)
			d->unsupported = true;
		else if (r < 0)
			return false;
	}
	return true;
}

static void copy_frame_values(struct metadata *d, const struct pktio_frame *f)
{
	bool complete = true;

	for (size_t i = 0; i < COUNT(frame_codes) && !d->unsupported; i++)
		complete &= copy_frame_value(d, f, frame_codes[i]);
	d->rejected += !complete;
}

unsigned metadata_copy_frame(struct metadata *d,
			     const struct pktio_frame *frames, unsigned n)
{
	unsigned i = 1;

	if (d->unsupported)
		return n;
	if (frames[0].flags & PKTIO_F_META)
		copy_frame_values(d, &frames[0]);
	while (i < n && !(frames[i].flags & PKTIO_F_META))
		i++;
	return i;
}
