/* SPDX-License-Identifier: BSD-3-Clause */
/* bench: how does a backend receive, on this machine? */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "lateness.h"
#include "list.h"
#include "report.h"

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* Where the JSON goes, and the table, which gives way to it. */
struct outputs {
	FILE *json, *table; /* json may be NULL */
};

static int complain(const struct pktio_error *error)
{
	fprintf(stderr, "bench: %s\n", error->text);
	return EXIT_FAILURE;
}

/* pktio_open() knows the words, and what was probably meant. */
static bool backend_exists(const char *name)
{
	struct pktio_error error = { 0 };
	struct pktio_ring *ring;
	char uri[128];

	if (pktio_backend_find(name))
		return true;
	snprintf(uri, sizeof(uri), "%s:", name);
	if (pktio_open(&ring, uri, NULL, &error) == 0)
		pktio_close(ring);
	complain(&error);
	return false;
}

static int open_outputs(struct outputs *ret, const struct options *o)
{
	*ret = (struct outputs){ .table = stdout };
	if (o->json && !o->json_file) {
		ret->json = stdout;
		ret->table = stderr;
	} else if (o->json) {
		ret->json = fopen(o->json_file, "we");
		if (!ret->json) {
			fprintf(stderr, "bench: cannot write '%s': %s\n",
				o->json_file, strerror(errno));
			return -errno;
		}
	}
	return 0;
}

/* Prints what there is; the exit status. */
static int report(const struct outputs *out, const struct results *results)
{
	int status = EXIT_SUCCESS;

	report_table(out->table, results);
	if (out->json && report_json(out->json, results) < 0) {
		fprintf(stderr, "bench: the JSON could not be written\n");
		status = EXIT_FAILURE;
	}
	for (size_t i = 0; i < results->ncontenders; i++)
		if (results_invalid(results, results->contenders[i]))
			status = EXIT_FAILURE;
	return results->interrupted ? EXIT_INTERRUPTED : status;
}

static int measure(const struct options *o)
{
	struct pktio_error error = { 0 };
	struct results results = { 0 };
	struct outputs out = { 0 };
	struct plan plan = { 0 };
	int status = EXIT_FAILURE;
	int r;

	if (!backend_exists(o->backend))
		return EXIT_USAGE;
	if (open_outputs(&out, o) < 0)
		return EXIT_FAILURE;
	interrupt_catch();
	r = plan_make(&plan, o, &error);
	if (r == 0)
		r = results_collect(&results, &plan, &error);
	if (results.n > 0)
		status = report(&out, &results);
	else if (r == 0) /* interrupted before the first run was over */
		status = EXIT_INTERRUPTED;
	if (r < 0)
		status = complain(&error);
	results_free(&results);
	plan_free(&plan);
	if (out.json && out.json != stdout && fclose(out.json) == EOF)
		status = EXIT_FAILURE;
	return status;
}

static int lateness(const struct options *o)
{
	struct pktio_error error = { 0 };

	interrupt_catch();
	if (lateness_measure(stdout, o, &error) < 0)
		return complain(&error);
	return interrupt_came() ? EXIT_INTERRUPTED : EXIT_SUCCESS;
}

static int place(const struct options *o)
{
	struct placement placement;
	struct pktio_error error = { 0 };

	if (place_choose(&placement, o->interface, true, &error) < 0)
		return complain(&error);
	fputs(placement.topology, stdout);
	printf("receiver on CPU %d", placement.receiver);
	if (placement.sender >= 0)
		printf(", sender on CPU %d", placement.sender);
	printf(": %s\n", placement.why);
	free(placement.topology);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct options o;

	if (options_parse(&o, argc, argv) < 0)
		return EXIT_USAGE;
	switch (o.action) {
	case ACTION_HELP:
		options_help(stdout);
		return EXIT_SUCCESS;
	case ACTION_VERSION:
		printf("bench (pktio %s)\n", pktio_version());
		return EXIT_SUCCESS;
	case ACTION_LIST:
		list_backends(o.verbose);
		return EXIT_SUCCESS;
	case ACTION_OPTIONS:
		return backend_exists(o.backend) &&
				       list_options(o.backend) == 0 ?
			       EXIT_SUCCESS :
			       EXIT_USAGE;
	case ACTION_LATENESS:
		return lateness(&o);
	case ACTION_PLACE:
		return place(&o);
	case ACTION_MEASURE:
		break;
	}
	return measure(&o);
}
