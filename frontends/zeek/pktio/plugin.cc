/* SPDX-License-Identifier: BSD-3-Clause */
/* The plugin Pktio::PktSrc: any pktio backend, selected by its URI. */
#include <cstdlib>

#include <pktio/pktio.h>

#include <zeek/iosource/Component.h>
#include <zeek/plugin/Plugin.h>

#include "plugin_names.h"
#include "source.h"

namespace plugin::PKTIO_PLUGIN
{

/*
 * Constants of the built-in AF_Packet plugin apply here too if a site changed
 * them. If they have the defaults below, the library chooses.
 */
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
		config.description = "Packet source for all pktio backends";
		config.version = version();
		return config;
	}
};

/* The constructor registers the plugin when Zeek loads the object. */
zeek_plugin plugin; /* NOLINT(cert-err58-cpp): required by Zeek */

} // namespace plugin::PKTIO_PLUGIN
