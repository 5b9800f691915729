/* SPDX-License-Identifier: BSD-3-Clause */
/* `pktio copy -f`: one filter program for each link type. */
#include "filter.h"

#include <stdio.h>
#include <string.h>

#include <pktio/filter.h>

#define MAX_PROGRAMS \
	(sizeof(((struct filter *)NULL)->programs) / sizeof(void *))

static int fail(struct filter *filter, int code, const char *message)
{
	filter->error.code = code;
	snprintf(filter->error.text, sizeof(filter->error.text), "%s", message);
	return code;
}

/* The program for frames of a link type; NULL, with filter->error set. */
static const struct pktio_bpf *program_for(struct filter *filter,
					   uint16_t linktype)
{
	struct sock_fprog prog = { 0 };
	struct pktio_bpf *bpf;
	int code;

	for (unsigned i = 0; i < filter->n; i++)
		if (filter->linktypes[i] == linktype)
			return filter->programs[i];
	if (filter->n == MAX_PROGRAMS) {
		fail(filter, -E2BIG,
		     "-f: the frames have more than 8 link types");
		return NULL;
	}
	if (pktio_filter_compile(&prog, filter->expression, linktype, 0,
				 &filter->error) < 0)
		return NULL;
	code = pktio_bpf_new(&bpf, &prog);
	pktio_filter_free(&prog);
	if (code < 0) {
		fail(filter, code, "-f: cannot prepare the filter program");
		return NULL;
	}
	filter->programs[filter->n] = bpf;
	filter->linktypes[filter->n++] = linktype;
	return bpf;
}

static int set_filter(struct filter *filter, struct pktio_ring *ring,
		      uint32_t linktype)
{
	struct sock_fprog prog = { 0 };
	int r = pktio_filter_compile(&prog, filter->expression, linktype, 0,
				     &filter->error);

	if (r < 0)
		return r;
	r = pktio_set_filter(ring, &prog);
	pktio_filter_free(&prog);
	return r < 0 ? fail(filter, r, pktio_last_error(ring)) : 0;
}

int filter_open(struct filter *filter, const char *expression,
		struct pktio_ring *ring)
{
	struct pktio_info info = { .size = sizeof(info) };
	int r;

	*filter = (struct filter){ .expression = expression };
	if (!expression)
		return 0;
	r = pktio_get_info(ring, &info);
	if (r < 0)
		return fail(filter, r, pktio_last_error(ring));
	if (info.link == PKTIO_LINK_UNKNOWN)
		/* Report a bad expression before the destination is created. */
		return program_for(filter, (uint16_t)info.linktype) ?
			       0 :
			       filter->error.code;
	r = set_filter(filter, ring, info.linktype);
	if (r == 0)
		filter->expression = NULL;
	return r;
}

void filter_close(struct filter *filter)
{
	while (filter->n > 0)
		pktio_bpf_free(filter->programs[--filter->n]);
}

int filter_burst(struct filter *filter, struct pktio_ring *ring,
		 struct pktio_frame *frames, int n)
{
	int kept = 0;

	if (!filter->expression)
		return n;
	for (int i = 0; i < n; i++) {
		const struct pktio_bpf *bpf =
			program_for(filter, frames[i].linktype);

		if (!bpf) {
			pktio_release(ring, frames, (unsigned)kept);
			pktio_release(ring, frames + i, (unsigned)(n - i));
			return filter->error.code;
		}
		if (pktio_bpf_run(bpf, &frames[i])) {
			frames[kept++] = frames[i];
			continue;
		}
		pktio_release(ring, &frames[i], 1);
		filter->rejected++;
	}
	return kept;
}
