/* SPDX-License-Identifier: BSD-3-Clause */
/* Whether source and destination are one file, whatever it is called. */
#include "same.h"

#include <glob.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool identify(struct stat *ret, const char *file, int standard)
{
	if (strcmp(file, "-") == 0)
		return fstat(standard, ret) == 0;
	return stat(file, ret) == 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A file that exists in the directory would be read, too. */
static bool is_within(const struct stat *directory, const char *file)
{
	char *copy = strdup(file);
	struct stat parent;
	bool within = copy && stat(dirname(copy), &parent) == 0 &&
		      is_same(directory, &parent);

	free(copy);
	return within;
}

static bool matches(const char *pattern, const struct stat *file)
{
	glob_t found = { 0 };
	struct stat one;
	bool same = false;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !same; i++)
			same = stat(found.gl_pathv[i], &one) == 0 &&
			       is_same(&one, file);
	globfree(&found);
	return same;
}

bool same_file(const char *source, const char *destination)
{
	struct stat from;
	struct stat to;

	/* What is not there yet, or keeps nothing, loses nothing. */
	if (!identify(&to, destination, STDOUT_FILENO) ||
	    !(S_ISREG(to.st_mode) || S_ISFIFO(to.st_mode)))
		return false;
	if (!identify(&from, source, STDIN_FILENO))
		return matches(source, &to);
	if (S_ISDIR(from.st_mode))
		return strcmp(destination, "-") != 0 &&
		       is_within(&from, destination);
	return is_same(&from, &to);
}
