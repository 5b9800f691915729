/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The HTML page: for each report its findings, its charts and a table of all
 * metrics; at the end the machine. The page is well-formed XML, so that tools
 * can check it.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/charts.h"
#include "report/document.h"
#include "report/page_chart.h"
#include "report/page_table.h"
#include "report/report.h"

static const char style[] =
	":root{--bg:#fcfcfb;--fg:#1c1b1a;--dim:#6b6965;--line:#e4e2dd;--warn:#b42318;"
	"--c0:#1d5fbf;--c1:#c2500c;--c2:#1f7a3f;--c3:#8a3ab9;--c4:#b3261e;--c5:#0b7285;--c6:#7a5c00;--c7:#b01466;--c8:#4a7010;--c9:#5c6670}\n"
	"@media (prefers-color-scheme:dark){:root{--bg:#16171a;--fg:#e8e6e3;--dim:#9b9892;--line:#303236;--warn:#ff8a80;"
	"--c0:#6ea8fe;--c1:#ff9e57;--c2:#5fd38d;--c3:#cf9bff;--c4:#ff8a80;--c5:#4dd0e1;--c6:#e6c34a;--c7:#f48fb1;--c8:#b5dc5a;--c9:#a9b4c0}}\n"
	"body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1240px;padding:28px 24px 60px}\n"
	"h1{font-size:25px;line-height:1.25;margin:0 0 4px}h2{font-size:20px;margin:48px 0 6px;padding-top:18px;border-top:1px solid var(--line)}\n"
	"h3{font-size:15px;margin:26px 0 6px}p{margin:4px 0}.dim,figcaption span{color:var(--dim)}.warn{color:var(--warn);font-weight:600}\n"
	"ul{margin:8px 0;padding-left:20px}nav a{color:var(--c0);margin-right:16px}\n"
	".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(540px,100%),1fr));gap:28px 36px;margin-top:18px}\n"
	"figure{margin:0;min-width:0}figcaption b{display:block;font-weight:600}figcaption span{font-size:13px}svg{width:100%;height:auto;display:block;margin-top:6px}\n"
	"svg text{font:12px system-ui,sans-serif;fill:var(--fg)}.tick,.axis-name{fill:var(--dim)!important}.grid{stroke:var(--line)}.axis{stroke:var(--dim);stroke-width:.8}\n"
	".line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.band{fill:var(--c);opacity:.15}.mark{fill:var(--c)}\n"
	".name,.of{fill:var(--c)!important;font-weight:600!important}.leader{stroke:var(--c);stroke-width:.7}.diagonal{stroke:var(--dim);stroke-dasharray:2 4}\n"
	".bar{fill:var(--c)}.whisker{stroke:var(--fg);stroke-width:1.4}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}th,td{padding:3px 10px 3px 0;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}\n"
	"th{font-weight:600}th:first-child,td:first-child,th.text,td.text{text-align:left}.facts td{text-align:left;white-space:normal;overflow-wrap:anywhere}.facts th{text-align:left;color:var(--dim);font-weight:400;vertical-align:top}\n";

/* ---- Findings ----------------------------------------------------------- */

static const char *title_of(const json_t *report)
{
	static const char *const titles[][2] = {
		{ "plain", "Maximum rate" },
		{ "scaling", "Several rings" },
		{ "rates", "Offered rates" },
		{ "search", "Highest rate without loss" },
		{ "burst", "Longest burst without loss" },
		{ "idle", "Idle rings" },
		{ "formats", "File formats and codecs" },
		{ "replay_jitter", "Replay jitter" },
	};
	const char *title = report_text(report, "title");
	const char *mode = report_text(report, "mode");

	for (size_t i = 0; !*title && i < sizeof(titles) / sizeof(*titles); i++)
		if (strcmp(titles[i][0], mode) == 0)
			return titles[i][1];
	return *title ? title : mode;
}

