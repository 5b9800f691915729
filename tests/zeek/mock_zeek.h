/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_STANDIN_H
#define PKTIO_TESTS_STANDIN_H

/*
 * A stand-in for Zeek: enough of it to run the packet sources as they are, with
 * a loop that keeps to the same contract, and watches that they keep theirs.
 * What it knows of Zeek is in docs/zeek.md. It is compiled for several versions
 * of Zeek; STANDIN_VERSION says for which.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct standin;

/* A packet as Zeek analyses it; the bytes are there during the call. */
struct standin_packet {
	const uint8_t *data;
	int64_t us; /* since 1970 */
	uint32_t caplen, len, link_type;
	int vlan, inner_vlan; /* -1: none */
	int pcp, dei;         /* -1: none, or this Zeek has none */
	int inner_pcp, inner_dei;
	bool l3_checksummed, l4_checksummed;
};
typedef void standin_take(void *user, const struct standin_packet *p);

/* ---- Scripts ------------------------------------------------------------ */

/* The scripts of both plugins, with their defaults. */
void standin_scripts(void);
void standin_no_scripts(void);
void standin_bool(const char *name, bool value);
void standin_count(const char *name, uint64_t value);
void standin_interval(const char *name, double seconds);
void standin_enum(const char *name, int value);
/* An element of Pktio::options. */
void standin_option(const char *option, const char *value);

/* ---- Running ------------------------------------------------------------ */

/* As `zeek -i` does, or `zeek -r`. Never NULL; it may not be open. */
struct standin *standin_open(const char *interface, bool live,
			     standin_take *take, void *user);
bool standin_is_open(const struct standin *s);
/* Whether Zeek may have its time go on by the clock. */
bool standin_has_been_idle(const struct standin *s, double seconds);
const char *standin_error(const struct standin *s);

/* What the source takes the place of in `zeek -NN`; NULL: no such prefix. */
const char *standin_plugin(const char *prefix);

/* Goes round the loop so often, or so long. */
void standin_rounds(struct standin *s, unsigned n);
void standin_run(struct standin *s, unsigned ms);
/* Until the source is closed; at most so long. */
void standin_run_to_end(struct standin *s, unsigned ms);

bool standin_precompile(struct standin *s, int id, const char *filter);
/* Whether scripts end Zeek for it. */
bool standin_filter_is_fatal(struct standin *s, int id);
bool standin_set_filter(struct standin *s, int id);
void standin_suspend(bool suspended);
void standin_pseudo_realtime(double speed);

/* The source is closed, then once more; its memory stays for statistics. */
void standin_close(struct standin *s);
void standin_free(struct standin *s);

/* ---- Looking ------------------------------------------------------------ */

struct standin_stats {
	uint64_t received, dropped, link, bytes_received;
	int64_t filtered; /* -1: not known */
};
struct standin_stats standin_statistics(struct standin *s);

/* A field of what Pktio::get_stats() returns. */
uint64_t standin_counter(struct standin *s, const char *name);
const char *standin_link(struct standin *s);

/* What the loop saw. */
struct standin_counts {
	uint64_t rounds, processed, packets;
	uint64_t polls;      /* that may sleep */
	uint64_t slept_ms;   /* in them */
	uint64_t extract_us; /* the longest that it took to extract a packet */
	int fd;              /* registered, -1: none */
	uint32_t link_type;
};
struct standin_counts standin_seen(const struct standin *s);

/* What was reported, a line each, and how the contract was broken: "" is as it
 * should be. */
const char *standin_log(const struct standin *s);
const char *standin_breaches(const struct standin *s);

#ifdef __cplusplus
}
#endif

#endif
