/* SPDX-License-Identifier: BSD-3-Clause */
/* Detects that source and destination are the same file under any name. */
#include "same_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool identify(struct stat *ret, const char *file, int standard)
{
	if (strcmp(file, "-") == 0)
		return fstat(standard, ret) == 0;
	return stat(file, ret) == 0;
}

static bool is_same_inode(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* A source that is a directory reads all its files that are not hidden. */
static bool contains(const char *directory, const struct stat *file)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	struct stat one;
	bool same = false;

	while (dir && !same && (entry = readdir(dir)))
		same = entry->d_name[0] != '.' &&
		       fstatat(dirfd(dir), entry->d_name, &one, 0) == 0 &&
		       is_same_inode(&one, file);
	if (dir)
		closedir(dir);
	return same;
}

static bool matches(const char *pattern, const struct stat *file)
{
	glob_t found = { 0 };
	struct stat one;
	bool same = false;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc && !same; i++)
			same = stat(found.gl_pathv[i], &one) == 0 &&
			       is_same_inode(&one, file);
	globfree(&found);
	return same;
}

bool same_file(const char *source, const char *destination)
{
	struct stat from;
	struct stat to;

	/* A destination that does not exist, or stores no data, loses nothing.
	 */
	if (!identify(&to, destination, STDOUT_FILENO) ||
	    !(S_ISREG(to.st_mode) || S_ISFIFO(to.st_mode)))
		return false;
	if (!identify(&from, source, STDIN_FILENO))
		return matches(source, &to);
	if (S_ISDIR(from.st_mode))
		return contains(source, &to);
	return is_same_inode(&from, &to);
}
