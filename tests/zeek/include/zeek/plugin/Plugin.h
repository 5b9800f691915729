/* SPDX-License-Identifier: BSD-3-Clause */
/* Mock of a plugin; its constructor registers it. */
#ifndef MOCK_ZEEK_ZEEK_PLUGIN_H
#define MOCK_ZEEK_ZEEK_PLUGIN_H

#include <string>
#include <vector>

namespace zeek::plugin
{

class Component
{
      public:
	virtual ~Component() = default;
};

struct VersionNumber {
	int major = -1, minor = -1, patch = 0;
};

class Configuration
{
      public:
	std::string name, description;
	VersionNumber version;
};

class Plugin
{
      public:
	Plugin()
	{
		all().push_back(this);
	}
	virtual ~Plugin()
	{
		for (auto *c : components)
			delete c;
	}
	virtual Configuration Configure() = 0;
	void AddComponent(Component *c)
	{
		components.push_back(c);
	}
	static std::vector<Plugin *> &all()
	{
		static std::vector<Plugin *> plugins;

		return plugins;
	}
	std::vector<Component *> components;
};

} // namespace zeek::plugin

#endif
