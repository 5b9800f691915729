/* SPDX-License-Identifier: BSD-3-Clause */
/* The names of rotated files, and which files are kept. */
#include "write/rotate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"

/* The next conversion from `at` on, except %%; NULL: none. */
static const char *conversion(const char *at)
{
	for (at = strchr(at, '%'); at && at[1] == '%'; at = strchr(at + 2, '%'))
		;
	return at && at[1] ? at : NULL;
}

static bool has_number(const char *pattern)
{
	const char *at = conversion(pattern);

	while (at && at[1] != 'i')
		at = conversion(at + 2);
	return at != NULL;
}

int rotate_start(struct rotate *r, const char *pattern, bool by_time_only,
		 uint32_t keep)
{
	r->pattern = pattern;
	r->placed = has_number(pattern);
	r->numbered = !r->placed && (!by_time_only || !conversion(pattern));
	r->keep = keep;
	r->kept = keep ? calloc(keep, sizeof(r->kept[0])) : NULL;
	return keep && !r->kept ? -ENOMEM : 0;
}

void rotate_stop(struct rotate *r)
{
	for (uint32_t i = 0; r->kept && i < r->keep; i++)
		free(r->kept[i]);
	free(r->kept);
	r->kept = NULL;
}

/* Replaces %i in the pattern by the number; false: too long. */
static bool put_number(const struct rotate *r, char *ret, size_t size)
{
	const char *from = r->pattern;
	size_t used = 0;

	for (const char *at = conversion(from); at; at = conversion(at + 2)) {
		int n;

		if (at[1] != 'i')
			continue;
		n = snprintf(ret + used, size - used, "%.*s%06" PRIu64,
			     (int)(at - from), from, r->number);
		if (n < 0 || (size_t)n >= size - used)
			return false;
		used += (size_t)n;
		from = at + 2;
	}
	return (size_t)snprintf(ret + used, size - used, "%s", from) <
	       size - used;
}

/* Where the number goes: before .pcap or .pcap.gz, or at the end. */
static size_t before_ending(const char *path)
{
	static const char *const codecs[] = { ".gz", ".zst", ".lz4" };
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	size_t end = strlen(base);
	size_t dot;

	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
		size_t n = strlen(codecs[i]);

		if (end > n && strcmp(base + end - n, codecs[i]) == 0) {
			end -= n;
			break;
		}
	}
	for (dot = end; dot > 1 && base[dot - 1] != '.'; dot--)
		;
	return (size_t)(base - path) + (dot > 1 ? dot - 1 : end);
}

/* The pattern comes from the user, and can do no more harm than a name. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static bool put_time(char *ret, size_t size, const char *pattern,
		     const struct tm *tm)
{
	return strftime(ret, size, pattern, tm) > 0;
}
#pragma GCC diagnostic pop

int rotate_name(struct rotate *r, uint64_t ts, unsigned attempt)
{
	time_t seconds = (time_t)(ts / NS_PER_S);
	char pattern[PATH_MAX];
	char ending[PATH_MAX];
	uint64_t number = attempt;
	struct tm tm;
	size_t at;
	int n;

	if (r->numbered || r->placed)
		number = ++r->number;
	if (!put_number(r, pattern, sizeof(pattern)))
		return -ENAMETOOLONG;
	if (r->local)
		localtime_r(&seconds, &tm);
	else
		gmtime_r(&seconds, &tm);
	if (!put_time(r->path, sizeof(r->path), pattern, &tm))
		return -ENAMETOOLONG;
	if (r->placed || number == 0)
		return 0;
	at = before_ending(r->path);
	snprintf(ending, sizeof(ending), "%s", r->path + at);
	n = snprintf(r->path + at, sizeof(r->path) - at, "-%06" PRIu64 "%s",
		     number, ending);
	return (size_t)n < sizeof(r->path) - at ? 0 : -ENAMETOOLONG;
}

int rotate_delete_oldest(struct rotate *r)
{
	char *path;
	int ret = 0;

	if (!r->keep || r->nkept < r->keep)
		return 0;
	path = r->kept[r->oldest];
	if (unlink(path) < 0 && errno != ENOENT) {
		ret = -errno;
		snprintf(r->path, sizeof(r->path), "%s", path);
	}
	free(path);
	r->kept[r->oldest] = NULL;
	r->oldest = (r->oldest + 1) % r->keep;
	r->nkept--;
	return ret;
}

int rotate_add(struct rotate *r)
{
	char *path;

	if (!r->keep)
		return 0;
	path = strdup(r->path);
	if (!path)
		return -ENOMEM;
	r->kept[(r->oldest + r->nkept++) % r->keep] = path;
	return 0;
}

int rotate_directory(const char *pattern)
{
	const char *end = conversion(pattern);
	char path[PATH_MAX];
	size_t n = 0;
	char *slash;

	/* The part before the first conversion, with %% replaced by %. */
	for (const char *at = pattern; *at && at != end && n < sizeof(path) - 1;
	     at++) {
		path[n++] = *at;
		at += at[0] == '%' && at[1] == '%';
	}
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return access(".", W_OK | X_OK) < 0 ? -errno : 0;
	slash[slash == path] = '\0'; /* "/" itself is a directory */
	return access(path, X_OK) < 0 || (!(end && strchr(end, '/')) &&
					  access(path, W_OK) < 0) ?
		       -errno :
		       0;
}
