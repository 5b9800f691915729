# SPDX-License-Identifier: BSD-3-Clause
# Before the functions in C++, which return it.
@load ./types
