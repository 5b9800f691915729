/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MOCK_ZEEK_ZEEK_REPORTER_H
#define MOCK_ZEEK_ZEEK_REPORTER_H

namespace zeek
{

/* The mock stores the messages for the tests. */
class Reporter
{
      public:
	void Info(const char *format, ...)
		__attribute__((format(printf, 2, 3)));
	void Warning(const char *format, ...)
		__attribute__((format(printf, 2, 3)));
	void Error(const char *format, ...)
		__attribute__((format(printf, 2, 3)));
};

extern Reporter *reporter;

} // namespace zeek

#endif
