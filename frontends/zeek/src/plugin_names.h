/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_PLUGIN_NAMES_H
#define PKTIO_ZEEK_PLUGIN_NAMES_H

/*
 * The two plugins are one packet source, each compiled in a namespace of its
 * own so that one Zeek can have both. This is all they differ in.
 */

#include <cstdint>

#ifndef PKTIO_PLUGIN
#error "PKTIO_PLUGIN is the plugin's namespace, such as Pktio_PktSrc"
#endif

namespace plugin::PKTIO_PLUGIN
{

/*
 * A module whose constants are read, and the numbers that some of them have as
 * long as nobody gave them others; those do not count. EVERY one counts.
 */
struct script_module {
	const char *name;
	uint64_t buffer_size, block_size, block_timeout; /* the last in ns */
	uint64_t fanout_id, link_type;
};

#define EVERY UINT64_MAX

struct plugin_names {
	const char *prefix; /* as in `zeek -i prefix::path` */
	bool any_backend;   /* the path may be a URI */
	struct script_module
		modules[2];     /* the first that says something counts */
	uint64_t block_timeout; /* ns, if nothing does; 0: the library's */
};

extern const struct plugin_names names;

} // namespace plugin::PKTIO_PLUGIN

#endif
