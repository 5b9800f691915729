/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_PLUGIN_NAMES_H
#define PKTIO_ZEEK_PLUGIN_NAMES_H

/*
 * Both plugins compile the same packet source, each in a namespace of its own,
 * so that one Zeek can load both. struct plugin_names contains all differences.
 */

#include <cstdint>

#ifndef PKTIO_PLUGIN
#error "define PKTIO_PLUGIN as the namespace of the plugin, such as Pktio_PktSrc"
#endif

namespace plugin::PKTIO_PLUGIN
{

/*
 * A script module with constants, and the default values of some of them. The
 * source ignores a constant that has its default value. With NO_DEFAULT, the
 * source uses every value.
 */
struct script_module {
	const char *name;
	uint64_t buffer_size, block_size, block_timeout; /* timeout in ns */
	uint64_t fanout_id, link_type;
};

#define NO_DEFAULT UINT64_MAX

struct plugin_names {
	const char *prefix; /* as in `zeek -i prefix::path` */
	bool any_backend;   /* the path may be a URI of any backend */
	struct script_module
		modules[2];     /* the first that sets a constant wins */
	uint64_t block_timeout; /* ns, if no module sets it; 0: library default
				 */
};

extern const struct plugin_names names;

} // namespace plugin::PKTIO_PLUGIN

#endif
