/* SPDX-License-Identifier: BSD-3-Clause */
/* Resolves SRC and DST of the command line: URIs, files, interfaces. */
#include "resolve_uri.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pktio/pktio.h>

#include "diagnostics.h"
#include "util/nearest.h"
#include "util/percent.h"

#define FILE_BACKEND "pcap_file"
#define INTERFACE_BACKEND "af_packet"

static int no_memory(void)
{
	return print_error(STATUS_FAILED, "out of memory");
}

/* ---- URIs --------------------------------------------------------------- */

/* "backend:target", with '%' and '?' of the target written as %XX. */
static char *make_uri(const char *backend, const char *target)
{
	static const char digits[] = "0123456789ABCDEF";
	char *uri = malloc(strlen(backend) + 2 + 3 * strlen(target));
	char *out = uri;

	if (!uri)
		return NULL;
	out = stpcpy(out, backend);
	*out++ = ':';
	for (; *target; target++) {
		if (*target == '%' || *target == '?') {
			*out++ = '%';
			*out++ = digits[(unsigned char)*target >> 4];
			*out++ = digits[*target & 15];
		} else {
			*out++ = *target;
		}
	}
	*out = '\0';
	return uri;
}

/* Decodes the target to a file name; pktio_open() reports an invalid %XX. */
static char *decode_target(const char *uri)
{
	const char *at = strchr(uri, ':') + 1;
	char *file = strndup(at, strcspn(at, "?"));

	if (file)
		percent_decode(file);
	return file;
}

static int set_result(struct resolved_uri *ret, char *uri,
		      const struct pktio_backend *b)
{
	const char *query = uri ? strchr(uri, '?') : NULL;

	*ret = (struct resolved_uri){ .uri = uri, .backend = b };
	if (!uri)
		return no_memory();
	ret->query = strdup(query ? query + 1 : "");
	if (b && strcmp(pktio_backend_name(b), FILE_BACKEND) == 0)
		ret->file = decode_target(uri);
	if (!ret->query || (b && !ret->file &&
			    strcmp(pktio_backend_name(b), FILE_BACKEND) == 0)) {
		resolved_uri_free(ret);
		return no_memory();
	}
	return STATUS_OK;
}

static int set_built_result(struct resolved_uri *ret, const char *backend,
			    const char *target)
{
	return set_result(ret, make_uri(backend, target),
			  pktio_backend_find(backend));
}

/* ---- Command-line words
 * -------------------------------------------------------------- */

/* Copies the word before the colon; false if it cannot be the name of a
 * backend. */
static bool parse_scheme(char *ret, size_t size, const char *word)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t n = strspn(word, letters);

	if (n == 0 || n >= size || word[n] != ':')
		return false;
	memcpy(ret, word, n);
	ret[n] = '\0';
	return true;
}

static bool file_exists(const char *word)
{
	struct stat info;

	return stat(word, &info) == 0;
}

static int resolve_bare(struct resolved_uri *ret, const char *word,
			bool destination)
{
	bool file = file_exists(word);
	/* "any" is a source too: all interfaces. */
	bool interface = if_nametoindex(word) != 0 ||
			 (!destination && strcmp(word, "any") == 0);

	if (file && interface)
		return print_error(
			STATUS_USAGE,
			"'%s' is both a file and an interface; write ./%s or " INTERFACE_BACKEND
			":%s",
			word, word, word);
	if (interface)
		return set_built_result(ret, INTERFACE_BACKEND, word);
	if (file || destination || strpbrk(word, "/.*?["))
		return set_built_result(ret, FILE_BACKEND, word);
	return print_error(
		STATUS_FAILED,
		"'%s' is neither a file nor an interface; 'pktio list' lists the interfaces",
		word);
}

const char *nearest_backend(const char *name)
{
	const char *names[32];
	unsigned n = 0;

	for (const struct pktio_backend *b = pktio_backend_next(NULL);
	     b && n < sizeof(names) / sizeof(names[0]);
	     b = pktio_backend_next(b))
		names[n++] = pktio_backend_name(b);
	return nearest_name(name, names, n);
}

static int no_backend(const char *word, const char *scheme)
{
	const char *meant = nearest_backend(scheme);

	if (meant)
		return print_error(
			STATUS_USAGE,
			"'%s': unknown backend '%s'; did you mean '%s%s'?",
			word, scheme, meant, word + strlen(scheme));
	return print_error(
		STATUS_USAGE,
		"'%s': unknown backend '%s'; see 'pktio list', or write ./%s for a file",
		word, scheme, word);
}

int resolve_uri(struct resolved_uri *ret, const char *word, bool destination)
{
	char scheme[32];

	if (!*word)
		return print_error(STATUS_USAGE,
				   "%s is empty; see 'pktio help copy'",
				   destination ? "DST" : "SRC");
	if (strcmp(word, "-") == 0)
		return set_built_result(ret, FILE_BACKEND, word);
	if (parse_scheme(scheme, sizeof(scheme), word)) {
		const struct pktio_backend *b = pktio_backend_find(scheme);

		if (b)
			return set_result(ret, strdup(word), b);
		/* Do not create a file because the backend is misspelled. */
		if (!file_exists(word))
			return no_backend(word, scheme);
	}
	return resolve_bare(ret, word, destination);
}

void resolved_uri_free(struct resolved_uri *name)
{
	free(name->uri);
	free(name->file);
	free(name->query);
	*name = (struct resolved_uri){ 0 };
}

bool resolved_uri_sets(const struct resolved_uri *name, const char *option)
{
	size_t size = strlen(option);

	for (const char *at = name->query; at; at = strchr(at, '&')) {
		at += *at == '&';
		if (strncmp(at, option, size) == 0 && at[size] == '=')
			return true;
	}
	return false;
}
