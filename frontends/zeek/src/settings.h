/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_SETTINGS_H
#define PKTIO_ZEEK_SETTINGS_H

/* What the constants of Zeek's scripts say, in the words of pktio_open(). */

#include <cstdint>
#include <string>
#include <vector>

#include "plugin_names.h"

namespace plugin::PKTIO_PLUGIN
{

struct setting {
	std::string option, value;
	std::string constant; /* where it comes from, for messages */
};

/* Of the enum ChecksumMode of both modules. */
enum class checksum_mode { OFF, ON, KERNEL };

/* The URI that a path of `zeek -i` or `zeek -r` stands for. */
std::string uri_of(const std::string &path, bool is_live);

/* What to open it with; what the URI says itself is not among it. */
std::vector<setting> settings_of(const std::string &uri);

checksum_mode checksums(const std::string &uri);
uint32_t link_type(const std::string &uri); /* 0: the source knows */

struct ring_share {
	unsigned index, count;
};
struct ring_share share();

} // namespace plugin::PKTIO_PLUGIN

#endif