static void write_item(FILE *out, const char *class, const char *text)
{
	fprintf(out, "<li%s%s%s>", *class ? " class=\"" : "", class,
		*class ? "\"" : "");
	page_text(out, text);
	fputs("</li>\n", out);
}

/* "af_packet uses 0.72 times as much CPU time ... (0.64 to 0.77)" */
static void write_ratio(FILE *out, const json_t *report, const char *other,
			const char *spread, const char *unit_text)
{
	const json_t *ratio =
		json_object_get(json_object_get(report, spread), other);
	const char *label = report_label(
		report, (size_t)fmax(0, report_number(report, "headline")));
	double median = report_number(ratio, "median");
	double min = report_number(ratio, "min");
	double max = report_number(ratio, "max");
	char over[64] = "";
	char text[512];

	if (max > min)
		snprintf(over, sizeof(over), " (%.2f to %.2f in the runs)", min,
			 max);
	if (!isfinite(median))
		return;
	snprintf(text, sizeof(text), "%s%s%s %s %.2f times %s as %s%s", label,
		 *label ? ": " : "",
		 report_text(json_object_get(report, "options"), "backend"),
		 strcmp(spread, "ratio_spread") == 0 ? "uses" : "receives",
		 median, unit_text, other, over);
	write_item(out, "", text);
}

static void write_ratios(FILE *out, const json_t *report)
{
	const json_t *results = json_object_get(report, "results");
	const json_t *live = json_object_get(
		json_object_get(report, "environment"), "interface");

	for (size_t i = 1; i < json_array_size(results); i++) {
		const char *other =
			report_text(json_array_get(results, i), "name");

		write_ratio(out, report, other, "ratio_spread",
			    "as much CPU time per frame");
		if (!json_is_object(live))
			write_ratio(out, report, other, "speedup_spread",
				    "as many frames per second");
	}
}

static void write_invalid(FILE *out, const json_t *report)
{
	const json_t *runs = json_object_get(report, "runs");
	size_t invalid = 0;
	const char *reason = "";
	char text[512];

	for (size_t i = 0; i < json_array_size(runs); i++) {
		const json_t *run = json_array_get(runs, i);

		if (!json_is_false(json_object_get(run, "valid")))
			continue;
		if (invalid++ == 0)
			reason = report_text(run, "reason");
	}
	if (invalid == 0)
		return;
	snprintf(
		text, sizeof(text),
		"%zu of %zu runs are invalid and not in the charts; reason of the first: %s",
		invalid, json_array_size(runs), reason);
	write_item(out, "warn", text);
}

static void write_findings(FILE *out, const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings");
	const json_t *notes = json_object_get(report, "notes");
	const json_t *latency = json_object_get(
		json_object_get(report, "replay_jitter"), "latency");
	char text[256];

	fputs("<ul>\n", out);
	write_invalid(out, report);
	for (size_t i = 0; i < json_array_size(findings); i++)
		write_item(out, "",
			   report_text(json_array_get(findings, i), "text"));
	if (strcmp(report_text(report, "mode"), "search") != 0 &&
	    strcmp(report_text(report, "mode"), "burst") != 0)
		write_ratios(out, report);
	if (json_is_object(latency)) {
		char times[3][SCALE_TEXT_SIZE];

		snprintf(
			text, sizeof(text),
			"%.0f frames: 50 %% within %s, 99 %% within %s, all within %s of their time",
			report_number(latency, "count"),
			scale_write(times[0], report_number(latency, "p50"),
				    UNIT_NS),
			scale_write(times[1], report_number(latency, "p99"),
				    UNIT_NS),
			scale_write(times[2], report_number(latency, "max"),
				    UNIT_NS));
		write_item(out, "", text);
	}
	for (size_t i = 0; i < json_array_size(notes); i++)
		write_item(out, "dim",
			   json_string_value(json_array_get(notes, i)));
	if (json_is_true(json_object_get(report, "interrupted")))
		write_item(
			out, "warn",
			"The measurement was interrupted; some runs are missing.");
	/* A list must not be empty. */
	fputs("<li class=\"dim\">bench", out);
	page_arguments(out, report);
	fputs("</li>\n</ul>\n", out);
}

