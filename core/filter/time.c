/* SPDX-License-Identifier: BSD-3-Clause */
/* Times as text, in the form of ISO 8601. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <pktio/packet.h>

#define NS_PER_SECOND UINT64_C(1000000000)
#define MAX_DIGITS 9U
#define LONGEST 36

/* The fraction of a second with its point, cut to `digits`. */
static void put_fraction(char *ret, uint64_t ns, unsigned digits)
{
	snprintf(ret, MAX_DIGITS + 2, ".%09" PRIu64, ns);
	ret[digits ? digits + 1 : 0] = '\0';
}

static void put_zone(char *ret, size_t size, const struct tm *tm, int local)
{
	long minutes = tm->tm_gmtoff / 60;
	unsigned long absolute =
		(unsigned long)(minutes < 0 ? -minutes : minutes);

	if (local)
		snprintf(ret, size, "%c%02lu:%02lu", minutes < 0 ? '-' : '+',
			 absolute / 60 % 100, absolute % 60);
	else
		snprintf(ret, size, "Z");
}

int pktio_time_format(char *ret, size_t size, uint64_t ts, unsigned digits,
		      int local)
{
	time_t seconds = (time_t)(ts / NS_PER_SECOND);
	char text[LONGEST];
	char fraction[MAX_DIGITS + 2];
	char zone[8];
	char date[24];
	struct tm tm;
	int n;

	if (digits > MAX_DIGITS)
		return -EINVAL;
	if (!(local ? localtime_r(&seconds, &tm) : gmtime_r(&seconds, &tm)))
		return -EINVAL;
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm);
	put_fraction(fraction, ts % NS_PER_SECOND, digits);
	put_zone(zone, sizeof(zone), &tm, local);
	n = snprintf(text, sizeof(text), "%s%s%s", date, fraction, zone);
	if ((size_t)n >= size)
		return -ENOSPC;
	memcpy(ret, text, (size_t)n + 1);
	return n;
}
