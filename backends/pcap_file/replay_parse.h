/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_REPLAY_PARSE_H
#define PKTIO_PCAP_FILE_REPLAY_PARSE_H

/* The options of a replay. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum replay_shift {
	REPLAY_SHIFT_NONE,
	REPLAY_SHIFT_NOW,
};

/* The options. Open parses the texts. */
struct replay_conf {
	const char *speed, *rate;
	const char *start_time, *stop_time;
	uint64_t loop, skip, count;
	uint64_t shift;     /* enum replay_shift */
	uint64_t busy_wait; /* ns */
};

enum replay_unit {
	REPLAY_FREE,   /* as fast as possible */
	REPLAY_SPEED,  /* a multiple of the recorded speed */
	REPLAY_FRAMES, /* frames per second */
	REPLAY_BITS,   /* bits per second */
};

/* Values are in millionths, so that fractions are exact. */
#define REPLAY_ONE UINT64_C(1000000)

struct replay_pace {
	enum replay_unit unit;
	uint64_t value; /* in 1 / REPLAY_ONE of the unit; never 0 */
};

/* A time: absolute, or relative to the first frame. */
struct replay_time {
	bool given;
	bool absolute; /* since 1970; otherwise since the first frame */
	uint64_t ns;
};

/* Each returns 0, or -EINVAL and a message in `reason`. */
int replay_parse_pace(struct replay_pace *ret, const struct replay_conf *conf,
		      char *reason, size_t size);
int replay_parse_time(struct replay_time *ret, const char *option,
		      const char *text, char *reason, size_t size);

#endif