/* ---- The page ----------------------------------------------------------- */

static int write_report(FILE *out, const json_t *report, size_t number,
			struct chart_colours *colours)
{
	struct charts charts;
	int r = charts_of(&charts, report, colours);

	if (r < 0)
		return r;
	fprintf(out, "<section id=\"r%zu\">\n<h2>", number);
	page_text(out, title_of(report));
	fputs("</h2>\n", out);
	write_findings(out, report);
	fputs("<div class=\"charts\">\n", out);
	for (size_t i = 0; i < charts.n; i++)
		page_chart(out, &charts.list[i]);
	fputs("</div>\n", out);
	charts_free(&charts);
	page_metrics(out, report);
	fputs("</section>\n", out);
	return 0;
}

static void write_head(FILE *out, const json_t *document)
{
	const json_t *report = report_at(document, 0);
	const json_t *machine = json_object_get(report, "machine");
	const char *suite = report_text(document, "suite");
	const char *backend =
		report_text(json_object_get(report, "options"), "backend");
	char title[256];

	snprintf(title, sizeof(title), "%s%s%s on %s, Linux %s", backend,
		 *suite ? ", suite " : "", suite, report_text(machine, "cpu"),
		 report_text(machine, "kernel"));
	fputs("<!DOCTYPE html>\n"
	      "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width\"/>\n<title>",
	      out);
	page_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>",
		style);
	page_text(out, title);
	fputs("</h1>\n<p class=\"dim\">Measured ", out);
	page_text(out,
		  report_text(json_object_get(report, "environment"), "time"));
	fputs(" by bench of pktio ", out);
	page_text(out, report_text(report, "version"));
	fputs(". Point at a mark in a chart to see its value.</p>\n", out);
}

static void write_contents(FILE *out, const json_t *document)
{
	size_t n = report_count(document);

	if (n < 2)
		return;
	fputs("<nav><p>", out);
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "<a href=\"#r%zu\">", i);
		page_text(out, title_of(report_at(document, i)));
		fputs("</a>\n", out);
	}
	fputs("</p></nav>\n", out);
}

/* Lists the parts of a suite without a report, and the reasons. */
static void write_missing_parts(FILE *out, const json_t *failures,
				const char *class)
{
	size_t n = json_array_size(failures);

	if (n > 0)
		fputs("<ul>\n", out);
	for (size_t i = 0; i < n; i++) {
		const json_t *f = json_array_get(failures, i);
		char text[512];

		snprintf(text, sizeof(text), "%s: %s", report_text(f, "title"),
			 report_text(f, "reason"));
		write_item(out, class, text);
	}
	if (n > 0)
		fputs("</ul>\n", out);
}

static int write_page(FILE *out, const json_t *document)
{
	struct chart_colours colours = { 0 };
	int r = 0;

	write_head(out, document);
	write_contents(out, document);
	write_missing_parts(out, json_object_get(document, "failures"), "warn");
	write_missing_parts(out, json_object_get(document, "skipped"), "dim");
	for (size_t i = 0; r == 0 && i < report_count(document); i++)
		r = write_report(out, report_at(document, i), i, &colours);
	fputs("<section>\n<h2>Machine and options</h2>\n", out);
	page_facts(out, report_at(document, 0));
	fputs("</section>\n</body>\n</html>\n", out);
	return r;
}

int report_write_html(const char *path, const json_t *document,
		      struct report_error *reterr)
{
	FILE *out = fopen(path, "we");
	int r;

	if (!out)
		return report_fail(reterr, -errno,
				   "--html: cannot write '%s': %s", path,
				   strerror(errno));
	r = write_page(out, document);
	if (ferror(out) && r == 0)
		r = -EIO;
	if (fclose(out) == EOF && r == 0)
		r = -errno;
	if (r < 0)
		report_fail(reterr, r, "--html: cannot write '%s': %s", path,
			    strerror(-r));
	return r;
}
