/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BENCH_RECEIVER_H
#define PKTIO_BENCH_RECEIVER_H

#include <stdbool.h>

#include <pktio/pktio.h>

struct marker_reader;
struct traffic;

/* What all of them receive from, and how. */
struct receiver_config {
	const char *backend; /* ours */
	const char *target;  /* an interface, or what the backend takes */
	bool live;           /* the target is an interface */
	const char *uri;     /* both, to be opened */
	const struct pktio_setting *settings;
	size_t nsettings;

	/* Memory as our ring has it, for the others to have the same. */
	uint64_t ring_size, block_size; /* bytes */
	uint64_t block_timeout;         /* ns */
	uint32_t snaplen;

	const struct traffic *traffic; /* to be written; NULL: read */

	unsigned index, count; /* ring `index` of `count` that share it */
	uint16_t fanout;       /* the group in which the others do */
};

/* Frames that did not get to the loop, since it was opened. */
struct losses {
	uint64_t dropped;  /* for want of room */
	uint64_t filtered; /* refused by a filter, if that is counted */
	bool unknown;      /* nobody says what was dropped */
};

/* What a program used that receives in our place. */
struct receiver_usage {
	uint64_t elapsed;   /* ns, in which it used that: */
	uint64_t cpu, user; /* ns, of it in user space */
	uint64_t wakeups, preemptions;
};

struct tool;

/* What a loop counts. The loop adds up in variables of its own. */
struct tally {
	uint64_t frames; /* atomic: stored after each burst, read by others */
	uint64_t bytes;  /* captured; read when the loop has ended */
	int stop;        /* atomic: the loop is to end */
	struct marker_reader
		*markers; /* looks at every frame; NULL: none does */
};

/*
 * A way to receive, or to write. All but wake are called in one thread. The
 * loops do the same work: count each frame, and add up its captured length.
 */
struct receiver {
	const char *name, *doc;
	bool live;               /* receives from an interface */
	const struct tool *tool; /* that is run; NULL: a loop of ours */
	/* Who reads files, or writes them, under this name; NULL: nobody */
	const struct receiver *offline, *write;
	int (*open)(void **ret, const struct receiver_config *config,
		    struct pktio_error *reterr);
	/* Until it is woken, or there is nothing more: 0. */
	int (*loop)(void *state, struct tally *tally,
		    struct pktio_error *reterr);
	/* After tally.stop was set; from another thread. */
	void (*wake)(void *state);
	/* What was lost; zero to begin with. NULL: nothing is, ever. */
	int (*lost)(void *state, struct losses *ret,
		    struct pktio_error *reterr);
	/* What it used, if not the thread that called the loop; NULL: that. */
	void (*cost)(void *state, struct receiver_usage *ret);
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

/* Installed programs; see peer.h. */
#define RECEIVER_TOOLS 7
extern const struct receiver receiver_tools[RECEIVER_TOOLS];

/* Those to compare with; NULL at the end. */
extern const struct receiver *const receiver_list[];

/* Lets packet sockets share an interface by flow. 0, or -errno. */
int receiver_join_fanout(int sock, const struct receiver_config *config);

/* NULL: there is none */
const struct receiver *receiver_find(const char *name);

static inline bool tally_stopped(const struct tally *t)
{
	return __atomic_load_n(&t->stop, __ATOMIC_RELAXED);
}

/* Lets the measuring thread see how far the loop is. */
static inline void tally_store(struct tally *t, uint64_t frames)
{
	__atomic_store_n(&t->frames, frames, __ATOMIC_RELAXED);
}

#endif
