/* SPDX-License-Identifier: BSD-3-Clause */
/* The command `pktio VERB ...`. */
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

#include "copy.h"
#include "diagnostics.h"
#include "list.h"
#include "resolve_uri.h"
#include "util/nearest.h"

static void list_help(FILE *out)
{
	fputs("usage: pktio list [-v] [BACKEND]\n"
	      "\n"
	      "Lists the backends and the interfaces. With -v, lists the options of the\n"
	      "backends as well; with BACKEND, lists the options of this backend.\n",
	      out);
}

static int no_backend(const char *name)
{
	const char *meant = nearest_backend(name);

	return print_error(STATUS_USAGE, "unknown backend '%s'%s%s%s", name,
			   meant ? "; did you mean '" : "; see 'pktio list'",
			   meant ? meant : "", meant ? "'?" : "");
}

static bool is_either(const char *word, const char *letter, const char *name)
{
	return strcmp(word, letter) == 0 || strcmp(word, name) == 0;
}

static int list_main(int argc, char **argv)
{
	const char *backend = NULL;
	bool verbose = false;

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (is_either(word, "-h", "--help")) {
			list_help(stdout);
			return STATUS_OK;
		}
		if (is_either(word, "-v", "--verbose"))
			verbose = true;
		else if (word[0] == '-')
			return print_error(
				STATUS_USAGE,
				"unknown option '%s'; see 'pktio help list'",
				word);
		else if (backend)
			return print_error(
				STATUS_USAGE,
				"unexpected argument '%s'; see 'pktio help list'",
				word);
		else
			backend = word;
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
	fputs("usage: pktio help [COMMAND]\n", out);
}

static const struct verb {
	const char *name, *doc;
	void (*help)(FILE *out);
	int (*main)(int argc, char **argv);
} verbs[] = {
	{ "copy", "copy frames from any source to any destination", copy_help,
	  copy_main },
	{ "list", "list the backends, their options and the interfaces",
	  list_help, list_main },
	{ "help", "show how to use a command", help_help, help_main },
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void help(FILE *out)
{
	fputs("usage: pktio COMMAND [argument ...]\n\n", out);
	for (size_t i = 0; i < VERBS; i++)
		fprintf(out, "  %-8s %s\n", verbs[i].name, verbs[i].doc);
	fputs("\n'pktio help COMMAND' describes a command; 'pktio --version' shows the version.\n",
	      out);
}

/* NULL, after an error message, if there is no such verb. */
static const struct verb *find(const char *name)
{
	const char *names[VERBS];
	const char *meant;

	for (size_t i = 0; i < VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
		names[i] = verbs[i].name;
	}
	meant = nearest_name(name, names, VERBS);
	print_error(STATUS_USAGE, "unknown command '%s'%s%s%s", name,
		    meant ? "; did you mean '" : "; see 'pktio help'",
		    meant ? meant : "", meant ? "'?" : "");
	return NULL;
}

static int help_main(int argc, char **argv)
{
	const struct verb *verb;

	if (argc > 2)
		return print_error(
			STATUS_USAGE,
			"unexpected argument '%s'; see 'pktio help help'",
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
		return print_error(STATUS_FAILED, "standard output: %s",
				   strerror(errno));
	return status;
}
