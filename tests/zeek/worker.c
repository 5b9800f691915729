/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "support/expect.h"
#include "support/numbered_frames.h"
#include "support/test_network.h"
#include "support/timing.h"

#define LONG_MS 2000U

void worker_enter(void)
{
	net_create();
	mock_zeek_load_scripts();
}

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void receive_packet(void *user, const struct mock_zeek_packet *p)
{
	struct worker *w = user;
	const struct pktio_frame f = { .data = p->data, .caplen = p->caplen };
	int64_t number = frame_number(&f);

	w->packets++;
	w->packet = *p;
	memcpy(w->bytes, p->data,
	       p->caplen < sizeof(w->bytes) ? p->caplen : sizeof(w->bytes));
	w->waited_us = (uint64_t)(now_us() - p->us);
	if (number < 0)
		return;
	w->ordered = w->ordered && number > w->last;
	w->last = number;
	if (number < MAX_NUMBERS)
		w->seen[number]++;
}

static struct worker *start(const char *interface, bool live)
{
	struct worker *w = calloc(1, sizeof(*w));

	w->last = -1;
	w->ordered = true;
	w->zeek = mock_zeek_open(interface, live, receive_packet, w);
	return w;
}

struct worker *worker_start(const char *interface)
{
	struct worker *w = start(interface, true);

	REQUIRE(mock_zeek_is_open(w->zeek), "%s: %s", interface,
		mock_zeek_error(w->zeek));
	return w;
}

struct worker *worker_read(const char *path)
{
	struct worker *w = start(path, false);

	REQUIRE(mock_zeek_is_open(w->zeek), "%s: %s", path,
		mock_zeek_error(w->zeek));
	return w;
}

void worker_expect_error(const char *interface, const char *text)
{
	struct worker *w = start(interface, true);

	EXPECT(!mock_zeek_is_open(w->zeek), "%s", interface);
	EXPECT(strstr(mock_zeek_error(w->zeek), text), "'%s' is not in: %s",
	       text, mock_zeek_error(w->zeek));
	worker_stop(w);
}

void worker_expect(struct worker *w, uint64_t packets)
{
	uint64_t end = now_ns() + LONG_MS * UINT64_C(1000000);

	while (w->packets < packets && now_ns() < end)
		mock_zeek_rounds(w->zeek, 1);
	/* No further packets may arrive. */
	mock_zeek_rounds(w->zeek, 10);
	EXPECT_EQ(w->packets, packets);
}

void worker_stop(struct worker *w)
{
	mock_zeek_close(w->zeek);
	EXPECT(!mock_zeek_is_open(w->zeek),
	       "the source is still open after Close()");
	EXPECT_STR(mock_zeek_violations(w->zeek), "");
	mock_zeek_free(w->zeek);
	free(w);
}

bool worker_logged(const struct worker *w, const char *text)
{
	return strstr(mock_zeek_log(w->zeek), text) != NULL;
}

void worker_expect_log(struct worker *w, const char *text)
{
	uint64_t end = now_ns() + LONG_MS * UINT64_C(1000000);

	while (!worker_logged(w, text) && now_ns() < end)
		mock_zeek_rounds(w->zeek, 1);
	EXPECT(worker_logged(w, text), "%s", mock_zeek_log(w->zeek));
}
