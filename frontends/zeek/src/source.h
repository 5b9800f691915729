/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_SOURCE_H
#define PKTIO_ZEEK_SOURCE_H

/*
 * A packet source of Zeek over a ring of pktio.
 *
 * Zeek takes one packet at a time, the ring gives bursts: frames are received
 * into an array, handed over one by one, and released together after the last.
 * While there are some left the source asks to be called again at once, for
 * the descriptor tells of the ring only, not of the array.
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

	/* What the ring counted, also after it was closed. */
	struct pktio_stats counters();
	const std::string &name() const
	{
		return path;
	}
	/* enum pktio_link, as it was last seen. */
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
	enum { BURST = 64, MANY_BURSTS = 4 };

	int descriptor() const;
	void watch(int fd);
	void listen(bool on);
	void listen_if_dry();
	bool receive();
	void release();
	void hand_over(const struct pktio_frame &f, zeek::Packet *pkt) const;
	void look_at_link();
	bool refuse(int index, const std::string &filter, const char *why);
	void warn(const char *what) const;

	std::string path;
	bool is_live;
	checksum_mode mode;
	uint32_t forced_link_type; /* 0: what each frame says */

	struct pktio_ring *ring = nullptr;
	struct pktio_frame frames[BURST];
	unsigned count = 0; /* of them held */
	unsigned next = 0;  /* of them to be handed over */
	bool more =
		false; /* the ring may have more, whatever a descriptor says */
	double delay = 0; /* seconds that a packet may wait in the kernel */

	int watched = -1;       /* the descriptor for Zeek */
	bool listening = false; /* Zeek knows it */
	unsigned bursts = 0;    /* in a row, as far as MANY_BURSTS */

	std::map<int, struct sock_fprog> filters;
	bool filtering = false;

	uint64_t handed_over = 0, bytes_handed_over = 0;
	struct pktio_stats last = {}; /* of the ring that was closed */

	/* As far as Zeek's log knows. */
	uint32_t seen_link = PKTIO_LINK_UNKNOWN;
	uint64_t seen_downs = 0, seen_reattached = 0;
	int64_t looked_at = 0; /* which quarter of a second */
};

} // namespace plugin::PKTIO_PLUGIN

#endif
