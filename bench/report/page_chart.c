/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Charts as SVG inside an HTML page. Classes name the parts of a chart; the
 * style sheet of the page defines how they look. The name of a line is at its
 * end. Names that would overlap are moved apart.
 */
#include "report/page_chart.h"

#include <math.h>
#include <string.h>

#define WIDTH 640.0
#define HEIGHT 340.0
#define TOP 14.0
#define BOTTOM 46.0
#define LEFT 62.0
#define LETTER 7.1 /* average width of a bold letter */
#define LINE 15.0  /* distance of two lines of text */

void page_text(FILE *out, const char *text)
{
	for (const char *c = text; *c; c++) {
		switch (*c) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default: /* XML allows no other control characters */
			fputc((unsigned char)*c < ' ' ? ' ' : *c, out);
		}
	}
}

/* The width of UTF-8 text. */
static double width_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return LETTER * (double)n;
}

/* ---- Lines -------------------------------------------------------------- */

/* The position of a chart on the picture. */
struct frame {
	const struct chart *chart;
	struct scale x, y;
	double left, right, top, bottom;
};

struct label {
	const struct chart_line *line;
	char text[CHART_NAME_SIZE + SCALE_TEXT_SIZE];
	double x, y; /* the end of the line */
	double text_y;
};

static double px(const struct frame *f, double x)
{
	return f->left + (f->right - f->left) * scale_at(&f->x, x);
}

static double py(const struct frame *f, double y)
{
	return f->bottom - (f->bottom - f->top) * scale_at(&f->y, y);
}

static void draw_grid(FILE *out, const struct frame *f)
{
	char text[SCALE_TEXT_SIZE];
	double last = -WIDTH;

	for (size_t i = 0; i < f->y.nticks; i++) {
		double y = py(f, f->y.ticks[i]);

		fprintf(out,
			"<line class=\"grid\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">",
			f->left, f->right, y, y, f->left - 8, y + 4);
		page_text(out,
			  scale_write(text, f->y.ticks[i], f->chart->y.unit));
		fputs("</text>\n", out);
	}
	fprintf(out,
		"<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>\n",
		f->left, f->right, f->bottom, f->bottom);
	for (size_t i = 0; i < f->x.nticks; i++) {
		double x = px(f, f->x.ticks[i]);
		double half;

		scale_write(text, f->x.ticks[i], f->chart->x.unit);
		half = width_of(text) / 2 + 4;
		/* Rings are integers. */
		if (x - half < last || (f->chart->x.unit == UNIT_PLAIN &&
					f->x.ticks[i] != rint(f->x.ticks[i])))
			continue;
		last = x + half;
		fprintf(out,
			"<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>"
			"<text class=\"tick\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">",
			x, x, f->bottom, f->bottom + 4, x, f->bottom + 18);
		page_text(out, text);
		fputs("</text>\n", out);
	}
	fprintf(out,
		"<text class=\"axis-name\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">",
		f->right, f->bottom + 37);
	page_text(out, f->chart->x.title);
	fputs("</text>\n", out);
}

static void draw_band(FILE *out, const struct frame *f,
		      const struct chart_line *line)
{
	fputs("<polygon class=\"band\" points=\"", out);
	for (size_t i = 0; i < line->n; i++)
		fprintf(out, "%.1f,%.1f ", px(f, line->points[i].x),
			py(f, line->points[i].min));
	for (size_t i = line->n; i-- > 0;)
		fprintf(out, "%.1f,%.1f ", px(f, line->points[i].x),
			py(f, line->points[i].max));
	fputs("\"/>\n", out);
}

/* A point, with a tooltip. */
static void draw_mark(FILE *out, const struct frame *f,
		      const struct chart_point *p)
{
	char text[SCALE_TEXT_SIZE];

	fprintf(out,
		"<circle class=\"mark\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.6\"><title>",
		px(f, p->x), py(f, p->y));
	page_text(out, scale_write(text, p->x, f->chart->x.unit));
	fputs(": ", out);
	page_text(out, scale_write(text, p->y, f->chart->y.unit));
	if (p->max > p->min) {
		fputs(", ", out);
		page_text(out, scale_write(text, p->min, f->chart->y.unit));
		fputs(" to ", out);
		page_text(out, scale_write(text, p->max, f->chart->y.unit));
	}
	fputs("</title></circle>\n", out);
}

