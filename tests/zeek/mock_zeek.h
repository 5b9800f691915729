/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_MOCK_ZEEK_H
#define PKTIO_TESTS_MOCK_ZEEK_H

/*
 * A mock of Zeek that runs the unchanged packet sources. Its run loop follows
 * the contract of Zeek (see docs/zeek.md) and checks that a packet source
 * follows it too. The mock is compiled for several versions of Zeek:
 * MOCK_ZEEK_VERSION.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mock_zeek;

/* A packet as Zeek analyses it; `data` is valid during the call. */
struct mock_zeek_packet {
	const uint8_t *data;
	int64_t us; /* since 1970 */
	uint32_t caplen, len, link_type;
	int vlan, inner_vlan; /* -1: none */
	int pcp, dei;         /* -1: none, or unsupported by this version */
	int inner_pcp, inner_dei;
	bool l3_checksummed, l4_checksummed;
};
typedef void mock_zeek_callback(void *user, const struct mock_zeek_packet *p);

/* ---- Scripts ------------------------------------------------------------ */

/* Defines the constants of both plugins with their default values. */
void mock_zeek_load_scripts(void);
/* Removes all constants. */
void mock_zeek_unload_scripts(void);
void mock_zeek_set_bool(const char *name, bool value);
void mock_zeek_set_count(const char *name, uint64_t value);
void mock_zeek_set_interval(const char *name, double seconds);
void mock_zeek_set_enum(const char *name, int value);
/* Adds an entry to Pktio::options. */
void mock_zeek_set_option(const char *option, const char *value);

/* ---- Running ------------------------------------------------------------ */

/* Opens a source like `zeek -i` or `zeek -r`. Never returns NULL; the source
 * may have failed to open. */
struct mock_zeek *mock_zeek_open(const char *interface, bool live,
				 mock_zeek_callback *callback, void *user);
bool mock_zeek_is_open(const struct mock_zeek *s);
/* Whether Zeek may advance its time by the clock. */
bool mock_zeek_has_been_idle(const struct mock_zeek *s, double seconds);
const char *mock_zeek_error(const struct mock_zeek *s);

/* The name of the plugin with this prefix; NULL: none. */
const char *mock_zeek_plugin(const char *prefix);

/* Runs n rounds of the loop, or rounds for `ms`. */
void mock_zeek_rounds(struct mock_zeek *s, unsigned n);
void mock_zeek_run(struct mock_zeek *s, unsigned ms);
/* Runs until the source closes, at most `ms`. */
void mock_zeek_run_to_end(struct mock_zeek *s, unsigned ms);

bool mock_zeek_precompile(struct mock_zeek *s, int id, const char *filter);
/* Whether scripts would end Zeek because of this filter. */
bool mock_zeek_filter_is_fatal(struct mock_zeek *s, int id);
bool mock_zeek_set_filter(struct mock_zeek *s, int id);
void mock_zeek_suspend(bool suspended);
void mock_zeek_pseudo_realtime(double speed);

/* Calls Close() twice; the source still provides statistics. */
void mock_zeek_close(struct mock_zeek *s);
void mock_zeek_free(struct mock_zeek *s);

/* ---- Results ------------------------------------------------------------ */

struct mock_zeek_stats {
	uint64_t received, dropped, link, bytes_received;
	int64_t filtered; /* -1: unknown */
};
struct mock_zeek_stats mock_zeek_statistics(struct mock_zeek *s);

/* A field of the record that Pktio::get_stats() returns. */
uint64_t mock_zeek_counter(struct mock_zeek *s, const char *name);
const char *mock_zeek_link(struct mock_zeek *s);

/* Counters of the run loop. */
struct mock_zeek_counts {
	uint64_t rounds, processed, packets;
	uint64_t polls;      /* polls that may sleep */
	uint64_t slept_ms;   /* time in these polls */
	uint64_t extract_us; /* the longest ExtractNextPacket() */
	int fd;              /* registered descriptor; -1: none */
	uint32_t link_type;
};
struct mock_zeek_counts mock_zeek_get_counts(const struct mock_zeek *s);

/* The messages of the reporter, one on each line. */
const char *mock_zeek_log(const struct mock_zeek *s);
/* Violations of the contract; "": none. */
const char *mock_zeek_violations(const struct mock_zeek *s);

#ifdef __cplusplus
}
#endif

#endif
