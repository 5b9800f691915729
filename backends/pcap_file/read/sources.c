/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds the files of a directory or of a pattern. A directory stands for its
 * regular files whose names do not begin with a dot; everything else in it is
 * skipped. A pattern stands for all matching files except directories; a match
 * that is not regular is an error, because the user asked for it. Names are
 * sorted with numbers in numeric order, file2 before file10, because rotating
 * writers number their files.
 */
#include "read/sources.h"

#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pktio/backend.h>

static int add(struct sources *s, char *name)
{
	if (s->n == s->room) {
		size_t room = s->room ? s->room * 2 : 64;
		char **names = realloc(s->names, room * sizeof(names[0]));

		if (!names)
			return -ENOMEM;
		s->names = names;
		s->room = room;
	}
	s->names[s->n++] = name;
	return 0;
}

/* Takes over `name`, which is on the heap, if it is a file to read. */
static int add_file(struct sources *s, struct pktio_ring *r, char *name,
		    bool by_pattern)
{
	struct stat stat_of;
	int code = 0;

	if (!name)
		return pktio_fail(r, -ENOMEM, "out of memory");
	/* If stat(2) fails here, open fails later with a message. */
	if (stat(name, &stat_of) < 0 || S_ISREG(stat_of.st_mode))
		code = add(s, name);
	else if (S_ISDIR(stat_of.st_mode) || !by_pattern)
		code = 1;
	else
		code = pktio_fail(
			r, -EINVAL,
			"'%s' is not a regular file; a pattern must match regular files only",
			name);
	if (code == -ENOMEM)
		pktio_fail(r, -ENOMEM, "out of memory");
	if (code != 0)
		free(name);
	return code < 0 ? code : 0;
}

static int compare(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int finish(struct sources *s, struct pktio_ring *r, const char *target)
{
	if (s->n == 0)
		return pktio_fail(r, -ENOENT, "no files in '%s'", target);
	qsort(s->names, s->n, sizeof(s->names[0]), compare);
	return 0;
}

static int find_in_directory(struct sources *s, struct pktio_ring *r,
			     const char *target)
{
	DIR *dir = opendir(target);
	struct dirent *entry;
	int code = 0;

	if (!dir)
		return pktio_fail(r, -errno, "cannot open '%s' to read: %s",
				  target, strerror(errno));
	while (code == 0 && (entry = readdir(dir))) {
		char *name = NULL;

		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&name, "%s/%s", target, entry->d_name) < 0)
			name = NULL;
		code = add_file(s, r, name, false);
	}
	closedir(dir);
	return code < 0 ? code : finish(s, r, target);
}

static int find_by_pattern(struct sources *s, struct pktio_ring *r,
			   const char *target)
{
	glob_t found = { 0 };
	int code = glob(target, GLOB_NOSORT, NULL, &found);

	if (code == GLOB_NOSPACE)
		code = pktio_fail(r, -ENOMEM, "out of memory");
	else if (code != 0)
		code = pktio_fail(r, -ENOENT, "no file matches '%s'", target);
	for (size_t i = 0; code == 0 && i < found.gl_pathc; i++)
		code = add_file(s, r, strdup(found.gl_pathv[i]), true);
	globfree(&found);
	return code < 0 ? code : finish(s, r, target);
}

enum kind {
	ONE_FILE, /* or none */
	DIRECTORY,
	PATTERN, /* and no file has this name */
};

static enum kind kind_of(const char *target)
{
	struct stat stat_of;

	if (strcmp(target, "-") == 0)
		return ONE_FILE;
	if (stat(target, &stat_of) == 0)
		return S_ISDIR(stat_of.st_mode) ? DIRECTORY : ONE_FILE;
	return errno == ENOENT && strpbrk(target, "*?[") ? PATTERN : ONE_FILE;
}

bool sources_several(const char *target)
{
	return kind_of(target) != ONE_FILE;
}

int sources_find(struct sources *ret, struct pktio_ring *r, const char *target)
{
	int code;

	*ret = (struct sources){ 0 };
	if (kind_of(target) == DIRECTORY)
		code = find_in_directory(ret, r, target);
	else
		code = find_by_pattern(ret, r, target);
	if (code < 0)
		sources_free(ret);
	return code;
}

void sources_free(struct sources *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->names[i]);
	free(s->names);
	*s = (struct sources){ 0 };
}
