/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Writes a script for gnuplot that includes the data, and runs gnuplot on it.
 * The script is a file and not a pipe: if gnuplot stops early, bench gets an
 * exit status and no SIGPIPE.
 */
#include "report/report.h"

#include <errno.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/charts.h"
#include "report/document.h"

#define TERMINAL "set terminal pngcairo"
#define COLUMNS 2U
#define CELL_WIDTH 760U
#define CELL_HEIGHT 420U
#define NAME_GAP 0.055 /* of the height of a chart */
#define MAX_CELLS 120U /* gnuplot refuses larger pictures */

/* Writes a quoted string. In the text of a tick, `%` starts a format. */
static void write_text(FILE *out, const char *text, bool tick)
{
	fputc('\'', out);
	for (; *text; text++) {
		if (*text == '\'' || (*text == '%' && tick))
			fputc(*text, out);
		fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
	}
	fputc('\'', out);
}

static const char *colour(unsigned number)
{
	static const char *const colours[CHART_COLOURS] = {
		"#1d5fbf", "#c2500c", "#1f7a3f", "#8a3ab9", "#b3261e",
		"#0b7285", "#7a5c00", "#b01466", "#4a7010", "#5c6670",
	};

	return colours[number % CHART_COLOURS];
}

static void write_axis(FILE *out, char name, const struct chart_axis *axis,
		       const struct scale *scale)
{
	char text[SCALE_TEXT_SIZE];

	fprintf(out, "%sset logscale %c\nset %crange [%g:%g]\nset %clabel ",
		scale->logarithmic ? "" : "un", name, name, scale->low,
		scale->high, name);
	write_text(out, axis->title, false);
	fprintf(out, "\nset %ctics nomirror (", name);
	for (size_t i = 0; i < scale->nticks; i++) {
		/* Rings are integers. */
		if (axis->unit == UNIT_PLAIN &&
		    scale->ticks[i] != rint(scale->ticks[i]))
			continue;
		fputs(i ? ", " : "", out);
		write_text(out, scale_write(text, scale->ticks[i], axis->unit),
			   true);
		fprintf(out, " %g", scale->ticks[i]);
	}
	fputs(")\n", out);
}

static void write_title(FILE *out, const struct chart *chart)
{
	fputs("unset label\nset title ", out);
	write_text(out, chart->title, false);
	fputs(" . \"\\n\" . ", out);
	write_text(out, chart->subtitle, false);
	fputc('\n', out);
}

/* ---- Lines -------------------------------------------------------------- */

static void write_points(FILE *out, const struct chart *chart)
{
	for (size_t i = 0; i < chart->nlines; i++) {
		const struct chart_line *line = &chart->lines[i];

		fprintf(out, "$line%zu << END\n", i);
		for (size_t j = 0; j < line->n; j++)
			fprintf(out, "%.9g %.9g %.9g %.9g\n", line->points[j].x,
				line->points[j].y, line->points[j].min,
				line->points[j].max);
		fputs("END\n", out);
	}
}

/* Writes the names at the ends of the lines, without overlap. */
static void write_names(FILE *out, const struct chart *chart,
			const struct scale *y)
{
	double positions[CHART_MAX_LINES] = { 0 };

	for (size_t i = 0; i < chart->nlines; i++) {
		const struct chart_line *line = &chart->lines[i];

		if (line->n > 0)
			positions[i] = scale_at(y, line->points[line->n - 1].y);
	}
	chart_spread(positions, chart->nlines, NAME_GAP);
	for (size_t i = 0; i < chart->nlines; i++) {
		fputs("set label ", out);
		write_text(out, chart->lines[i].name, false);
		fprintf(out, " at graph 1.01, graph %.3f textcolor rgb '%s'\n",
			positions[i], colour(chart->lines[i].colour));
	}
}

static void write_lines(FILE *out, const struct chart *chart)
{
	struct scale x = chart_scale_x(chart);
	struct scale y = chart_scale_y(chart);

	write_points(out, chart);
	write_title(out, chart);
	write_axis(out, 'x', &chart->x, &x);
	write_axis(out, 'y', &chart->y, &y);
	fputs("set rmargin 26\nset lmargin 10\n", out);
	write_names(out, chart, &y);
	fputs("plot ", out);
	for (size_t i = 0; i < chart->nlines; i++)
		fprintf(out,
			"%s$line%zu using 1:2 with %s linewidth 2 linecolor rgb '%s' notitle",
			i ? ", " : "", i,
			chart->dense ? "lines" :
				       "linespoints pointtype 7 pointsize 0.5",
			colour(chart->lines[i].colour));
	fputs("\n", out);
}

/* ---- Bars --------------------------------------------------------------- */

