/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_REPLAY_H
#define PKTIO_PCAP_FILE_REPLAY_H

/* A selected part of a file, several times, at its own pace. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pktio/backend.h>

enum replay_shift {
	REPLAY_SHIFT_NONE,
	REPLAY_SHIFT_NOW,
};

/* The options; texts are parsed at open. */
struct replay_conf {
	const char *speed, *rate;
	const char *start_time, *stop_time;
	uint64_t loop, skip, count;
	uint64_t shift;     /* enum replay_shift */
	uint64_t busy_wait; /* ns */
};

/* Reads a file by the options of pcap_file, and replays it. */
extern const struct pktio_backend replay_backend;

/* replay_wanted - whether an option is set that needs replay_backend */
bool replay_wanted(const struct replay_conf *conf);

/* ---- What the options say (replay_parse.c) ------------------------------ */

enum replay_unit {
	REPLAY_FREE,   /* as fast as the file is read */
	REPLAY_SPEED,  /* as recorded, so many times as fast */
	REPLAY_FRAMES, /* frames a second */
	REPLAY_BITS,   /* bits a second */
};

/* In millionths, so that fractions stay exact. */
#define REPLAY_ONE UINT64_C(1000000)

struct replay_pace {
	enum replay_unit unit;
	uint64_t value; /* in 1 / REPLAY_ONE of the unit; never 0 */
};

/* A time in the file. */
struct replay_time {
	bool given;
	bool absolute; /* since 1970, else since the first frame */
	uint64_t ns;
};

/* Each returns 0, or -EINVAL and says in `why` what is wrong. */
int replay_parse_pace(struct replay_pace *ret, const struct replay_conf *conf,
		      char *reason, size_t size);
int replay_parse_time(struct replay_time *ret, const char *option,
		      const char *text, char *reason, size_t size);

#endif
