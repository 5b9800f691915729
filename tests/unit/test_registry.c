/* SPDX-License-Identifier: BSD-3-Clause */
/* The list of backends, and backends in shared objects. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "support/expect.h"
#include "support/fake_backends.h"

/* The directory of the modules that CMake builds. */
#define MODULE(name) MODULE_DIRECTORY "/" name ".so"
#define PATH_ONLY "/only-by-path"

static struct pktio_error error;

static void expect_refused(const char *path, int code, const char *message)
{
	error = (struct pktio_error){ 0 };
	EXPECT_EQ(pktio_backend_load(path, &error), code);
	EXPECT_EQ(error.code, code);
	EXPECT_CONTAINS(error.text, message, "'%s' is not in '%s'", message,
			error.text);
	EXPECT(strstr(error.text, path) || strlen(path) > 100,
	       "'%s' is not named in '%s'", path, error.text);
	EXPECT_EQ(pktio_backend_load(path, NULL), code);
}

static unsigned count_backends(const char *name)
{
	unsigned n = 0;

	for (const struct pktio_backend *b = NULL; (b = pktio_backend_next(b));)
		n += !strcmp(pktio_backend_name(b), name);
	return n;
}

Test(registry, built_in_backends_are_listed_in_their_order)
{
	const struct pktio_backend *b = pktio_backend_next(NULL);
	struct pktio_opt opt = PKTIO_OPT_INIT;

	EXPECT_STR(pktio_backend_name(b), "fake");
	EXPECT_STR(pktio_backend_doc(b), "what tests need");
	EXPECT_EQ(pktio_backend_opt(b, 1, &opt), 0);
	EXPECT_STR(opt.name, "number");
	EXPECT_STR(opt.doc, "a number");
	EXPECT_STR(opt.initial, "5");
	EXPECT_EQ(opt.type, PKTIO_OPT_UINT);
	EXPECT_EQ(opt.min, 1);
	EXPECT_EQ(opt.max, 100);
	EXPECT_EQ(pktio_backend_opt(b, 11, &opt), -ENOENT);
	EXPECT_STR(opt.name, "number");
	b = pktio_backend_next(b);
	EXPECT_STR(pktio_backend_name(b), "needy");
	b = pktio_backend_next(b);
	EXPECT_STR(pktio_backend_name(b), "plain");
	EXPECT_EQ(pktio_backend_opt(b, 0, &opt), -ENOENT);
	b = pktio_backend_next(b);
	EXPECT_STR(pktio_backend_name(b), "wrapper");
	EXPECT(!pktio_backend_next(b), "one too many");
}

Test(registry, a_backend_is_found_by_its_whole_name)
{
	const struct pktio_backend *b = pktio_backend_find("plain");

	REQUIRE(b, "a backend was found");
	EXPECT_STR(pktio_backend_name(b), "plain");
	EXPECT(!pktio_backend_find("plai"), "it has another name");
	EXPECT(!pktio_backend_find(""), "it has a name");
}

Test(registry, a_loaded_backend_is_listed_after_the_others)
{
	const struct pktio_backend *b = NULL;
	const struct pktio_backend *last = NULL;

	REQUIRE(!pktio_backend_find("good"), "it was listed before");
	REQUIRE(!pktio_backend_load(MODULE("good"), &error), "%s", error.text);
	while ((b = pktio_backend_next(b)))
		last = b;
	EXPECT(last == pktio_backend_find("good"), "it is not the last");
	EXPECT_STR(pktio_backend_name(last), "good");
}

Test(registry, a_loaded_backend_opens)
{
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_ring *ring = NULL;
	struct pktio_frame f;

	REQUIRE(!pktio_backend_load(MODULE("good"), &error), "%s", error.text);
	REQUIRE(!pktio_open(&ring, "good:", NULL, &error), "%s", error.text);
	EXPECT_EQ(pktio_get_info(ring, &info), 0);
	EXPECT_EQ(info.ifindex, 4711);
	EXPECT_EQ(pktio_recv(ring, &f, 1), PKTIO_EOF);
	pktio_close(ring);
}

Test(registry, loading_twice_succeeds_and_lists_it_once)
{
	EXPECT_EQ(pktio_backend_load(MODULE("good"), &error), 0);
	EXPECT_EQ(pktio_backend_load(MODULE("good"), &error), 0);
	EXPECT_EQ(pktio_backend_load(MODULE_DIRECTORY "/./good.so", &error), 0);
	EXPECT_EQ(count_backends("good"), 1);
}

