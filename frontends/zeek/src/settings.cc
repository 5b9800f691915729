/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Nothing is parsed or checked here: values go to pktio_open() as text, and it
 * is the option table of the backend that knows what is good.
 */
#include "settings.h"

#include <algorithm>
#include <cmath>

#include <zeek/ID.h>
#include <zeek/Val.h>

namespace plugin::PKTIO_PLUGIN
{

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_SECOND 1e9

/* What a block has where nothing else is asked for. */
#define DEFAULT_BLOCK (UINT64_C(1) << 20)

/* ---- Constants ---------------------------------------------------------- */

/* Null if no script of this Zeek has it. */
static zeek::ValPtr find(const std::string &name)
{
	const auto &id = zeek::id::find(name);

	return id ? id->GetVal() : nullptr;
}

static uint64_t number(const zeek::Val &value)
{
	switch (value.GetType()->Tag()) {
	case zeek::TYPE_BOOL:
		return value.AsBool();
	case zeek::TYPE_ENUM:
		return static_cast<uint64_t>(value.AsEnum());
	case zeek::TYPE_INTERVAL:
		return static_cast<uint64_t>(
			std::llround(value.AsInterval() * NS_PER_SECOND));
	default:
		return value.AsCount();
	}
}

struct constant_value {
	uint64_t number;
	std::string name; /* "" unless somebody gave it this number */
};

/* `name` of a module, if it has another number there than `initial`. */
static constant_value given(const struct script_module &module,
			    const char *name, uint64_t initial)
{
	std::string full = module.name;
	zeek::ValPtr value;

	full.append("::").append(name);
	value = find(full);
	if (!value || number(*value) == initial)
		return { initial, "" };
	return { number(*value), full };
}

/* The same in the first module where there is one. */
static constant_value constant(const char *name, uint64_t initial)
{
	constant_value found = { initial, "" };

	for (const auto &module : names.modules)
		if (module.name && found.name.empty())
			found = given(module, name, initial);
	return found;
}

static constant_value constant(const char *name,
			       uint64_t script_module::*initial)
{
	constant_value found = { 0, "" };

	for (const auto &module : names.modules)
		if (module.name && found.name.empty())
			found = given(module, name, module.*initial);
	return found;
}

static bool is_af_packet(const std::string &uri)
{
	return uri.rfind("af_packet:", 0) == 0;
}

/* What is said of the interfaces of AF_Packet is not said of files. */
static bool holds(const constant_value &value, const std::string &uri)
{
	return is_af_packet(uri) ||
	       value.name.rfind(names.modules[0].name, 0) == 0;
}

/* ---- As options of af_packet -------------------------------------------- */

enum { FANOUT_HASH, FANOUT_CPU, FANOUT_QM, FANOUT_CBPF, FANOUT_EBPF };
static const char *const fanout_names[] = { "hash", "cpu", "qm", "cbpf",
					    "ebpf" };

static void add(std::vector<setting> &settings, const char *option,
		const std::string &value, const constant_value &from)
{
	settings.push_back({ option, value, from.name });
}

static std::string milliseconds(uint64_t ns)
{
	return std::to_string(ns / NS_PER_MS) + "ms";
}

static void add_ring(std::vector<setting> &settings)
{
	const constant_value size =
		constant("buffer_size", &script_module::buffer_size);
	const constant_value block =
		constant("block_size", &script_module::block_size);
	const constant_value timeout =
		constant("block_timeout", &script_module::block_timeout);
	const bool chosen = !block.name.empty() && block.number > 0;
	const uint64_t unit = chosen ? block.number : DEFAULT_BLOCK;
	/* What is left over behind the last whole block was never used. */
	const uint64_t rest = size.number > unit ? size.number % unit : 0;

	if (!size.name.empty())
		add(settings, "ring-size", std::to_string(size.number - rest),
		    size);
	if (!block.name.empty())
		add(settings, "block-size", std::to_string(block.number),
		    block);
	/* Below a millisecond the kernel would choose one itself. */
	if (timeout.number >= NS_PER_MS && !timeout.name.empty())
		add(settings, "block-timeout", milliseconds(timeout.number),
		    timeout);
}

static void add_fanout(std::vector<setting> &settings)
{
	const constant_value enable = constant("enable_fanout", 1);
	const constant_value defrag = constant("enable_defrag", UINT64_C(0));
	const constant_value mode = constant("fanout_mode", FANOUT_HASH);
	const constant_value id =
		constant("fanout_id", &script_module::fanout_id);

	if (!enable.number)
		return add(settings, "fanout", "none", enable);
	if (mode.number < sizeof(fanout_names) / sizeof(*fanout_names))
		add(settings, "fanout", fanout_names[mode.number], mode);
	/* The kernel looks at 16 bits of it. */
	if (!id.name.empty())
		add(settings, "fanout-id", std::to_string(id.number & 0xffff),
		    id);
	if (defrag.number)
		add(settings, "fanout-flags", "defrag", defrag);
}

static void add_timestamping(std::vector<setting> &settings)
{
	const constant_value hardware =
		constant("enable_hw_timestamping", UINT64_C(0));

	if (hardware.number)
		add(settings, "timestamp", "hardware", hardware);
}

/* ---- By name ------------------------------------------------------------ */

/* A table[string] of string goes over what the constants say. */
static void add_table(std::vector<setting> &settings, const std::string &name)
{
	const zeek::ValPtr table = find(name);

	if (!table)
		return;
	for (const auto &[key, value] : table->AsTableVal()->ToMap()) {
		const auto option =
			key->AsListVal()->Idx(0)->AsStringVal()->ToStdString();

		settings.erase(std::remove_if(settings.begin(), settings.end(),
					      [&option](const setting &s) {
						      return s.option == option;
					      }),
			       settings.end());
		settings.push_back(
			{ option, value->AsStringVal()->ToStdString(),
			  std::string(name).append("[\"").append(option).append(
				  "\"]") });
	}
}

static bool says(const std::string &uri, const std::string &option)
{
	return uri.find("?" + option + "=") != std::string::npos ||
	       uri.find("&" + option + "=") != std::string::npos;
}

/* Also one that says nothing of the timeout by itself, as a profile does. */
static bool says_timeout(const std::vector<setting> &settings,
			 const std::string &uri)
{
	const auto about = [](const setting &s) {
		return s.option == "block-timeout" || s.option == "profile";
	};

	return says(uri, "profile") ||
	       std::any_of(settings.begin(), settings.end(), about);
}

std::vector<setting> settings_of(const std::string &uri)
{
	std::vector<setting> settings;

	if (is_af_packet(uri)) {
		add_ring(settings);
		add_fanout(settings);
		add_timestamping(settings);
	}
	if (names.any_backend)
		add_table(settings, "Pktio::options");
	/* Each wake finds all of Zeek out of the caches. */
	if (is_af_packet(uri) && names.block_timeout > 0 &&
	    !says_timeout(settings, uri))
		settings.push_back({ "block-timeout",
				     milliseconds(names.block_timeout), "" });
	settings.erase(std::remove_if(settings.begin(), settings.end(),
				      [&uri](const setting &s) {
					      return says(uri, s.option);
				      }),
		       settings.end());
	return settings;
}

std::string uri_of(const std::string &path, bool is_live)
{
	std::string uri;

	if (names.any_backend) {
		const auto mark = path.find_first_of(":?");

		if (mark != std::string::npos && path[mark] == ':')
			return path;
		return (is_live ? "af_packet:" : "pcap_file:") + path;
	}
	/* The name of an interface and nothing else, whatever is in it. */
	uri = "af_packet:";
	for (const char c : path) {
		if (c == '%')
			uri += "%25";
		else if (c == '?')
			uri += "%3F";
		else
			uri += c;
	}
	return uri;
}

checksum_mode checksums(const std::string &uri)
{
	const constant_value value =
		constant("checksum_validation_mode",
			 static_cast<uint64_t>(checksum_mode::ON));

	return holds(value, uri) ? static_cast<checksum_mode>(value.number) :
				   checksum_mode::ON;
}

uint32_t link_type(const std::string &uri)
{
	const constant_value value =
		constant("link_type", &script_module::link_type);

	return !value.name.empty() && holds(value, uri) ?
		       static_cast<uint32_t>(value.number) :
		       0;
}

struct ring_share share()
{
	const zeek::ValPtr index = find("Pktio::ring_index");
	const zeek::ValPtr count = find("Pktio::ring_count");
	struct ring_share share = { 0, 1 };

	if (index && count && count->AsCount() > 0) {
		share.index = static_cast<unsigned>(index->AsCount());
		share.count = static_cast<unsigned>(count->AsCount());
	}
	return share;
}

} // namespace plugin::PKTIO_PLUGIN