static void draw_line(FILE *out, const struct frame *f,
		      const struct chart_line *line)
{
	fprintf(out, "<g style=\"--c: var(--c%u)\" opacity=\"%.2f\">\n",
		line->colour, line->opacity);
	if (!f->chart->dense)
		draw_band(out, f, line);
	fputs("<polyline class=\"line\" data-series=\"", out);
	page_text(out, line->series);
	fputs("\" data-receiver=\"", out);
	page_text(out, line->receiver);
	fputs("\" data-scenario=\"", out);
	page_text(out, line->scenario);
	fputs("\" points=\"", out);
	for (size_t i = 0; i < line->n; i++)
		fprintf(out, "%.1f,%.1f ", px(f, line->points[i].x),
			py(f, line->points[i].y));
	fputs("\"/>\n", out);
	for (size_t i = 0; !f->chart->dense && i < line->n; i++)
		draw_mark(out, f, &line->points[i]);
	fputs("</g>\n", out);
}

static void spread(const struct frame *f, struct label *labels, size_t n)
{
	double height = f->bottom - f->top;
	double positions[CHART_MAX_LINES];

	for (size_t i = 0; i < n; i++)
		positions[i] = (f->bottom - labels[i].y) / height;
	chart_spread(positions, n, LINE / height);
	for (size_t i = 0; i < n; i++)
		labels[i].text_y = f->bottom - positions[i] * height;
}

static size_t make_labels(const struct frame *f, struct label *labels)
{
	const struct chart *chart = f->chart;
	size_t n = 0;

	for (size_t i = 0; i < chart->nlines; i++) {
		const struct chart_line *line = &chart->lines[i];
		char value[SCALE_TEXT_SIZE];
		struct label *label = &labels[n];

		if (line->n == 0)
			continue;
		label->line = line;
		label->x = px(f, line->points[line->n - 1].x);
		label->y = py(f, line->points[line->n - 1].y);
		scale_write(value, line->points[line->n - 1].y, chart->y.unit);
		/* A dense line ends at 100 %. */
		snprintf(label->text, sizeof(label->text), "%s%s%s", line->name,
			 chart->dense ? "" : "  ", chart->dense ? "" : value);
		n++;
	}
	return n;
}

static void draw_labels(FILE *out, const struct frame *f,
			const struct label *labels, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct label *l = &labels[i];

		fprintf(out, "<g style=\"--c: var(--c%u)\">", l->line->colour);
		if (fabs(l->text_y - l->y) > 1 || l->x < f->right - 1)
			fprintf(out,
				"<line class=\"leader\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>",
				l->x + 4, l->y, f->right + 10, l->text_y);
		fprintf(out, "<text class=\"name\" x=\"%.1f\" y=\"%.1f\">",
			f->right + 13, l->text_y + 4);
		page_text(out, l->text);
		fputs("</text></g>\n", out);
	}
}

/* The line on which all offered frames are received. */
static void draw_diagonal(FILE *out, const struct frame *f)
{
	double low = fmax(f->x.low, f->y.low);
	double high = fmin(f->x.high, f->y.high);

	if (low < high && f->x.logarithmic == f->y.logarithmic)
		fprintf(out,
			"<line class=\"diagonal\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"><title>all offered frames</title></line>\n",
			px(f, low), py(f, low), px(f, high), py(f, high));
}

