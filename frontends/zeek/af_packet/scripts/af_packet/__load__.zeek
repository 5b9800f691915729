# SPDX-License-Identifier: BSD-3-Clause
# There is nothing to load: the constants are those of init.zeek.
