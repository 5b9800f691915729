/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_ZEEK_STATS_H
#define PKTIO_ZEEK_STATS_H

#include <zeek/Val.h>

#include "plugin_names.h"

namespace plugin::PKTIO_PLUGIN
{

/* A Pktio::Stats record of the packet source of this Zeek. */
zeek::RecordValPtr stats();

} // namespace plugin::PKTIO_PLUGIN

#endif