static void write_lines(FILE *out, const struct chart *chart)
{
	struct frame f = { .chart = chart,
			   .x = chart_scale_x(chart),
			   .y = chart_scale_y(chart),
			   .left = LEFT,
			   .right = WIDTH,
			   .top = TOP,
			   .bottom = HEIGHT - BOTTOM };
	struct label labels[CHART_MAX_LINES];
	double widest = 0;
	size_t n = make_labels(&f, labels);

	for (size_t i = 0; i < n; i++)
		widest = fmax(widest, width_of(labels[i].text));
	f.right = WIDTH - fmin(widest, WIDTH / 2) - 20;
	n = make_labels(&f, labels);
	spread(&f, labels, n);
	fprintf(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", WIDTH,
		HEIGHT);
	draw_grid(out, &f);
	if (chart->diagonal)
		draw_diagonal(out, &f);
	for (size_t i = 0; i < chart->nlines; i++)
		draw_line(out, &f, &chart->lines[i]);
	draw_labels(out, &f, labels, n);
	fputs("</svg>\n", out);
}

/* ---- Bars --------------------------------------------------------------- */

#define ROW 30.0
#define THICK 16.0

static void draw_rectangle(FILE *out, const struct frame *f, double from,
			   double to, double y, double opacity)
{
	fprintf(out,
		"<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" opacity=\"%.2f\"/>",
		px(f, from), y - THICK / 2, fmax(px(f, to) - px(f, from), 0.8),
		THICK, opacity);
}

static void draw_bar(FILE *out, const struct frame *f,
		     const struct chart_bar *bar, double y)
{
	double end = px(f, fmax(bar->value, bar->max));
	double from = 0;

	fprintf(out,
		"<g style=\"--c: var(--c%u)\"><text class=\"of\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">",
		bar->colour, f->left - 8, y + 4);
	page_text(out, bar->name);
	fputs("</text>", out);
	if (isnan(bar->parts[0]))
		draw_rectangle(out, f, 0, bar->value, y, 1);
	for (size_t i = 0; i < CHART_PARTS && !isnan(bar->parts[0]); i++) {
		draw_rectangle(out, f, from, from + bar->parts[i], y,
			       1 - 0.3 * (double)i);
		from += bar->parts[i];
	}
	if (bar->max > bar->min)
		fprintf(out,
			"<line class=\"whisker\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%.1f\" y2=\"%.1f\"/>",
			px(f, bar->min), px(f, bar->max), y, y);
	fprintf(out, "<text class=\"value\" x=\"%.1f\" y=\"%.1f\">", end + 7,
		y + 4);
	page_text(out, bar->text);
	fputs("</text></g>\n", out);
}

static void write_bars(FILE *out, const struct chart *chart)
{
	double height = (double)chart->nbars * ROW + 30;
	struct frame f = { .chart = chart,
			   .x = chart_scale_x(chart),
			   .right = WIDTH };
	double names = 0;
	double texts = 0;

	for (size_t i = 0; i < chart->nbars; i++) {
		names = fmax(names, width_of(chart->bars[i].name));
		texts = fmax(texts, width_of(chart->bars[i].text));
	}
	f.left = fmin(names, WIDTH / 3) + 20;
	f.right = WIDTH - fmin(texts, WIDTH / 2) - 14;
	f.x.high = 0; /* bars have no ticks; their texts have the values */
	for (size_t i = 0; i < chart->nbars; i++)
		f.x.high = fmax(f.x.high,
				fmax(chart->bars[i].value, chart->bars[i].max));
	fprintf(out, "<svg viewBox=\"0 0 %.0f %.0f\" role=\"img\">\n", WIDTH,
		height);
	fprintf(out,
		"<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"4\" y2=\"%.1f\"/>\n",
		f.left, f.left, height - 26);
	for (size_t i = 0; i < chart->nbars; i++)
		draw_bar(out, &f, &chart->bars[i], ROW * ((double)i + 0.5) + 2);
	fprintf(out, "<text class=\"axis-name\" x=\"%.1f\" y=\"%.1f\">", f.left,
		height - 8);
	page_text(out, chart->x.title);
	fputs("</text>\n</svg>\n", out);
}

void page_chart(FILE *out, const struct chart *chart)
{
	fputs("<figure>\n<figcaption><b>", out);
	page_text(out, chart->title);
	fputs("</b><span>", out);
	page_text(out, chart->subtitle);
	fputs("</span></figcaption>\n", out);
	if (chart->nbars > 0)
		write_bars(out, chart);
	else
		write_lines(out, chart);
	fputs("</figure>\n", out);
}
