/* SPDX-License-Identifier: BSD-3-Clause */
/* Mock of a packet. The VLAN fields depend on the version of Zeek. */
#ifndef MOCK_ZEEK_ZEEK_PACKET_H
#define MOCK_ZEEK_ZEEK_PACKET_H

#include <cstdint>
#include <optional>
#include <string>

#include <sys/time.h>
#include <sys/types.h>

#include <zeek/zeek-version.h>

using pkt_timeval = struct timeval;

namespace zeek
{

class Packet
{
      public:
#if ZEEK_VERSION_NUMBER >= 80200
	struct VlanTag {
		uint16_t id = 0;
		uint8_t pcp = 0;
		bool dei = false;
	};
#endif

	/* Resets all fields. */
	void Init(int type, pkt_timeval *at, uint32_t captured, uint32_t length,
		  const u_char *bytes, bool copy = false, std::string = "")
	{
		(void)copy;
		*this = Packet();
		link_type = static_cast<uint32_t>(type);
		ts = *at;
		time = static_cast<double>(at->tv_sec) +
		       static_cast<double>(at->tv_usec) / 1e6;
		cap_len = captured;
		len = length;
		data = bytes;
	}

	double time = 0;
	pkt_timeval ts = {};
	const u_char *data = nullptr;
	uint32_t len = 0, cap_len = 0, link_type = 0;
#if ZEEK_VERSION_NUMBER >= 80200
	std::optional<VlanTag> vlan, inner_vlan;
#else
	uint32_t vlan = 0, inner_vlan = 0;
#if ZEEK_VERSION_NUMBER >= 80100
	uint32_t vlan_pcp = 0, inner_vlan_pcp = 0;
	bool vlan_dei = false, inner_vlan_dei = false;
#endif
#endif
	bool l2_checksummed = false, l3_checksummed = false,
	     l4_checksummed = false;
};

} // namespace zeek

#endif
