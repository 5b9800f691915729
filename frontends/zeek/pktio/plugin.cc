/* SPDX-License-Identifier: BSD-3-Clause */
/* Any backend of pktio, by its URI. */
#include <cstdlib>

#include <pktio/pktio.h>

#include <zeek/iosource/Component.h>
#include <zeek/plugin/Plugin.h>

#include "plugin_names.h"
#include "source.h"

namespace plugin::PKTIO_PLUGIN
{

/* What a site set for the built-in plugin holds here, too; what it left as it
 * was there leaves the choice to the library. */
const struct plugin_names names = {
	"pktio",
	true,
	{ { "Pktio", 0, 0, 0, 0, 0 },
	  { "AF_Packet", 128 << 20, 32 << 10, 10000000, 23, 1 } },
	100000000,
};

static zeek::plugin::VersionNumber version()
{
	zeek::plugin::VersionNumber number;
	char *end;

	number.major = static_cast<int>(std::strtol(pktio_version(), &end, 10));
	number.minor = static_cast<int>(std::strtol(end + 1, &end, 10));
	number.patch = static_cast<int>(std::strtol(end + 1, &end, 10));
	return number;
}

class zeek_plugin : public zeek::plugin::Plugin
{
      protected:
	zeek::plugin::Configuration Configure() override
	{
		zeek::plugin::Configuration config;

		AddComponent(new zeek::iosource::PktSrcComponent(
			"PktioReader", names.prefix,
			zeek::iosource::PktSrcComponent::BOTH, source::create));
		config.name = "Pktio::PktSrc";
		config.description = "Packets through pktio's backends";
		config.version = version();
		return config;
	}
};

/* It makes itself known to Zeek as it is loaded. */
zeek_plugin plugin; /* NOLINT(cert-err58-cpp): so it is with Zeek */

} // namespace plugin::PKTIO_PLUGIN
