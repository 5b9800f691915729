/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RECEIVER_H
#define PKTIO_BENCH_RECEIVER_H

#include <stdbool.h>

#include <pktio/pktio.h>

struct marker_reader;
struct tool;
struct traffic;

/* What all receivers of a scenario receive from, and with which memory. */
struct receiver_config {
	const char *backend; /* the backend under test */
	const char *target;  /* an interface, or a target of the backend */
	bool live;           /* the target is an interface */
	const char *uri;     /* backend and target, for pktio_open() */
	const struct pktio_setting *settings;
	size_t nsettings;

	/* Memory of the ring under test. The other receivers get the same. */
	uint64_t ring_size, block_size; /* bytes */
	uint64_t block_timeout;         /* ns */
	uint32_t snaplen;

	const struct traffic *traffic; /* frames to write; NULL: receive */

	unsigned index, count; /* ring `index` of `count` in a fanout group */
	uint16_t fanout; /* id of the group of the other receivers' sockets */
};

/* Frames that the loop did not receive, counted since it was opened. */
struct losses {
	uint64_t dropped;  /* because the ring was full */
	uint64_t filtered; /* rejected by a filter, if that is counted */
	bool unknown;      /* the receiver does not count dropped frames */
};

/* What an external tool used while it received. */
struct receiver_usage {
	uint64_t elapsed;   /* ns */
	uint64_t cpu, user; /* ns of CPU time; `user`: in user space */
	uint64_t wakeups, preemptions;
};

/* The counters of a loop. The loop adds in local variables and stores here. */
struct tally {
	uint64_t frames; /* atomic: stored after each burst */
	uint64_t bytes;  /* captured bytes; read after the loop has ended */
	int stop;        /* atomic: the loop must end */
	struct marker_reader *markers; /* NULL: do not read markers */
};

/*
 * A way to receive frames, or to write them. All functions except wake() are
 * called in one thread. All loops do the same work: they count each frame and
 * add its captured length.
 */
struct receiver {
	const char *name, *doc;
	bool live;               /* it can receive from an interface */
	const struct tool *tool; /* an external program; NULL: a loop */
	/* The receivers that read and write files under this name; NULL: none.
	 */
	const struct receiver *offline, *write;
	int (*open)(void **ret, const struct receiver_config *config,
		    struct pktio_error *reterr);
	/* Returns 0 after wake(), or at the end of the source. */
	int (*loop)(void *state, struct tally *tally,
		    struct pktio_error *reterr);
	/* Called from another thread after tally.stop was set. */
	void (*wake)(void *state);
	/* Reads the loss counters. *ret is zero before. NULL: never loses. */
	int (*get_losses)(void *state, struct losses *ret,
			  struct pktio_error *reterr);
	/* NULL: the usage is that of the thread that called loop(). */
	void (*get_usage)(void *state, struct receiver_usage *ret);
	void (*close)(void *state);
};

extern const struct receiver receiver_pktio;
extern const struct receiver receiver_none;
extern const struct receiver receiver_raw;
extern const struct receiver receiver_raw_prefetch;
extern const struct receiver receiver_raw_read;
extern const struct receiver receiver_raw_map;
extern const struct receiver receiver_libpcap;
extern const struct receiver receiver_libpcap_next;
extern const struct receiver receiver_libpcap_dispatch;
extern const struct receiver receiver_pktio_write;
extern const struct receiver receiver_raw_write;
extern const struct receiver receiver_libpcap_write;

/* Joins a packet socket to the fanout group. Returns 0 or -errno. */
int receiver_join_fanout(int sock, const struct receiver_config *config);

static inline bool tally_stopped(const struct tally *t)
{
	return __atomic_load_n(&t->stop, __ATOMIC_RELAXED);
}

/* Shows the number of frames to the thread that measures. */
static inline void tally_store(struct tally *t, uint64_t frames)
{
	__atomic_store_n(&t->frames, frames, __ATOMIC_RELAXED);
}

#endif
