/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_SOURCE_H
#define PKTIO_ZEEK_SOURCE_H

/*
 * A Zeek packet source that reads a pktio ring.
 *
 * Zeek takes one packet at a time; the ring delivers bursts. The source
 * receives a burst into an array, passes the frames to Zeek one by one, and
 * releases them together. While the array has frames, GetNextTimeout() returns
 * 0: the descriptor covers the ring only, not the array.
 */

#include <map>
#include <string>
#include <vector>

#include <linux/filter.h>

#include <pktio/pktio.h>

#include <zeek/iosource/PktSrc.h>

#include "settings.h"

namespace plugin::PKTIO_PLUGIN
{

class source : public zeek::iosource::PktSrc
{
      public:
	source(std::string name, bool live);
	~source() override;
	source(const source &) = delete;
	source &operator=(const source &) = delete;

	static zeek::iosource::PktSrc *create(const std::string &path,
					      bool is_live);

	bool PrecompileFilter(int index, const std::string &filter) override;
	bool SetFilter(int index) override;
	void Statistics(Stats *stats) override;
	double GetNextTimeout() override;
	bool HasBeenIdleFor(double interval) const override;

	/* The counters of the ring; after Close(), the last values. */
	struct pktio_stats counters();
	const std::string &name() const
	{
		return path;
	}
	/* The last known state, enum pktio_link. */
	uint32_t link() const
	{
		return seen_link;
	}

      protected:
	void Open() override;
	void Close() override;
	bool ExtractNextPacket(zeek::Packet *pkt) override;
	void DoneWithPacket() override;

      private:
	enum { BURST = 64, LONG_BURSTS = 4 };

	int descriptor() const;
	void watch(int fd);
	void set_registered(bool on);
	void update_registration();
	bool receive();
	void release();
	void fill_packet(const struct pktio_frame &f, zeek::Packet *pkt) const;
	void check_link();
	void report_notices();
	bool reject_filter(int index, const std::string &filter,
			   const char *why);
	void warn_interface(const char *what) const;

	std::string path;
	bool is_live;
	checksum_mode mode;
	uint32_t forced_link_type; /* 0: of each frame */

	struct pktio_ring *ring = nullptr;
	struct pktio_frame frames[BURST];
	unsigned count = 0;         /* frames in the array */
	unsigned next = 0;          /* index of the next frame for Zeek */
	bool may_have_more = false; /* the last receive returned frames */
	double delay = 0; /* how long a packet may wait in the kernel, s */

	int watched = -1; /* duplicate descriptor that Zeek polls; -1: none */
	bool registered = false; /* `watched` is registered with Zeek */
	unsigned bursts =
		0; /* consecutive non-empty receives, up to LONG_BURSTS */

	std::map<int, struct sock_fprog> filters;
	bool filtering = false;

	uint64_t delivered = 0, delivered_bytes = 0;
	struct pktio_stats last = {}; /* counters of the closed ring */

	/* The state that was reported last. */
	uint32_t seen_link = PKTIO_LINK_UNKNOWN;
	uint64_t seen_link_downs = 0, seen_reattached = 0;
	int64_t link_checked = 0; /* in quarters of a second */
};

} // namespace plugin::PKTIO_PLUGIN

#endif
