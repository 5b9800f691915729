/* SPDX-License-Identifier: BSD-3-Clause */
#include "report/charts.h"

#include <errno.h>

int charts_of(struct charts *ret, const json_t *report,
	      struct chart_colours *colours)
{
	*ret = (struct charts){ 0 };
	charts_add_bars(ret, report, colours);
	charts_add_lines(ret, report, colours);
	if (!ret->failed)
		return 0;
	charts_free(ret);
	return -ENOMEM;
}
