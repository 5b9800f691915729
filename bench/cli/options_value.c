/* SPDX-License-Identifier: BSD-3-Clause */
/* Parses the values of options. */
#include "cli/options_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "external/tool.h"
#include "receive/receivers.h"
#include "scenario/formats.h"
#include "traffic/sender.h"

#define MAX_SECONDS 86400.0
#define MAX_RATE 1e9

int options_seconds(double *ret, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0 && value <= MAX_SECONDS))
		return options_wrong(
			"--time: invalid value '%s'; use a number of seconds above 0, up to %g",
			text, MAX_SECONDS);
	*ret = value;
	return 0;
}

int options_count(unsigned *ret, const char *option, const char *text,
		  unsigned max)
{
	char *end;
	long value = strtol(text, &end, 10);

	if (end == text || *end || value < 1 || value > (long)max)
		return options_wrong(
			"%s: invalid value '%s'; use a number from 1 to %u",
			option, text, max);
	*ret = (unsigned)value;
	return 0;
}

int options_frame_rate(double *ret, const char *option, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end != text && (*end == 'k' || *end == 'M'))
		value *= *end++ == 'k' ? 1e3 : 1e6;
	if (strcmp(end, "pps") == 0)
		end += 3;
	if (end == text || *end || !(value >= 1 && value <= MAX_RATE))
		return options_wrong(
			"%s: invalid rate '%s'; use frames per second, for example 50000, 200k or 1.2M",
			option, text);
	*ret = value;
	return 0;
}

int options_percent(double *ret, const char *option, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end != text && *end == '%')
		end++;
	if (end == text || *end || !(value >= 0.01 && value <= 50))
		return options_wrong(
			"%s: invalid value '%s'; use a percentage from 0.01 to 50",
			option, text);
	*ret = value / 100;
	return 0;
}

/* ---- Lists -------------------------------------------------------------- */

/* Splits the next text before a comma, in place; NULL: the list has ended. */
static const char *next_item(char **rest)
{
	return strsep(rest, ",");
}

static int add_size(struct options *o, const char *size)
{
	if (o->nsizes == OPTIONS_MAX_SIZES)
		return options_wrong("--sizes: more than %d sizes",
				     OPTIONS_MAX_SIZES);
	o->sizes[o->nsizes++] = size;
	return 0;
}

/* The frame sizes of RFC 2544 for Ethernet, without the FCS. */
static int add_rfc2544_sizes(struct options *o)
{
	static const char *const sizes[] = { "60",   "124",  "252", "508",
					     "1020", "1276", "1514" };
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof(sizes) / sizeof(*sizes); i++)
		r = add_size(o, sizes[i]);
	return r;
}

int options_sizes(struct options *o, char *text)
{
	static const char jumbo[] = "9014"; /* an MTU of 9000 */
	const char *size;
	int r = 0;

	while (r == 0 && (size = next_item(&text))) {
		bool all = strcmp(size, "all") == 0;

		if (all || strcmp(size, "rfc2544") == 0)
			r = add_rfc2544_sizes(o);
		if (r == 0 && (all || strcmp(size, "imix") == 0))
			r = add_size(o, "imix");
		if (r == 0 && (all || strcmp(size, "jumbo") == 0))
			r = add_size(o, jumbo);
		else if (r == 0 && strspn(size, "0123456789") == strlen(size))
			r = *size ? add_size(o, size) :
				    options_wrong("--sizes: empty size");
		else if (r == 0 && strcmp(size, "rfc2544") != 0 &&
			 strcmp(size, "imix") != 0)
			r = options_wrong(
				"--sizes: invalid size '%s'; use a number of bytes, rfc2544, imix, jumbo or all",
				size);
	}
	return r;
}

static int parse_rate(struct options_rate *ret, const char *text)
{
	char *end;
	double value;

	if (strcmp(text, "max") == 0) {
		*ret = (struct options_rate){ 0 };
		return 0;
	}
	value = strtod(text, &end);
	if (end == text || strcmp(end, "%") != 0)
		return options_frame_rate(&ret->value, "--rates", text);
	if (!(value > 0 && value <= 100))
		return options_wrong(
			"--rates: invalid rate '%s'; use a percentage above 0, up to 100",
			text);
	*ret = (struct options_rate){ value / 100, true };
	return 0;
}

int options_rates(struct options *o, char *text)
{
	const char *rate;
	int r = 0;

	while (r == 0 && (rate = next_item(&text))) {
		if (o->nrates == OPTIONS_MAX_RATES)
			return options_wrong("--rates: more than %d rates",
					     OPTIONS_MAX_RATES);
		r = parse_rate(&o->rates[o->nrates++], rate);
	}
	return r;
}

