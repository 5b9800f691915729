/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports in all the forms that there are but the table. */
#include "cli/report_output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "netns/fail.h"
#include "output/json.h"
#include "report/html.h"
#include "report/load.h"
#include "report/plot.h"

static int write_pictures(const struct options *o, const json_t *report,
			  struct pktio_error *reterr)
{
	struct pktio_error words;
	int r = 0;
	int s;

	if (o->html)
		r = html_write(o->html, report, reterr);
	if (o->plot) {
		s = plot_write(o->plot, report, &words);
		if (s < 0 && r == 0) {
			r = s;
			*reterr = words;
		}
	}
	return r;
}

/* Opens a file to be written, and leaves what is in it. */
static int open_kept(FILE **ret, const char *path, struct pktio_error *reterr)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	*ret = fd < 0 ? NULL : fdopen(fd, "w");
	if (*ret)
		return 0;
	if (fd >= 0)
		close(fd);
	return bench_fail(reterr, -errno, "cannot write '%s': %s", path,
			  strerror(errno));
}

/* Leaves none behind: what is to be in it may never come to be. */
static int try_file(const char *path, struct pktio_error *reterr)
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
	int r = 0;

	*ret = NULL;
	if (o->html)
		r = try_file(o->html, reterr);
	if (r == 0 && o->plot)
		r = try_file(o->plot, reterr);
	if (r == 0 && o->plot)
		r = plot_try(reterr);
	if (r == 0 && o->json_file)
		r = open_kept(ret, o->json_file, reterr);
	return r;
}

/* What was in it; a device or a pipe has nothing to be taken away. */
static int make_empty(FILE *file)
{
	return ftruncate(fileno(file), 0) == 0 || errno == EINVAL ? 0 : -errno;
}

int report_output_write(const struct options *o, FILE *json, json_t *report,
			struct pktio_error *reterr)
{
	int r;

	if (!report)
		return bench_fail(reterr, -ENOMEM,
				  "the report could not be made");
	r = write_pictures(o, report, reterr);
	if (!json)
		json_decref(report);
	else if ((o->json_file && make_empty(json) < 0) ||
		 json_write(json, report) < 0)
		return bench_fail(reterr, -EIO,
				  "the JSON could not be written");
	return r;
}

int report_output_convert(const struct options *o, struct pktio_error *reterr)
{
	json_t *file;
	int r = report_load(&file, o->report, reterr);

	if (r == 0) {
		r = write_pictures(o, file, reterr);
		json_decref(file);
	}
	return r;
}
