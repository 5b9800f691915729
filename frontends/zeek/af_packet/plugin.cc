/* SPDX-License-Identifier: BSD-3-Clause */
/* The plugin Zeek::AF_Packet, for a Zeek that has no built-in one. */
#include <zeek/iosource/Component.h>
#include <zeek/plugin/Plugin.h>

#include "plugin_names.h"
#include "source.h"

namespace plugin::PKTIO_PLUGIN
{

const struct plugin_names names = {
	"af_packet",
	false,
	{ { "AF_Packet", NO_DEFAULT, NO_DEFAULT, NO_DEFAULT, NO_DEFAULT, 1 },
	  {} },
	0,
};

class zeek_plugin : public zeek::plugin::Plugin
{
      protected:
	zeek::plugin::Configuration Configure() override
	{
		zeek::plugin::Configuration config;

		AddComponent(new zeek::iosource::PktSrcComponent(
			"AF_PacketReader", names.prefix,
			zeek::iosource::PktSrcComponent::LIVE, source::create));
		config.name = "Zeek::AF_Packet";
		config.description = "Packet acquisition via AF_Packet";
		config.version.major = 4;
		config.version.minor = 0;
		config.version.patch = 0;
		return config;
	}
};

/* The constructor registers the plugin when Zeek loads the object. */
zeek_plugin plugin; /* NOLINT(cert-err58-cpp): required by Zeek */

} // namespace plugin::PKTIO_PLUGIN