static int add_format(struct options *o, const char *format)
{
	if (!format_exists(format))
		return options_wrong(
			"--formats: unknown format '%s'; use pcap or pcapng, or one of these with .gz, .zst or .lz4, or all",
			format);
	if (o->nformats == OPTIONS_MAX_FORMATS)
		return options_wrong("--formats: more than %d formats",
				     OPTIONS_MAX_FORMATS);
	o->formats[o->nformats++] = format;
	return 0;
}

int options_formats(struct options *o, char *text)
{
	const char *format;
	int r = 0;

	while (r == 0 && (format = next_item(&text))) {
		if (strcmp(format, "all") != 0) {
			r = add_format(o, format);
			continue;
		}
		for (const char *const *f = format_names; r == 0 && *f; f++)
			r = add_format(o, *f);
	}
	return r;
}

/* "name=value,value" */
int options_vary(struct options *o, char *text)
{
	struct options_varied *v = &o->varied[o->nvaried];
	char *equals = strchr(text, '=');
	const char *value;

	if (!equals || equals == text)
		return options_wrong(
			"--vary: invalid value '%s'; use name=value,value",
			text);
	if (o->nvaried == OPTIONS_MAX_VARIED)
		return options_wrong("--vary: more than %d options",
				     OPTIONS_MAX_VARIED);
	*equals++ = '\0';
	v->name = text;
	while ((value = next_item(&equals))) {
		if (v->nvalues == OPTIONS_MAX_VALUES)
			return options_wrong("--vary %s: more than %d values",
					     v->name, OPTIONS_MAX_VALUES);
		v->values[v->nvalues++] = value;
	}
	o->nvaried++;
	return 0;
}

/* Splits "name=value" in place. */
int options_setting(struct pktio_setting *settings, size_t *n,
		    const char *option, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || equals == text)
		return options_wrong("%s: invalid value '%s'; use name=value",
				     option, text);
	if (*n == OPTIONS_MAX_SETTINGS)
		return options_wrong("%s: more than %d options", option,
				     OPTIONS_MAX_SETTINGS);
	*equals = '\0';
	settings[(*n)++] = (struct pktio_setting){ text, equals + 1 };
	return 0;
}

/* ---- Names -------------------------------------------------------------- */

void options_list(char *ret, size_t size, const char *name)
{
	size_t used = strlen(ret);

	snprintf(ret + used, size - used, "%s%s", used ? ", " : "", name);
}

static void add_vs(struct options *o, const struct receiver *receiver)
{
	for (size_t i = 0; i < o->nvs; i++)
		if (o->vs[i] == receiver)
			return;
	if (o->nvs < OPTIONS_MAX_VS)
		o->vs[o->nvs++] = receiver;
}

/* Adds all installed tools, and lists the others. */
static void add_installed(struct options *o)
{
	o->installed = true;
	*o->not_installed = '\0';
	for (const struct receiver *const *c = receiver_list; *c; c++) {
		if (!(*c)->tool || (*c)->tool->by_name_only)
			continue;
		if (tool_installed((*c)->tool))
			add_vs(o, *c);
		else
			options_list(o->not_installed, sizeof(o->not_installed),
				     (*c)->name);
	}
}

int options_vs(struct options *o, const char *name)
{
	const struct receiver *receiver = receiver_find(name);

	if (strcmp(name, "installed") == 0) {
		add_installed(o);
		return 0;
	}
	if (strcmp(name, "raw-ahead") == 0)
		return options_wrong(
			"--vs: unknown receiver 'raw-ahead'; use 'raw-prefetch'");
	if (!receiver) {
		char known[256] = "";

		for (const struct receiver *const *c = receiver_list; *c; c++)
			options_list(known, sizeof(known), (*c)->name);
		return options_wrong(
			"--vs: unknown receiver '%s'; the receivers are: %s",
			name, known);
	}
	if (receiver->tool && !tool_installed(receiver->tool))
		return options_wrong(
			"--vs %s: the program is not on the PATH; install it, or use --vs installed",
			name);
	for (size_t i = 0; i < o->nvs; i++)
		if (o->vs[i] == receiver)
			return options_wrong("--vs: '%s' is repeated", name);
	add_vs(o, receiver);
	return 0;
}

int options_method(struct options *o, const char *name)
{
	char known[256] = "auto";

	o->method = send_method_find(name);
	if (o->method || strcmp(name, "auto") == 0)
		return 0;
	for (const struct send_method *const *m = send_methods; *m; m++)
		options_list(known, sizeof(known), (*m)->name);
	return options_wrong(
		"--sender: unknown method '%s'; the methods are: %s", name,
		known);
}

int options_bind(struct options *o, const char *policy)
{
	if (strcmp(policy, "cores") != 0 && strcmp(policy, "numa") != 0 &&
	    strncmp(policy, "list:", 5) != 0)
		return options_wrong(
			"--bind: invalid policy '%s'; use cores, numa or list:CPU,CPU-CPU",
			policy);
	o->bind = policy;
	return 0;
}
