/* SPDX-License-Identifier: BSD-3-Clause */
/* Splits a URI and decodes its %XX. */
#include "uri.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"
#include "util/percent.h"

int uri_decode(char *text, struct pktio_error *reterr)
{
	if (percent_decode(text))
		return 0;
	return error_set(
		reterr, -EINVAL,
		"'%s': %% must be followed by two hexadecimal digits other than 00; write %%25 for %% itself",
		text);
}

int uri_split(struct uri_parts *ret, const char *uri,
	      struct pktio_error *reterr)
{
	const char *colon = strchr(uri, ':');
	char *text;

	if (!colon || colon == uri)
		return error_set(
			reterr, -EINVAL,
			"'%s' names no backend; write backend:target, for example af_packet:%s",
			uri, colon || !*uri ? "eth0" : uri);
	text = strdup(uri);
	if (!text)
		return error_set(reterr, -ENOMEM, "out of memory");
	text[colon - uri] = '\0';
	*ret = (struct uri_parts){ .text = text,
				   .backend = text,
				   .target = text + (colon - uri) + 1 };
	ret->query = strchr(ret->target, '?');
	if (ret->query)
		*ret->query++ = '\0';
	return 0;
}

int uri_parse_query(struct opt_parser *p, char *query,
		    struct pktio_error *reterr)
{
	while (query && *query) {
		char *name = query;
		char *end = query + strcspn(query, "&");
		char *value;
		int r;

		query = *end ? end + 1 : end;
		*end = '\0';
		value = strchr(name, '=');
		if (!value)
			return error_set(
				reterr, -EINVAL,
				"%s: option '%s' has no value; write %s=...",
				p->backend, name, name);
		*value++ = '\0';
		r = uri_decode(value, reterr);
		if (r == 0)
			r = opt_set(p, name, value, reterr);
		if (r < 0)
			return r;
	}
	return 0;
}
