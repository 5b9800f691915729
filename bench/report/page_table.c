/* SPDX-License-Identifier: BSD-3-Clause */
/* The tables of a page. */
#include "report/page_table.h"

#include <math.h>
#include <string.h>

#include "report/document.h"
#include "report/page_chart.h"
#include "report/scale.h"

static const struct column {
	const char *name, *title;
	enum unit unit;
	bool whole;
} columns[] = {
	{ "offered_pps", "offered/s", UNIT_RATE, false },
	{ "sent", "sent", UNIT_PLAIN, true },
	{ "received", "received", UNIT_PLAIN, true },
	{ "dropped", "dropped", UNIT_PLAIN, true },
	{ "filtered", "filtered", UNIT_PLAIN, true },
	{ "unaccounted", "unaccounted", UNIT_PLAIN, true },
	{ "loss", "loss", UNIT_SHARE, false },
	{ "pps", "frames/s", UNIT_RATE, false },
	{ "bytes_per_second", "bytes/s", UNIT_BYTE_RATE, false },
	{ "cpu_ns_per_packet", "CPU ns/frame", UNIT_COST, false },
	{ "cpu_user_ns_per_packet", "user", UNIT_COST, false },
	{ "cpu_system_ns_per_packet", "system", UNIT_COST, false },
	{ "wakeups", "wake-ups", UNIT_PLAIN, true },
	{ "cpu_share", "CPU share", UNIT_SHARE, false },
	{ "split_flows", "split flows", UNIT_PLAIN, true },
	{ "latency_p50_ns", "p50", UNIT_NS, false },
	{ "latency_p99_ns", "p99", UNIT_NS, false },
	{ "latency_p99_9_ns", "p99.9", UNIT_NS, false },
	{ "latency_max_ns", "max", UNIT_NS, false },
	{ "invalid_runs", "invalid runs", UNIT_PLAIN, true },
};

#define COLUMNS (sizeof(columns) / sizeof(*columns))

void page_arguments(FILE *out, const json_t *report)
{
	const json_t *list = json_object_get(json_object_get(report, "options"),
					     "arguments");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));

		fputc(' ', out);
		page_text(out, word ? word : "");
	}
}

/* ---- Metrics ------------------------------------------------------------ */

static void find_known(bool known[COLUMNS], const json_t *points)
{
	for (size_t i = 0; i < json_array_size(points); i++) {
		const json_t *results =
			json_object_get(json_array_get(points, i), "results");

		for (size_t j = 0; j < json_array_size(results); j++)
			for (size_t c = 0; c < COLUMNS; c++)
				known[c] = known[c] ||
					   isfinite(report_number(
						   json_array_get(results, j),
						   columns[c].name));
	}
}

static void write_cell(FILE *out, const json_t *result, const struct column *c)
{
	double value = report_number(result, c->name);
	char text[SCALE_TEXT_SIZE];

	fputs("<td>", out);
	if (c->whole && isfinite(value))
		fprintf(out, "%.0f", value);
	else
		page_text(out, scale_write(text, value, c->unit));
	fputs("</td>", out);
}

static void write_row(FILE *out, const char *label, const json_t *result,
		      const bool known[COLUMNS])
{
	fputs("<tr><td>", out);
	page_text(out, label);
	fputs("</td><td class=\"text\">", out);
	page_text(out, report_text(result, "name"));
	fputs("</td>", out);
	for (size_t c = 0; c < COLUMNS; c++)
		if (known[c])
			write_cell(out, result, &columns[c]);
	fputs("</tr>\n", out);
}

void page_metrics(FILE *out, const json_t *report)
{
	const json_t *points = json_object_get(report, "points");
	bool known[COLUMNS] = { false };

	if (json_array_size(points) == 0)
		return;
	find_known(known, points);
	fputs("<h3>All metrics: medians of the runs</h3>\n<div class=\"wide\"><table>\n"
	      "<tr><th>point</th><th class=\"text\">receiver</th>",
	      out);
	for (size_t c = 0; c < COLUMNS; c++)
		if (known[c])
			fprintf(out, "<th>%s</th>", columns[c].title);
	fputs("</tr>\n", out);
	for (size_t i = 0; i < json_array_size(points); i++) {
		const json_t *point = json_array_get(points, i);
		const json_t *results = json_object_get(point, "results");

		for (size_t j = 0; j < json_array_size(results); j++)
			write_row(out, report_text(point, "label"),
				  json_array_get(results, j), known);
	}
	fputs("</table></div>\n", out);
}

/* ---- Facts -------------------------------------------------------------- */

static void write_value(FILE *out, const json_t *value);

static void write_members(FILE *out, const json_t *object)
{
	const char *separator = "";
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)object, name, member)
	{
		fputs(separator, out);
		page_text(out, name);
		fputc(' ', out);
		write_value(out, member);
		separator = ", ";
	}
}

static void write_plain(FILE *out, const json_t *value)
{
	if (json_is_string(value))
		page_text(out, json_string_value(value));
	else if (json_is_number(value))
		fprintf(out, "%.12g", json_number_value(value));
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", out);
	else
		fputs("-", out);
}

/* Writes a value as text. Of a list or an object, writes the members. */
static void write_value(FILE *out, const json_t *value)
{
	if (json_is_object(value)) {
		write_members(out, value);
	} else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			fputs(i ? "; " : "", out);
			write_value(out, json_array_get(value, i));
		}
	} else {
		write_plain(out, value);
	}
}

void page_facts(FILE *out, const json_t *report)
{
	static const char *const parts[] = { "machine",   "environment",
					     "placement", "traffic",
					     "ring",      "options" };
	const char *name;
	json_t *member;

	fputs("<table class=\"facts\">\n", out);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		json_object_foreach(json_object_get(report, parts[i]), name,
				    member)
		{
			fprintf(out, "<tr><th>%s: ", parts[i]);
			for (const char *c = name; *c; c++)
				fputc(*c == '_' ? ' ' : *c, out);
			fputs("</th><td>", out);
			write_value(out, member);
			fputs("</td></tr>\n", out);
		}
	fputs("</table>\n", out);
}