static void write_bars(FILE *out, const struct chart *chart)
{
	struct scale x = chart_scale_x(chart);

	fputs("$bars << END\n", out);
	for (size_t i = 0; i < chart->nbars; i++)
		fprintf(out, "%zu %.9g %s\n", chart->nbars - i,
			chart->bars[i].value, colour(chart->bars[i].colour));
	fputs("END\n", out);
	write_title(out, chart);
	x.high *= 1.6; /* space for the texts */
	write_axis(out, 'x', &chart->x, &x);
	fprintf(out,
		"unset logscale y\nset ylabel ''\nset yrange [0.3:%zu.7]\nset rmargin 4\nset lmargin 22\nset ytics (",
		chart->nbars);
	for (size_t i = 0; i < chart->nbars; i++) {
		fputs(i ? ", " : "", out);
		write_text(out, chart->bars[i].name, true);
		fprintf(out, " %zu", chart->nbars - i);
	}
	fputs(")\n", out);
	for (size_t i = 0; i < chart->nbars; i++) {
		fputs("set label ", out);
		write_text(out, chart->bars[i].text, false);
		fprintf(out, " at %.9g, %zu left offset 1,0\n",
			chart->bars[i].value, chart->nbars - i);
	}
	fputs("plot $bars using ($2/2):1:(0):2:($1-0.3):($1+0.3):"
	      "(rgb_of(strcol(3))) with boxxyerror fillstyle solid noborder "
	      "linecolor rgb variable notitle\n",
	      out);
}

/* ---- The script --------------------------------------------------------- */

static int count_charts(const json_t *document, size_t *ret)
{
	*ret = 0;
	for (size_t i = 0; i < report_count(document); i++) {
		struct chart_colours colours = { 0 };
		struct charts charts;
		int r = charts_of(&charts, report_at(document, i), &colours);

		if (r < 0)
			return r;
		*ret += charts.n;
		charts_free(&charts);
	}
	*ret = *ret < MAX_CELLS ? *ret : MAX_CELLS;
	return 0;
}

static int write_charts(FILE *out, const json_t *document, size_t max)
{
	struct chart_colours colours = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < report_count(document); i++) {
		struct charts charts;
		int r = charts_of(&charts, report_at(document, i), &colours);

		if (r < 0)
			return r;
		for (size_t j = 0; j < charts.n && n < max; j++, n++) {
			if (charts.list[j].nbars > 0)
				write_bars(out, &charts.list[j]);
			else
				write_lines(out, &charts.list[j]);
		}
		charts_free(&charts);
	}
	return 0;
}

static int write_script(FILE *out, const char *path, const json_t *document)
{
	size_t n;
	size_t rows;
	int r = count_charts(document, &n);

	if (r < 0)
		return r;
	if (n == 0)
		return -ENODATA;
	rows = (n + COLUMNS - 1) / COLUMNS;
	fprintf(out,
		TERMINAL " noenhanced size %u,%zu font 'sans,10'\nset output ",
		COLUMNS * CELL_WIDTH, rows * CELL_HEIGHT);
	write_text(out, path, false);
	fprintf(out,
		"\nset border 3\nset grid ytics linecolor rgb '#e4e2dd'\nunset key\n"
		"rgb_of(text) = int('0x' . text[2:7])\n"
		"set multiplot layout %zu,%u\n",
		rows, COLUMNS);
	r = write_charts(out, document, n);
	fputs("unset multiplot\n", out);
	if (r == 0 && (fflush(out) == EOF || ferror(out)))
		r = -EIO;
	rewind(out);
	return r;
}

static int run(FILE *script, struct report_error *reterr)
{
	char name[] = "gnuplot";
	char *arguments[] = { name, NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;
	int r;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(script),
					 STDIN_FILENO);
	r = -posix_spawnp(&pid, name, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r == -ENOENT)
		return report_fail(
			reterr, r,
			"--plot: gnuplot is not on the PATH; install it (Debian: gnuplot-nox) or use --html");
	if (r < 0)
		return report_fail(reterr, r, "--plot: cannot run gnuplot: %s",
				   strerror(-r));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return report_fail(
				reterr, -errno,
				"--plot: cannot wait for gnuplot: %s",
				strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return report_fail(
			reterr, -EIO,
			"--plot: gnuplot failed; its messages are above");
	return 0;
}

int report_check_gnuplot(struct report_error *reterr)
{
	FILE *script = tmpfile();
	int r;

	if (!script)
		return report_fail(reterr, -errno,
				   "--plot: cannot create a temporary file: %s",
				   strerror(errno));
	fputs(TERMINAL "\n", script);
	rewind(script);
	r = run(script, reterr);
	fclose(script);
	return r;
}

int report_write_plot(const char *path, const json_t *document,
		      struct report_error *reterr)
{
	FILE *script = tmpfile();
	int r;

	if (!script)
		return report_fail(reterr, -errno,
				   "--plot: cannot create a temporary file: %s",
				   strerror(errno));
	r = write_script(script, path, document);
	if (r == -ENODATA)
		report_fail(reterr, r, "--plot: the report has no chart");
	else if (r < 0)
		report_fail(reterr, r,
			    "--plot: cannot write the script for gnuplot: %s",
			    strerror(-r));
	else
		r = run(script, reterr);
	fclose(script);
	return r;
}
