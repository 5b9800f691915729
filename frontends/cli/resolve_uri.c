/* SPDX-License-Identifier: BSD-3-Clause */
/* Words of the command line: URIs, files, interfaces. */
#include "resolve_uri.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <pktio/pktio.h>

#include "diagnostics.h"

#define FILES "pcap_file"
#define INTERFACES "af_packet"

static int no_memory(void)
{
	return complain(STATUS_FAILED, "out of memory");
}

/* ---- URIs --------------------------------------------------------------- */

/* "backend:target", with what would mean something else written as %XX. */
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

static unsigned from_hex(char c)
{
	return c <= '9' ? (unsigned)(c - '0') :
			  (unsigned)((c | 0x20) - 'a') + 10;
}

/* The target as a file's name; where %XX is wrong, pktio_open() will say so. */
static char *target_of(const char *uri)
{
	const char *at = strchr(uri, ':') + 1;
	char *file = strndup(at, strcspn(at, "?"));
	char *out = file;

	for (const char *in = file; in && *in; in++) {
		if (*in == '%' &&
		    strspn(in + 1, "0123456789abcdefABCDEF") >= 2) {
			*out++ = (char)(from_hex(in[1]) << 4 | from_hex(in[2]));
			in += 2;
		} else {
			*out++ = *in;
		}
	}
	if (out)
		*out = '\0';
	return file;
}

static int take(struct name *ret, char *uri, const struct pktio_backend *b)
{
	const char *query = uri ? strchr(uri, '?') : NULL;

	*ret = (struct name){ .uri = uri, .backend = b };
	if (!uri)
		return no_memory();
	ret->query = strdup(query ? query + 1 : "");
	if (b && strcmp(pktio_backend_name(b), FILES) == 0)
		ret->file = target_of(uri);
	if (!ret->query ||
	    (b && !ret->file && strcmp(pktio_backend_name(b), FILES) == 0)) {
		name_free(ret);
		return no_memory();
	}
	return STATUS_OK;
}

static int take_made(struct name *ret, const char *backend, const char *target)
{
	return take(ret, make_uri(backend, target),
		    pktio_backend_find(backend));
}

/* ---- Words -------------------------------------------------------------- */

/* What is before the colon; false if that could be no backend at all. */
static bool scheme_of(char *ret, size_t size, const char *word)
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

static int resolve_bare(struct name *ret, const char *word, bool destination)
{
	bool file = file_exists(word);
	/* As a source, all of them are one as well. */
	bool interface = if_nametoindex(word) != 0 ||
			 (!destination && strcmp(word, "any") == 0);

	if (file && interface)
		return complain(
			STATUS_USAGE,
			"'%s' is both a file and an interface; write ./%s or " INTERFACES
			":%s",
			word, word, word);
	if (interface)
		return take_made(ret, INTERFACES, word);
	if (file || destination || strpbrk(word, "/.*?["))
		return take_made(ret, FILES, word);
	return complain(
		STATUS_FAILED,
		"'%s' is neither a file nor an interface; pktio list shows what else there is",
		word);
}

static int no_backend(const char *word, const char *scheme)
{
	const char *names[32];
	const char *meant;
	unsigned n = 0;

	for (const struct pktio_backend *b = pktio_backend_next(NULL);
	     b && n < sizeof(names) / sizeof(names[0]);
	     b = pktio_backend_next(b))
		names[n++] = pktio_backend_name(b);
	meant = nearest(scheme, names, n);
	if (meant)
		return complain(
			STATUS_USAGE,
			"'%s': there is no backend '%s'; did you mean '%s%s'?",
			word, scheme, meant, word + strlen(scheme));
	return complain(
		STATUS_USAGE,
		"'%s': there is no backend '%s'; see pktio list, or write ./%s for a file",
		word, scheme, word);
}

int name_resolve(struct name *ret, const char *word, bool destination)
{
	char scheme[32];

	if (!*word)
		return complain(STATUS_USAGE, "%s is ''; see pktio help copy",
				destination ? "DST" : "SRC");
	if (strcmp(word, "-") == 0)
		return take_made(ret, FILES, word);
	if (scheme_of(scheme, sizeof(scheme), word)) {
		const struct pktio_backend *b = pktio_backend_find(scheme);

		if (b)
			return take(ret, strdup(word), b);
		/* A mistyped backend shall not become the name of a file. */
		if (!file_exists(word))
			return no_backend(word, scheme);
	}
	return resolve_bare(ret, word, destination);
}

void name_free(struct name *name)
{
	free(name->uri);
	free(name->file);
	free(name->query);
	*name = (struct name){ 0 };
}

bool name_sets(const struct name *name, const char *option)
{
	size_t size = strlen(option);

	for (const char *at = name->query; at; at = strchr(at, '&')) {
		at += *at == '&';
		if (strncmp(at, option, size) == 0 && at[size] == '=')
			return true;
	}
	return false;
}
