/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Settings go to pktio_open() as text. This file parses and checks no values:
 * the option table of the backend does.
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

/* The default block-size of the profile, for rounding the ring size. */
#define DEFAULT_BLOCK (UINT64_C(1) << 20)

/* ---- Constants ---------------------------------------------------------- */

/* Null if no loaded script defines the name. */
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
	std::string name; /* "": the constant has its default value */
};

/* The constant `name` of a module, if its value differs from `initial`. */
static constant_value changed_constant(const struct script_module &module,
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

/* The constant of the first module that changes it. */
static constant_value constant(const char *name, uint64_t initial)
{
	constant_value found = { initial, "" };

	for (const auto &module : names.modules)
		if (module.name && found.name.empty())
			found = changed_constant(module, name, initial);
	return found;
}

static constant_value constant(const char *name,
			       uint64_t script_module::*initial)
{
	constant_value found = { 0, "" };

	for (const auto &module : names.modules)
		if (module.name && found.name.empty())
			found = changed_constant(module, name, module.*initial);
	return found;
}

static bool is_af_packet(const std::string &uri)
{
	return uri.rfind("af_packet:", 0) == 0;
}

/* Constants of AF_Packet apply to interfaces only, not to files. */
static bool applies(const constant_value &value, const std::string &uri)
{
	return is_af_packet(uri) ||
	       value.name.rfind(names.modules[0].name, 0) == 0;
}

/* ---- Constants as options of af_packet ---------------------------------- */

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
	const bool has_block_size = !block.name.empty() && block.number > 0;
	const uint64_t block_size = has_block_size ? block.number :
						     DEFAULT_BLOCK;
	/* The plugin before pktio left the rest after the last block unused. */
	const uint64_t rest =
		size.number > block_size ? size.number % block_size : 0;

	if (!size.name.empty())
		add(settings, "ring-size", std::to_string(size.number - rest),
		    size);
	if (!block.name.empty())
		add(settings, "block-size", std::to_string(block.number),
		    block);
	/* For a timeout below 1 ms, the kernel would choose its own. */
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
	/* The kernel uses the low 16 bits. */
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

/* ---- The table Pktio::options ------------------------------------------- */

/* Entries of a table[string] of string override the constants. */
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

static bool uri_has_option(const std::string &uri, const std::string &option)
{
	return uri.find("?" + option + "=") != std::string::npos ||
	       uri.find("&" + option + "=") != std::string::npos;
}

/* A profile sets the block timeout too. */
static bool has_timeout(const std::vector<setting> &settings,
			const std::string &uri)
{
	const auto sets_timeout = [](const setting &s) {
		return s.option == "block-timeout" || s.option == "profile";
	};

	return uri_has_option(uri, "profile") ||
	       std::any_of(settings.begin(), settings.end(), sets_timeout);
}

std::vector<setting> make_settings(const std::string &uri)
{
	std::vector<setting> settings;

	if (is_af_packet(uri)) {
		add_ring(settings);
		add_fanout(settings);
		add_timestamping(settings);
	}
	if (names.any_backend)
		add_table(settings, "Pktio::options");
	/* A long timeout means fewer wakeups, each of which finds cold caches.
	 */
	if (is_af_packet(uri) && names.block_timeout > 0 &&
	    !has_timeout(settings, uri))
		settings.push_back({ "block-timeout",
				     milliseconds(names.block_timeout), "" });
	settings.erase(std::remove_if(settings.begin(), settings.end(),
				      [&uri](const setting &s) {
					      return uri_has_option(uri,
								    s.option);
				      }),
		       settings.end());
	return settings;
}

std::string make_uri(const std::string &path, bool is_live)
{
	std::string uri;

	if (names.any_backend) {
		const auto position = path.find_first_of(":?");

		if (position != std::string::npos && path[position] == ':')
			return path;
		return (is_live ? "af_packet:" : "pcap_file:") + path;
	}
	/* The path is an interface name: escape the characters of a URI. */
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

checksum_mode checksum_mode_for(const std::string &uri)
{
	const constant_value value =
		constant("checksum_validation_mode",
			 static_cast<uint64_t>(checksum_mode::ON));

	return applies(value, uri) ? static_cast<checksum_mode>(value.number) :
				     checksum_mode::ON;
}

uint32_t link_type_for(const std::string &uri)
{
	const constant_value value =
		constant("link_type", &script_module::link_type);

	return !value.name.empty() && applies(value, uri) ?
		       static_cast<uint32_t>(value.number) :
		       0;
}

struct ring_share ring_share_of_node()
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
