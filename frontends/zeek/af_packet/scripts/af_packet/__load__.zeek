# SPDX-License-Identifier: BSD-3-Clause
# Empty: init.zeek defines the constants.
