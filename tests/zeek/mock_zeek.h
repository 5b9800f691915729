/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_MOCK_ZEEK_H
#define PKTIO_TESTS_MOCK_ZEEK_H

/*
 * A stand-in for Zeek: enough of it to run the packet sources as they are, with
 * a loop that keeps to the same contract, and watches that they keep theirs.
 * What it knows of Zeek is in docs/zeek.md. It is compiled for several versions
 * of Zeek; MOCK_ZEEK_VERSION says for which.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mock_zeek;

/* A packet as Zeek analyses it; the bytes are there during the call. */
struct mock_zeek_packet {
	const uint8_t *data;
	int64_t us; /* since 1970 */
	uint32_t caplen, len, link_type;
	int vlan, inner_vlan; /* -1: none */
	int pcp, dei;         /* -1: none, or this Zeek has none */
	int inner_pcp, inner_dei;
	bool l3_checksummed, l4_checksummed;
};
typedef void mock_zeek_take(void *user, const struct mock_zeek_packet *p);

/* ---- Scripts ------------------------------------------------------------ */

/* The scripts of both plugins, with their defaults. */
void mock_zeek_scripts(void);
void mock_zeek_no_scripts(void);
void mock_zeek_bool(const char *name, bool value);
void mock_zeek_count(const char *name, uint64_t value);
void mock_zeek_interval(const char *name, double seconds);
void mock_zeek_enum(const char *name, int value);
/* An element of Pktio::options. */
void mock_zeek_option(const char *option, const char *value);

/* ---- Running ------------------------------------------------------------ */

/* As `zeek -i` does, or `zeek -r`. Never NULL; it may not be open. */
struct mock_zeek *mock_zeek_open(const char *interface, bool live,
				 mock_zeek_take *take, void *user);
bool mock_zeek_is_open(const struct mock_zeek *s);
/* Whether Zeek may have its time go on by the clock. */
bool mock_zeek_has_been_idle(const struct mock_zeek *s, double seconds);
const char *mock_zeek_error(const struct mock_zeek *s);

/* What the source takes the place of in `zeek -NN`; NULL: no such prefix. */
const char *mock_zeek_plugin(const char *prefix);

/* Goes round the loop so often, or so long. */
void mock_zeek_rounds(struct mock_zeek *s, unsigned n);
void mock_zeek_run(struct mock_zeek *s, unsigned ms);
/* Until the source is closed; at most so long. */
void mock_zeek_run_to_end(struct mock_zeek *s, unsigned ms);

bool mock_zeek_precompile(struct mock_zeek *s, int id, const char *filter);
/* Whether scripts end Zeek for it. */
bool mock_zeek_filter_is_fatal(struct mock_zeek *s, int id);
bool mock_zeek_set_filter(struct mock_zeek *s, int id);
void mock_zeek_suspend(bool suspended);
void mock_zeek_pseudo_realtime(double speed);

/* The source is closed, then once more; its memory stays for statistics. */
void mock_zeek_close(struct mock_zeek *s);
void mock_zeek_free(struct mock_zeek *s);

/* ---- Looking ------------------------------------------------------------ */

struct mock_zeek_stats {
	uint64_t received, dropped, link, bytes_received;
	int64_t filtered; /* -1: not known */
};
struct mock_zeek_stats mock_zeek_statistics(struct mock_zeek *s);

/* A field of what Pktio::get_stats() returns. */
uint64_t mock_zeek_counter(struct mock_zeek *s, const char *name);
const char *mock_zeek_link(struct mock_zeek *s);

/* What the loop saw. */
struct mock_zeek_counts {
	uint64_t rounds, processed, packets;
	uint64_t polls;      /* that may sleep */
	uint64_t slept_ms;   /* in them */
	uint64_t extract_us; /* the longest that it took to extract a packet */
	int fd;              /* registered, -1: none */
	uint32_t link_type;
};
struct mock_zeek_counts mock_zeek_seen(const struct mock_zeek *s);

/* What was reported, a line each, and how the contract was broken: "" is as it
 * should be. */
const char *mock_zeek_log(const struct mock_zeek *s);
const char *mock_zeek_breaches(const struct mock_zeek *s);

#ifdef __cplusplus
}
#endif

#endif
