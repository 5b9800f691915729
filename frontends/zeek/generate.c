/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copies standard input to standard output and replaces the lines between
 * "# generated: SECTION" and "# end" with text from the option and counter
 * tables of the library. The result is tracked, so a build does not run this
 * program; a test checks that the tracked files are up to date.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

/* The next backend by name: the order of pktio_backend_next() depends on the
 * build. */
static const struct pktio_backend *
next_backend(const struct pktio_backend *last)
{
	const struct pktio_backend *b = NULL;
	const struct pktio_backend *next = NULL;

	while ((b = pktio_backend_next(b)))
		if ((!last || strcmp(pktio_backend_name(b),
				     pktio_backend_name(last)) > 0) &&
		    (!next || strcmp(pktio_backend_name(b),
				     pktio_backend_name(next)) < 0))
			next = b;
	return next;
}

/* ---- Options ------------------------------------------------------------ */

static const char *type_name(enum pktio_opt_type type)
{
	static const char *const names[] = {
		[PKTIO_OPT_BOOL] = "yes or no",
		[PKTIO_OPT_UINT] = "number",
		[PKTIO_OPT_SIZE] = "size such as 64K",
		[PKTIO_OPT_TIME] = "time such as 10ms",
		[PKTIO_OPT_ENUM] = "one of",
		[PKTIO_OPT_FLAGS] = "none, or several joined by + of",
		[PKTIO_OPT_STRING] = "text",
	};

	return names[type];
}

static void document(const struct pktio_opt *o)
{
	printf("\t## ``%s``: %s. %c%s", o->name, o->doc,
	       toupper((unsigned char)*type_name(o->type)),
	       type_name(o->type) + 1);
	for (const struct pktio_opt_value *v = o->values; v && v->name; v++)
		printf("%s %s", v == o->values ? "" : ",", v->name);
	if (o->flags & PKTIO_OPT_REQUIRED)
		printf("; required.\n\t##\n");
	else if (o->initial && *o->initial)
		printf("; default %s.\n\t##\n", o->initial);
	else
		printf(".\n\t##\n");
}

static void write_options(void)
{
	const struct pktio_backend *b = NULL;

	while ((b = next_backend(b))) {
		struct pktio_opt o = PKTIO_OPT_INIT;

		printf("\t## Options of %s (%s):\n\t##\n",
		       pktio_backend_name(b), pktio_backend_doc(b));
		for (unsigned i = 0; pktio_backend_opt(b, i, &o) == 0; i++)
			document(&o);
	}
}

/* Several backends may have the same option: list its name once. */
static bool is_listed_before(const struct pktio_backend *last, const char *name)
{
	struct pktio_opt o = PKTIO_OPT_INIT;
	const struct pktio_backend *b = NULL;

	while ((b = next_backend(b)) && b != last)
		for (unsigned i = 0; pktio_backend_opt(b, i, &o) == 0; i++)
			if (strcmp(o.name, name) == 0)
				return true;
	return false;
}

static void write_names(void)
{
	struct pktio_opt o = PKTIO_OPT_INIT;
	const struct pktio_backend *b = NULL;

	while ((b = next_backend(b)))
		for (unsigned i = 0; pktio_backend_opt(b, i, &o) == 0; i++)
			if (!is_listed_before(b, o.name))
				printf("    \"%s\",\n", o.name);
}

/* ---- Counters ----------------------------------------------------------- */

/* Counters of sending stay 0 in a packet source. */
static bool is_shown(const struct pktio_counter *c)
{
	return strncmp(c->name, "sent", 4) != 0 &&
	       strncmp(c->name, "send_", 5) != 0;
}

static void write_fields(void)
{
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		if (is_shown(c))
			printf("\t\t## %c%s; %s, in %s.\n\t\t%s: count &log &default=0;\n",
			       toupper((unsigned char)*c->doc), c->doc + 1,
			       c->gauge ? "gauge" : "counter", c->unit,
			       c->name);
}

static void write_difference(void)
{
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		if (is_shown(c) && !c->gauge)
			printf("\tnow$%s -= before$%s;\n", c->name, c->name);
}

/* Metrics for Prometheus. */
static void write_metrics(void)
{
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		if (is_shown(c))
			printf("global %s_metric = Telemetry::register_%s_family(Telemetry::MetricOpts(\n"
			       "\t$prefix=\"pktio\", $name=\"%s\", $unit=unit(\"%s\"),\n"
			       "\t$help_text=\"%s\"));\n",
			       c->name, c->gauge ? "gauge" : "counter", c->name,
			       c->unit, c->doc);
}

static void write_sync(void)
{
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		if (is_shown(c))
			printf("\tTelemetry::%s_family_set(%s_metric, no_labels, now$%s);\n",
			       c->gauge ? "gauge" : "counter", c->name,
			       c->name);
}

/* ---- Files -------------------------------------------------------------- */

static const struct section {
	const char *name;
	void (*write)(void);
} sections[] = {
	{ "options", write_options }, { "names", write_names },
	{ "fields", write_fields },   { "difference", write_difference },
	{ "metrics", write_metrics }, { "sync", write_sync },
};

static const struct section *find(const char *name)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return &sections[i];
	return NULL;
}

int main(void)
{
	char line[4096];
	bool inside = false;

	while (fgets(line, sizeof(line), stdin)) {
		char name[32];

		if (strstr(line, "# end"))
			inside = false;
		if (!inside)
			fputs(line, stdout);
		if (sscanf(line, " # generated: %31s", name) != 1)
			continue;
		if (!find(name)) {
			fprintf(stderr, "zeek-generate: unknown section '%s'\n",
				name);
			return 1;
		}
		find(name)->write();
		inside = true;
	}
	return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
