/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_SETTINGS_H
#define PKTIO_ZEEK_SETTINGS_H

/* Converts the constants of Zeek scripts to settings of pktio_open(). */

#include <cstdint>
#include <string>
#include <vector>

#include "plugin_names.h"

namespace plugin::PKTIO_PLUGIN
{

struct setting {
	std::string option, value;
	std::string constant; /* that sets the option, for messages */
};

/* The values of the script enum ChecksumMode. */
enum class checksum_mode { OFF, ON, KERNEL };

/* The URI for a path of `zeek -i` or `zeek -r`. */
std::string make_uri(const std::string &path, bool is_live);

/* The settings to open the URI with, without the options in the URI. */
std::vector<setting> make_settings(const std::string &uri);

checksum_mode checksum_mode_for(const std::string &uri);
uint32_t link_type_for(const std::string &uri); /* 0: of the source */

/* Which worker of how many on one interface this process is. */
struct ring_share {
	unsigned index, count;
};
struct ring_share ring_share_of_node();

} // namespace plugin::PKTIO_PLUGIN

#endif
