/* SPDX-License-Identifier: BSD-3-Clause */
/* bench: measures how a backend receives on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/options_parse.h"
#include "list.h"
#include "measure/mode.h"
#include "output/output.h"
#include "scenario/plan_make.h"
#include "system/process.h"
#include "system/topology.h"

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* The table goes to standard error if the document goes to standard output. */
struct outputs {
	FILE *json, *table; /* json: NULL if it is not wanted */
};

static int print_error(const struct pktio_error *error)
{
	fprintf(stderr, "bench: %s\n", error->text);
	return EXIT_FAILURE;
}

/* If there is no such backend, prints the message of pktio_open(), which
 * suggests a name. */
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
	print_error(&error);
	return false;
}

static int open_outputs(struct outputs *ret, const struct options *o)
{
	struct pktio_error error = { 0 };
	int r;

	*ret = (struct outputs){ .table = stdout };
	r = report_output_open(&ret->json, o, &error);
	if (r < 0) {
		print_error(&error);
	} else if (o->json && !o->json_file) {
		ret->json = stdout;
		ret->table = stderr;
	}
	return r;
}

/* Returns the exit status, which is a failure if closing fails. */
static int close_outputs(struct outputs *out, int status)
{
	if (out->json && out->json != stdout && fclose(out->json) == EOF)
		return EXIT_FAILURE;
	return status;
}

/* Prints the results; returns the exit status. */
static int print_results(const struct outputs *out,
			 const struct results *results)
{
	struct pktio_error error = { 0 };
	int status = EXIT_SUCCESS;

	output_table(out->table, results);
	if (report_output_write(results->plan->options, out->json,
				output_json(results), &error) < 0)
		status = print_error(&error);
	for (size_t i = 0; i < results->n; i++)
		if (!results->runs[i].valid)
			status = EXIT_FAILURE;
	for (size_t i = 0; i < results->nreceivers; i++)
		if (*results->failures[i].text)
			status = print_error(&results->failures[i]);
	return status;
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
	interrupt_install();
	r = plan_make(&plan, o, &error);
	if (r == 0)
		r = mode_run(&results, &plan, &error);
	if (results.n > 0)
		status = print_results(&out, &results);
	if (r < 0)
		status = print_error(&error);
	if (interrupt_pending())
		status = EXIT_INTERRUPTED;
	results_free(&results);
	plan_free(&plan);
	return close_outputs(&out, status);
}

static int measure_replay_jitter(const struct options *o)
{
	struct pktio_error error = { 0 };
	struct outputs out = { 0 };
	int status = EXIT_SUCCESS;

	if (open_outputs(&out, o) < 0)
		return EXIT_FAILURE;
	interrupt_install();
	if (replay_jitter_measure(out.table, out.json, o, &error) < 0)
		status = print_error(&error);
	else if (interrupt_pending())
		status = EXIT_INTERRUPTED;
	return close_outputs(&out, status);
}

static int measure_suite(const struct options *o)
{
	struct pktio_error error = { 0 };
	struct outputs out = { 0 };
	int status = EXIT_SUCCESS;
	json_t *document;

	if (!backend_exists(o->backend))
		return EXIT_USAGE;
	if (open_outputs(&out, o) < 0)
		return EXIT_FAILURE;
	interrupt_install();
	document = suite_run(o, out.table, &status);
	if (report_output_write(o, out.json, document, &error) < 0)
		status = print_error(&error);
	return close_outputs(&out, status);
}

static int convert_report(const struct options *o)
{
	struct pktio_error error = { 0 };

	return report_output_convert(o, &error) < 0 ? print_error(&error) :
						      EXIT_SUCCESS;
}

static int compare_reports(const struct options *o)
{
	struct pktio_error error = { 0 };
	int r = report_output_compare(o, &error);

	if (r >= 0)
		return r;
	print_error(&error);
	return EXIT_USAGE;
}

static int show_placement(const struct options *o)
{
	struct placement placement;
	struct pktio_error error = { 0 };
	int cpus[AFFINITY_MAX_WORKERS];
	unsigned n = o->workers ? o->workers : 1;
	int r = placement_choose(&placement, o->interface, true, &error);

	if (r < 0)
		return print_error(&error);
	r = affinity_assign(cpus, n, &placement, o->bind, o->oversubscribe,
			    &error);
	if (r < 0) {
		placement_free(&placement);
		return print_error(&error);
	}
	fputs(placement.topology, stdout);
	if (n == 1)
		printf("receiver on CPU %d", cpus[0]);
	else
		printf("workers on CPUs");
	for (unsigned i = 0; n > 1 && i < n; i++)
		printf("%s %d", i ? "," : "", cpus[i]);
	if (placement.sender >= 0)
		printf(", sender on CPU %d", placement.sender);
	printf(": %s\n", placement.reason);
	placement_free(&placement);
	return EXIT_SUCCESS;
}

static int run_action(const struct options *o)
{
	switch (o->action) {
	case ACTION_HELP:
		options_help(stdout);
		return EXIT_SUCCESS;
	case ACTION_VERSION:
		printf("bench (pktio %s)\n", pktio_version());
		return EXIT_SUCCESS;
	case ACTION_LIST:
		list_backends(o->verbose);
		return EXIT_SUCCESS;
	case ACTION_OPTIONS:
		return backend_exists(o->backend) &&
				       list_options(o->backend) == 0 ?
			       EXIT_SUCCESS :
			       EXIT_USAGE;
	case ACTION_REPLAY_JITTER:
		return measure_replay_jitter(o);
	case ACTION_SHOW_PLACEMENT:
		return show_placement(o);
	case ACTION_REPORT:
		return convert_report(o);
	case ACTION_COMPARE:
		return compare_reports(o);
	case ACTION_SUITE:
		return measure_suite(o);
	case ACTION_MEASURE:
		break;
	}
	return measure(o);
}

int main(int argc, char **argv)
{
	struct options o;
	int status = EXIT_USAGE;

	if (options_parse(&o, argc, argv) == 0)
		status = run_action(&o);
	options_free(&o);
	return status;
}
