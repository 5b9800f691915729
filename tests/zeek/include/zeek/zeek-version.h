/* SPDX-License-Identifier: BSD-3-Clause */
/* MOCK_ZEEK_VERSION says which Zeek is stood in for: 8.0.10 is 80010. */
#ifndef MOCK_ZEEK_ZEEK_VERSION_H
#define MOCK_ZEEK_ZEEK_VERSION_H

#define ZEEK_VERSION_NUMBER MOCK_ZEEK_VERSION

#endif