Test(registry, a_duplicate_name_is_refused)
{
	expect_refused(
		MODULE("taken"), -EEXIST,
		"contains a backend 'plain', but another backend has this name");
	EXPECT_EQ(count_backends("plain"), 1);
	EXPECT_EQ(pktio_backend_load(MODULE("good"), &error), 0);
	expect_refused(
		MODULE("same-name"), -EEXIST,
		"contains a backend 'good', but another backend has this name");
	EXPECT_EQ(count_backends("good"), 1);
}

Test(registry, a_missing_file_is_refused)
{
	expect_refused("/nowhere/at/all.so", -ENOENT,
		       "No such file or directory");
	expect_refused("good", -ENOENT, "No such file or directory");
	expect_refused("", -ENOENT, "No such file or directory");
}

Test(registry, a_file_that_is_no_shared_object_is_refused)
{
	char path[] = "/tmp/pktio-test-XXXXXX";
	int fd = mkstemp(path);

	REQUIRE(fd >= 0, "mkstemp: %s", strerror(errno));
	expect_refused(path, -ENOEXEC, "cannot load");
	REQUIRE_EQ(write(fd, "#!/bin/sh\n", 10), 10);
	close(fd);
	expect_refused(path, -ENOEXEC, "cannot load");
	unlink(path);
	expect_refused("/", -ENOEXEC, "cannot load");
}

Test(registry, a_shared_object_without_the_symbol_is_refused)
{
	expect_refused(MODULE("other-symbol"), -ENOEXEC,
		       "it has no symbol pktio_backend");
	EXPECT_EQ(count_backends("other-symbol"), 0);
}

#define SIZE_WORDS "has structs of other sizes than this library"

Test(registry, another_abi_or_other_sizes_are_refused)
{
	expect_refused(MODULE("other-abi"), -EPROTO,
		       "is built for backend ABI 999, this library has 2");
	expect_refused(MODULE("other-size-1"), -EPROTO, SIZE_WORDS);
	expect_refused(MODULE("other-size-2"), -EPROTO, SIZE_WORDS);
	expect_refused(MODULE("other-size-3"), -EPROTO, SIZE_WORDS);
	expect_refused(MODULE("other-size-4"), -EPROTO, SIZE_WORDS);
}

Test(registry, an_incomplete_backend_is_refused)
{
	expect_refused(MODULE("incomplete"), -ENOEXEC,
		       "is an incomplete backend");
	error = (struct pktio_error){ 0 };
	EXPECT_EQ(pktio_backend_load(MODULE("bad-default"), &error), -ERANGE);
	EXPECT_STR(
		error.text,
		"bad-default: option 'depth': '10' is out of range; the range is 0 to 9");
	EXPECT_EQ(count_backends("bad-default"), 0);
}

Test(registry, an_open_finds_its_backend_in_the_path)
{
	struct pktio_ring *ring = NULL;

	setenv("PKTIO_BACKEND_PATH",
	       "/nowhere::" MODULE_DIRECTORY PATH_ONLY ":" MODULE_DIRECTORY, 1);
	REQUIRE(!pktio_open(&ring, "by-path:", NULL, &error), "%s", error.text);
	pktio_close(ring);
	REQUIRE(!pktio_open(&ring, "good:", NULL, &error), "%s", error.text);
	pktio_close(ring);
}

Test(registry, open_reports_why_a_backend_in_the_path_is_refused)
{
	struct pktio_ring *ring = NULL;

	setenv("PKTIO_BACKEND_PATH", MODULE_DIRECTORY, 1);
	EXPECT_EQ(pktio_open(&ring, "other-abi:", NULL, &error), -EPROTO);
	EXPECT_CONTAINS(error.text, "ABI 999");
}

Test(registry, a_list_has_the_valid_backends_of_the_path)
{
	setenv("PKTIO_BACKEND_PATH",
	       MODULE_DIRECTORY ":" MODULE_DIRECTORY PATH_ONLY, 1);
	EXPECT_EQ(count_backends("by-path"), 1);
	/* Their order depends on the order of the directory. */
	EXPECT_EQ(count_backends("good"), 1);
	EXPECT_EQ(count_backends("plain"), 1);
	EXPECT_EQ(count_backends("other-abi"), 0);
	EXPECT_EQ(count_backends("incomplete"), 0);
}

Test(registry, a_backend_name_cannot_leave_the_path)
{
	struct pktio_ring *ring = NULL;

	setenv("PKTIO_BACKEND_PATH", MODULE_DIRECTORY PATH_ONLY, 1);
	EXPECT_EQ(pktio_open(&ring, "../good:", NULL, &error), -ENOENT);
	EXPECT(!ring, "it was opened");
}
