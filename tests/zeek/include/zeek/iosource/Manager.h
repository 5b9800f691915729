/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOCK_ZEEK_ZEEK_MANAGER_H
#define MOCK_ZEEK_ZEEK_MANAGER_H

#include <zeek/iosource/PktSrc.h>

namespace zeek::iosource
{

class Manager
{
      public:
	/* Accepts files, pipes and sockets, like libkqueue. */
	bool RegisterFd(int fd, PktSrc *src);
	bool UnregisterFd(int fd, PktSrc *src);
	PktSrc *GetPktSrc() const
	{
		return source;
	}
	PktSrc *source = nullptr;
};

} // namespace zeek::iosource

namespace zeek
{

extern iosource::Manager *iosource_mgr;

}

#endif
