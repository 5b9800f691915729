/* SPDX-License-Identifier: BSD-3-Clause */
#include <zeek/Val.h>
