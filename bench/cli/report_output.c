/* SPDX-License-Identifier: BSD-3-Clause */
/* Report files: JSON documents, HTML pages, plots and comparisons. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "output/output.h"
#include "report/report.h"
#include "util/error.h"

_Static_assert(OUTPUT_SCHEMA == REPORT_SCHEMA,
	       "report/ reads the documents that output/ writes");

/* Turns an error of report/ into one of pktio. */
static int check(int r, const struct report_error *error,
		 struct pktio_error *reterr)
{
	return r < 0 ? error_set(reterr, r, "%s", error->text) : r;
}

static int write_pictures(const struct options *o, const json_t *document,
			  struct pktio_error *reterr)
{
	struct report_error error = { "" };
	int html = 0;
	int plot = 0;

	if (o->plot)
		plot = check(report_write_plot(o->plot, document, &error),
			     &error, reterr);
	if (o->html)
		html = check(report_write_html(o->html, document, &error),
			     &error, reterr);
	return html < 0 ? html : plot;
}

/* Opens a file to write, and keeps its content. */
static int open_kept(FILE **ret, const char *path, struct pktio_error *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	*ret = fd < 0 ? NULL : fdopen(fd, "w");
	if (*ret)
		return 0;
	if (fd >= 0)
		close(fd);
	return error_set(reterr, -errno, "cannot write '%s': %s", path,
			 strerror(errno));
}

/* Checks that a file can be written. Removes it again if it did not exist: the
 * measurement may fail. */
static int check_writable(const char *path, struct pktio_error *reterr)
{
	bool exists = access(path, F_OK) == 0;
	FILE *file;
	int r = open_kept(&file, path, reterr);

	if (r == 0)
		fclose(file);
	if (r == 0 && !exists)
		unlink(path);
	return r;
}

int report_output_open(FILE **ret, const struct options *o,
		       struct pktio_error *reterr)
{
	struct report_error error = { "" };
	int r = 0;

	*ret = NULL;
	if (o->html)
		r = check_writable(o->html, reterr);
	if (r == 0 && o->plot)
		r = check_writable(o->plot, reterr);
	if (r == 0 && o->plot)
		r = check(report_check_gnuplot(&error), &error, reterr);
	if (r == 0 && o->json_file)
		r = open_kept(ret, o->json_file, reterr);
	return r;
}

/* Removes the old content. EINVAL: a device or a pipe, which has none. */
static int truncate_file(FILE *file)
{
	return ftruncate(fileno(file), 0) == 0 || errno == EINVAL ? 0 : -errno;
}

int report_output_write(const struct options *o, FILE *json, json_t *document,
			struct pktio_error *reterr)
{
	int r;

	if (!document)
		return error_set(reterr, -ENOMEM,
				 "cannot make the report: out of memory");
	r = write_pictures(o, document, reterr);
	if (!json)
		json_decref(document);
	else if ((o->json_file && truncate_file(json) < 0) ||
		 output_write(json, document) < 0)
		return error_set(reterr, -EIO,
				 "--json: cannot write the document");
	return r;
}

int report_output_convert(const struct options *o, struct pktio_error *reterr)
{
	struct report_error error = { "" };
	json_t *document = NULL;
	int r = check(report_load(&document, o->report, &error), &error,
		      reterr);

	if (r == 0)
		r = write_pictures(o, document, reterr);
	json_decref(document);
	return r;
}

int report_output_compare(const struct options *o, struct pktio_error *reterr)
{
	struct report_error error = { "" };
	json_t *old = NULL;
	json_t *new = NULL;
	int r = report_load(&old, o->report, &error);

	if (r == 0)
		r = report_load(&new, o->newer, &error);
	if (r == 0)
		r = report_compare(stdout, old, new, o->tolerance, &error);
	json_decref(old);
	json_decref(new);
	return check(r, &error, reterr);
}
