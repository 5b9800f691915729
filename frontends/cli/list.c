/* SPDX-License-Identifier: BSD-3-Clause */
/* `pktio list`: the backends and their options, from the option tables. */
#include "list.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

#define COLUMN 20

/* The number as a user types it, in the largest unit that represents it
 * exactly. */
static void print_number(enum pktio_opt_type type, uint64_t value)
{
	static const struct unit {
		const char *name;
		uint64_t value;
	} sizes[] = { { "T", UINT64_C(1) << 40 },
		      { "G", 1U << 30 },
		      { "M", 1U << 20 },
		      { "K", 1U << 10 },
		      { "", 1 } },
	  times[] = { { "s", 1000000000U },
		      { "ms", 1000000U },
		      { "us", 1000U },
		      { "ns", 1 } },
	  none[] = { { "", 1 } };
	const struct unit *unit = type == PKTIO_OPT_SIZE ? sizes :
				  type == PKTIO_OPT_TIME ? times :
							   none;

	while (value < unit->value || value % unit->value != 0) {
		if (unit->value == 1)
			break;
		unit++;
	}
	printf("%" PRIu64 "%s", value / unit->value, value ? unit->name : "");
}

static void print_option(const struct pktio_opt *opt)
{
	printf("  %-*s %s", COLUMN, opt->name, opt->doc);
	if (opt->flags & PKTIO_OPT_REQUIRED)
		printf("; required");
	else if (opt->initial)
		printf("; default %s", *opt->initial ? opt->initial : "empty");
	if (opt->type == PKTIO_OPT_UINT || opt->type == PKTIO_OPT_SIZE ||
	    opt->type == PKTIO_OPT_TIME) {
		printf("; ");
		print_number(opt->type, opt->min);
		if (opt->max >= INT64_MAX) {
			printf(" or more");
		} else {
			printf(" to ");
			print_number(opt->type, opt->max);
		}
		if (opt->flags & PKTIO_OPT_POW2)
			printf(", a power of two");
	} else if (opt->type == PKTIO_OPT_BOOL) {
		printf("; yes or no");
	}
	putchar('\n');
	for (const struct pktio_opt_value *v = opt->values; v && v->name; v++)
		printf("  %-*s   %-*s %s\n", COLUMN, "", COLUMN - 2, v->name,
		       v->doc ? v->doc : "");
}

static void print_options(const struct pktio_backend *b)
{
	struct pktio_opt opt = PKTIO_OPT_INIT;
	unsigned n = 0;

	while (pktio_backend_opt(b, n, &opt) == 0) {
		print_option(&opt);
		n++;
	}
	if (n == 0)
		printf("  (no options)\n");
}

/* ---- Interfaces --------------------------------------------------------- */

static void print_speed(uint64_t speed)
{
	if (speed >= 1000000000)
		printf(", %g Gbit/s", (double)speed / 1e9);
	else if (speed)
		printf(", %g Mbit/s", (double)speed / 1e6);
}

static void print_interface(const struct pktio_backend *b,
			    const struct pktio_interface *i)
{
	static const char *const links[] = {
		[PKTIO_LINK_UNKNOWN] = "unknown state",
		[PKTIO_LINK_UP] = "up",
		[PKTIO_LINK_DOWN] = "down",
		[PKTIO_LINK_GONE] = "removed",
		[PKTIO_LINK_NO_CARRIER] = "no carrier",
	};
	const char *linktype =
		i->linktype < 0 ? NULL :
				  pktio_linktype_name((uint32_t)i->linktype);
	char uri[192];

	snprintf(uri, sizeof(uri), "%s:%s", pktio_backend_name(b), i->name);
	printf("%-*s %s", COLUMN, uri, links[i->link]);
	print_speed(i->speed);
	if (i->mtu)
		printf(", MTU %" PRIu32, i->mtu);
	if (linktype)
		printf(", %s", linktype);
	if (i->description[0])
		printf(" (%s)", i->description);
	putchar('\n');
}

/* True if a backend before `last` has an interface of this name. */
static bool is_listed(const struct pktio_backend *last, const char *name)
{
	struct pktio_interface *list = NULL;
	bool found = false;

	for (const struct pktio_backend *b = pktio_backend_next(NULL);
	     b != last && !found; b = pktio_backend_next(b)) {
		if (pktio_interfaces(&list, b, NULL) < 0)
			continue;
		for (const struct pktio_interface *i = list; i; i = i->next)
			found = found || strcmp(i->name, name) == 0;
		list = pktio_interfaces_free(list);
	}
	return found;
}

/* Lists an interface once, with the first backend that can open it. */
static void list_interfaces(void)
{
	for (const struct pktio_backend *b = pktio_backend_next(NULL); b;
	     b = pktio_backend_next(b)) {
		struct pktio_interface *list = NULL;

		if (pktio_interfaces(&list, b, NULL) < 0)
			continue;
		for (const struct pktio_interface *i = list; i; i = i->next)
			if (!is_listed(b, i->name))
				print_interface(b, i);
		pktio_interfaces_free(list);
	}
}

void list_backends(bool verbose)
{
	for (const struct pktio_backend *b = pktio_backend_next(NULL); b;
	     b = pktio_backend_next(b)) {
		printf("%-*s %s\n", COLUMN, pktio_backend_name(b),
		       pktio_backend_doc(b));
		if (verbose)
			print_options(b);
	}
	putchar('\n');
	list_interfaces();
}

int list_options(const char *backend)
{
	const struct pktio_backend *b = pktio_backend_find(backend);

	if (!b)
		return -ENOENT;
	printf("%-*s %s\n", COLUMN, pktio_backend_name(b),
	       pktio_backend_doc(b));
	print_options(b);
	return 0;
}
