/* SPDX-License-Identifier: BSD-3-Clause */
/* pktio: a command of verbs. */
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

#include "copy.h"
#include "diagnostics.h"
#include "list.h"

static void list_help(FILE *out)
{
	fputs("usage: pktio list [-v] [BACKEND]\n"
	      "\n"
	      "Lists the backends; with -v their options too, or those of one BACKEND.\n",
	      out);
}

static int no_backend(const char *name)
{
	const char *names[32];
	const char *meant;
	unsigned n = 0;

	for (const struct pktio_backend *b = pktio_backend_next(NULL);
	     b && n < sizeof(names) / sizeof(names[0]);
	     b = pktio_backend_next(b))
		names[n++] = pktio_backend_name(b);
	meant = nearest(name, names, n);
	return complain(STATUS_USAGE, "there is no backend '%s'%s%s%s", name,
			meant ? "; did you mean '" : "; see pktio list",
			meant ? meant : "", meant ? "'?" : "");
}

static bool is_either(const char *said, const char *letter, const char *word)
{
	return strcmp(said, letter) == 0 || strcmp(said, word) == 0;
}

static int list_main(int argc, char **argv)
{
	const char *backend = NULL;
	bool verbose = false;

	for (int i = 1; i < argc; i++) {
		const char *said = argv[i];

		if (is_either(said, "-h", "--help")) {
			list_help(stdout);
			return STATUS_OK;
		}
		if (is_either(said, "-v", "--verbose"))
			verbose = true;
		else if (said[0] == '-')
			return complain(
				STATUS_USAGE,
				"there is no option '%s'; see pktio help list",
				said);
		else if (backend)
			return complain(
				STATUS_USAGE,
				"'%s' is left over; see pktio help list", said);
		else
			backend = said;
	}
	if (!backend)
		list_backends(verbose);
	else if (list_options(backend) < 0)
		return no_backend(backend);
	return STATUS_OK;
}

static int help_main(int argc, char **argv);

static void help_help(FILE *out)
{
	fputs("usage: pktio help [VERB]\n", out);
}

static const struct verb {
	const char *name, *doc;
	void (*help)(FILE *out);
	int (*main)(int argc, char **argv);
} verbs[] = {
	{ "copy", "copy frames from any source to any destination", copy_help,
	  copy_main },
	{ "list", "list the backends and their options", list_help, list_main },
	{ "help", "tell how a verb is used", help_help, help_main },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void help(FILE *out)
{
	fputs("usage: pktio VERB [argument ...]\n\n", out);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].doc);
	fputs("\npktio help VERB tells more; pktio --version tells which one this is.\n",
	      out);
}

/* NULL, after it has complained. */
static const struct verb *find(const char *name)
{
	const char *names[VERBS];
	const char *meant;

	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
		names[i] = verbs[i].name;
	}
	meant = nearest(name, names, VERBS);
	complain(STATUS_USAGE, "there is no '%s'%s%s%s", name,
		 meant ? "; did you mean '" : "; see pktio help",
		 meant ? meant : "", meant ? "'?" : "");
	return NULL;
}

static int help_main(int argc, char **argv)
{
	const struct verb *verb;

	if (argc > 2)
		return complain(STATUS_USAGE,
				"'%s' is left over; see pktio help help",
				argv[2]);
	if (argc > 1 && is_either(argv[1], "-h", "--help")) {
		help_help(stdout);
		return STATUS_OK;
	}
	verb = argc > 1 ? find(argv[1]) : NULL;
	if (argc > 1 && !verb)
		return STATUS_USAGE;
	if (verb)
		verb->help(stdout);
	else
		help(stdout);
	return STATUS_OK;
}

static int run(int argc, char **argv)
{
	const struct verb *verb;

	if (argc < 2) {
		help(stderr);
		return STATUS_USAGE;
	}
	if (is_either(argv[1], "-h", "--help")) {
		help(stdout);
		return STATUS_OK;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("pktio %s\n", pktio_version());
		return STATUS_OK;
	}
	verb = find(argv[1]);
	return verb ? verb->main(argc - 1, argv + 1) : STATUS_USAGE;
}

int main(int argc, char **argv)
{
	int status = run(argc, argv);

	if (fflush(stdout) == EOF || ferror(stdout))
		return complain(STATUS_FAILED, "standard output: %s",
				strerror(errno));
	return status;
}
