/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOCK_ZEEK_ZEEK_RUN_STATE_H
#define MOCK_ZEEK_ZEEK_RUN_STATE_H

namespace zeek::run_state
{

bool is_processing_suspended();
extern double pseudo_realtime;

} // namespace zeek::run_state

#endif
