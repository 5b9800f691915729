/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Copies a file, and writes anew what in it comes from the library's tables:
 * the lines between "# generated: SECTION" and "# end". A build does not need
 * it; what it writes is in the tree, and a test sees that it is up to date.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

/* The next by name: which are built in, and so come first, differs. */
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
		[PKTIO_OPT_UINT] = "a number",
		[PKTIO_OPT_SIZE] = "bytes, as 64K",
		[PKTIO_OPT_TIME] = "a time, as 10ms",
		[PKTIO_OPT_ENUM] = "one of",
		[PKTIO_OPT_FLAGS] = "none, or several with + between of",
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
		printf("; otherwise %s.\n\t##\n", o->initial);
	else
		printf(".\n\t##\n");
}

static void write_options(void)
{
	const struct pktio_backend *b = NULL;

	while ((b = next_backend(b))) {
		const struct pktio_opt *o = pktio_backend_opts(b);

		printf("\t## Of %s, %s:\n\t##\n", pktio_backend_name(b),
		       pktio_backend_doc(b));
		for (; o && o->name; o++)
			document(o);
	}
}

/* Each name once, whichever backends have it. */
static bool came_before(const struct pktio_backend *last, const char *name)
{
	const struct pktio_backend *b = NULL;

	while ((b = next_backend(b)) && b != last)
		for (const struct pktio_opt *o = pktio_backend_opts(b);
		     o && o->name; o++)
			if (strcmp(o->name, name) == 0)
				return true;
	return false;
}

static void write_names(void)
{
	const struct pktio_backend *b = NULL;

	while ((b = next_backend(b)))
		for (const struct pktio_opt *o = pktio_backend_opts(b);
		     o && o->name; o++)
			if (!came_before(b, o->name))
				printf("    \"%s\",\n", o->name);
}

/* ---- Counters ----------------------------------------------------------- */

/* A source does not send. */
static bool is_shown(const struct pktio_counter *c)
{
	return strncmp(c->name, "sent", 4) != 0 &&
	       strncmp(c->name, "send_", 5) != 0;
}

static void write_fields(void)
{
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		if (is_shown(c))
			printf("\t\t## In %s%s: %s.\n\t\t%s: count &log &default=0;\n",
			       c->unit, c->gauge ? ", at this moment" : "",
			       c->doc, c->name);
}

static void write_difference(void)
{
	for (const struct pktio_counter *c = pktio_counters(); c->name; c++)
		if (is_shown(c) && !c->gauge)
			printf("\tnow$%s -= before$%s;\n", c->name, c->name);
}

/* A name of Prometheus' kind. */
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
			fprintf(stderr, "there is no section '%s'\n", name);
			return 1;
		}
		find(name)->write();
		inside = true;
	}
	return ferror(stdin) || fflush(stdout) ? 1 : 0;
}
