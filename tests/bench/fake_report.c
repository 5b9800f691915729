/* SPDX-License-Identifier: BSD-3-Clause */
#include "fake_report.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/expect.h"

static json_t *result_of(const struct fake_receiver *m, size_t runs)
{
	double cpu = 0;

	for (size_t i = 0; i < runs; i++)
		cpu += m->cpu[i] / (double)runs;
	return json_pack("{s:s, s:s, s:i, s:f, s:f}", "name", m->name, "kind",
			 m->kind, "invalid_runs", 0, "cpu_ns_per_packet", cpu,
			 "loss", m->loss[0]);
}

static void add_runs(json_t *list, const struct fake_receiver *m, size_t runs)
{
	for (size_t i = 0; i < runs; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:i, s:i, s:b, s:n, s:f, s:f}",
					"receiver", m->name, "point", 0, "run",
					(int)i + 1, "valid", 1, "reason",
					"cpu_ns_per_packet", m->cpu[i], "loss",
					m->loss[i]));
}

static json_t *output_series(const struct fake_receiver *m)
{
	json_t *points = json_array();

	for (int i = 1; i <= 3; i++)
		json_array_append_new(
			points, json_pack("{s:f, s:f, s:f, s:f}", "x", 1e6 * i,
					  "y", m->loss[0] * i, "min",
					  m->loss[0], "max", m->loss[0] * 3));
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}, s:o}",
			 "name", "loss", "receiver", m->name, "scenario", "",
			 "x", "name", "offered_pps", "unit", "frames/s", "y",
			 "name", "loss", "unit", "share", "points", points);
}

json_t *fake_report(const char *mode, const struct fake_receiver *receivers,
		    size_t n, size_t runs)
{
	json_t *results = json_array();
	json_t *list = json_array();
	json_t *series = json_array();
	json_t *report;

	for (size_t i = 0; i < n; i++) {
		json_array_append_new(results, result_of(&receivers[i], runs));
		add_runs(list, &receivers[i], runs);
		json_array_append_new(series, output_series(&receivers[i]));
	}
	report = json_pack(
		"{s:i, s:s, s:s, s:{s:s, s:s}, s:{s:{s:s}}, s:{s:s, s:i, s:[s,s]}, s:i, s:O, s:[{s:i, s:s, s:{s:s}, s:o}], s:o, s:o, s:[], s:[]}",
		"schema", 3, "version", "0", "mode", mode, "machine", "cpu",
		"One & <two>", "kernel", "6.1", "environment", "interface",
		"driver", "veth", "options", "backend", "af_packet", "runs",
		(int)runs, "arguments", "--gen", "a=\"b\"", "headline", 0,
		"results", results, "points", "index", 0, "label", "",
		"parameters", "purpose", "measure", "results", results, "runs",
		list, "series", series, "findings", "notes");
	REQUIRE(report, "the report cannot be made");
	return report;
}

void fake_report_file(char *path, size_t size, json_t *report)
{
	FILE *file;
	int fd;

	snprintf(path, size, "/tmp/pktio-made-XXXXXX");
	fd = mkstemp(path);
	REQUIRE(fd >= 0, "no temporary file");
	file = fdopen(fd, "w");
	REQUIRE_EQ(json_dumpf(report, file, 0), 0);
	REQUIRE_EQ(fclose(file), 0);
	json_decref(report);
}
