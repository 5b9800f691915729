# SPDX-License-Identifier: BSD-3-Clause
# Zeek loads this before the built-in functions, which return Pktio::Stats.
@load ./types
