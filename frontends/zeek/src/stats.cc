/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats.h"

#include <cstring>

#include <pktio/pktio.h>

#include <zeek/ID.h>
#include <zeek/Type.h>
#include <zeek/iosource/Manager.h>

#include "source.h"

namespace plugin::PKTIO_PLUGIN
{

static const char *link_name(uint32_t link)
{
	switch (link) {
	case PKTIO_LINK_UP:
		return "up";
	case PKTIO_LINK_DOWN:
		return "down";
	case PKTIO_LINK_GONE:
		return "gone";
	default:
		return "none";
	}
}

/* The record type of the script may lack a counter of a newer library. */
static void assign(zeek::RecordVal *record, const struct pktio_counter &c,
		   const struct pktio_stats &now)
{
	const int field =
		record->GetType()->AsRecordType()->FieldOffset(c.name);
	uint64_t value;

	if (field < 0)
		return;
	std::memcpy(&value, reinterpret_cast<const char *>(&now) + c.offset,
		    sizeof(value));
	record->Assign(field, zeek::val_mgr->Count(value));
}

zeek::RecordValPtr stats()
{
	const auto type = zeek::id::find_type<zeek::RecordType>("Pktio::Stats");
	auto record = zeek::make_intrusive<zeek::RecordVal>(type);
	auto *from = dynamic_cast<source *>(zeek::iosource_mgr->GetPktSrc());
	struct pktio_stats now = {};

	if (from) {
		now = from->counters();
		record->Assign(
			type->FieldOffset("source"),
			zeek::make_intrusive<zeek::StringVal>(from->name()));
		record->Assign(type->FieldOffset("link"),
			       zeek::make_intrusive<zeek::StringVal>(
				       link_name(from->link())));
	}
	for (const auto *c = pktio_counters(); c->name; c++)
		assign(record.get(), *c, now);
	return record;
}

} // namespace plugin::PKTIO_PLUGIN
