/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of interfaces. */
#include <stdlib.h>
#include <string.h>

#include <pktio/backend.h>

#include "util/error.h"

struct pktio_interfaces {
	struct pktio_interface *first, **end;
};

int pktio_interfaces_add(struct pktio_interfaces *list,
			 const struct pktio_interface *interface)
{
	struct pktio_interface *copy = malloc(sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	*copy = *interface;
	copy->next = NULL;
	*list->end = copy;
	list->end = &copy->next;
	return 0;
}

int pktio_interfaces(struct pktio_interface **ret,
		     const struct pktio_backend *b, struct pktio_error *reterr)
{
	struct pktio_interfaces list = { .end = &list.first };
	int code;

	if (!b->interfaces)
		return error_set(reterr, -ENOTSUP,
				 "%s: this backend does not open interfaces",
				 b->name);
	code = b->interfaces(&list);
	if (code < 0) {
		pktio_interfaces_free(list.first);
		return error_set(reterr, code,
				 "%s: cannot list the interfaces: %s", b->name,
				 strerror(-code));
	}
	*ret = list.first;
	return 0;
}

struct pktio_interface *pktio_interfaces_free(struct pktio_interface *list)
{
	while (list) {
		struct pktio_interface *next = list->next;

		free(list);
		list = next;
	}
	return NULL;
}
