/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOCK_ZEEK_ZEEK_COMPONENT_H
#define MOCK_ZEEK_ZEEK_COMPONENT_H

#include <cstdint>
#include <string>
#include <vector>

#include <zeek/plugin/Plugin.h>
#include <zeek/zeek-version.h>

namespace zeek::iosource
{

class PktSrc;

class PktSrcComponent : public plugin::Component
{
      public:
	enum InputType { LIVE, TRACE, BOTH };
	using factory_callback = PktSrc *(*)(const std::string &path,
					     bool is_live);

	PktSrcComponent(const std::string &n, const std::string &p, InputType i,
			factory_callback f
#if ZEEK_VERSION_NUMBER >= 80200
			,
			std::vector<uint32_t> magic = {}
#endif
			)
	    : name(n), prefixes(p), type(i), factory(f)
	{
#if ZEEK_VERSION_NUMBER >= 80200
		(void)magic;
#endif
	}
	std::string name, prefixes;
	InputType type;
	factory_callback factory;
};

} // namespace zeek::iosource

#endif
