/* SPDX-License-Identifier: BSD-3-Clause */
/* STANDIN_VERSION says which Zeek is stood in for: 8.0.10 is 80010. */
#ifndef STANDIN_ZEEK_VERSION_H
#define STANDIN_ZEEK_VERSION_H

#define ZEEK_VERSION_NUMBER STANDIN_VERSION

#endif
