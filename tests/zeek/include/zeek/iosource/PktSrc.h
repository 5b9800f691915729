/* SPDX-License-Identifier: BSD-3-Clause */
/* Mock of the base class of all packet sources. */
#ifndef MOCK_ZEEK_ZEEK_PKTSRC_H
#define MOCK_ZEEK_ZEEK_PKTSRC_H

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <zeek/iosource/Packet.h>

struct mock_zeek;

namespace zeek::iosource
{

class PktSrc
{
      public:
	static const uint32_t NETMASK_UNKNOWN = 0xffffffff;

	struct Stats {
		uint64_t received = 0, dropped = 0, link = 0,
			 bytes_received = 0;
		std::optional<uint64_t> filtered;
	};

	virtual ~PktSrc() = default;

	const std::string &Path() const
	{
		return props.path;
	}
	bool IsOpen() const
	{
		return open;
	}
	bool IsLive() const
	{
		return props.is_live;
	}
	int LinkType() const
	{
		return open ? props.link_type : -1;
	}
	const char *ErrorMsg() const
	{
		return errbuf.empty() ? nullptr : errbuf.c_str();
	}
	virtual bool HasBeenIdleFor(double interval) const
	{
		const std::chrono::duration<double> idle =
			std::chrono::steady_clock::now() - had_packet_at;

		return !have_packet && !had_packet && idle.count() > interval;
	}
	virtual bool PrecompileFilter(int index, const std::string &filter) = 0;
	/* Compiles with the compiler of Zeek and stores the result. */
	virtual bool PrecompileBPFFilter(int index, const std::string &filter);
	bool IsFatal(int index) const
	{
		const auto found = compiled.find(index);

		return found != compiled.end() && !found->second;
	}
	virtual bool SetFilter(int index) = 0;
	virtual void Statistics(Stats *stats) = 0;
	virtual double GetNextTimeout();

      protected:
	struct Properties {
		std::string path;
		int selectable_fd = -1;
		int link_type = -1;
		uint32_t netmask = NETMASK_UNKNOWN;
		bool is_live = false;
	};

	void Opened(const Properties &p);
	void Closed();
	void Info(const std::string &text);
	void Error(const std::string &text)
	{
		errbuf = text;
	}
	void Weird(const std::string &text, const Packet *pkt);

	virtual void Open() = 0;
	virtual void Close() = 0;
	virtual bool ExtractNextPacket(Packet *pkt) = 0;
	virtual void DoneWithPacket() = 0;

      private:
	friend struct ::mock_zeek;

	bool extract();

	Properties props;
	bool open = false;
	/* Zeek starts as if there had been a packet. */
	bool have_packet = false, had_packet = true;
	std::chrono::steady_clock::time_point had_packet_at =
		std::chrono::steady_clock::now();
	Packet current;
	std::string errbuf;
	std::map<int, bool>
		compiled; /* result of the compiler of Zeek, by index */
};

} // namespace zeek::iosource

#endif
