/* SPDX-License-Identifier: BSD-3-Clause */
/* Reports in all the forms that there are but the table. */
#include "publish.h"

#include <errno.h>

#include "fail.h"
#include "html.h"
#include "json.h"
#include "plot.h"
#include "reading.h"

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

int publish(const struct options *o, FILE *json, json_t *report,
	    struct pktio_error *reterr)
{
	int r;

	if (!report)
		return bench_fail(reterr, -ENOMEM, "no memory for the report");
	r = write_pictures(o, report, reterr);
	if (!json)
		json_decref(report);
	else if (json_write(json, report) < 0)
		return bench_fail(reterr, -EIO,
				  "the JSON could not be written");
	return r;
}

int publish_again(const struct options *o, struct pktio_error *reterr)
{
	json_t *file;
	int r = reading_load(&file, o->report, reterr);

	if (r == 0) {
		r = write_pictures(o, file, reterr);
		json_decref(file);
	}
	return r;
}
