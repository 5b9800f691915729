/* SPDX-License-Identifier: BSD-3-Clause */
/* The ways to send that there are. */
#include "traffic/send_method.h"

#include <string.h>

const struct send_method *const send_methods[] = {
	&send_ring,
	&send_mmsg,
	&send_xdp,
	NULL,
};

const struct send_method *send_method_find(const char *name)
{
	for (const struct send_method *const *m = send_methods; *m; m++)
		if (strcmp((*m)->name, name) == 0)
			return *m;
	return NULL;
}
