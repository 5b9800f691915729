/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_CORE_SIZED_H
#define PKTIO_CORE_SIZED_H

#include <errno.h>
#include <string.h>

/*
 * Fills the struct of a caller who may know fewer or more members than the
 * library: copies the members that both know, and zeros the rest. `size` is the
 * first member of the struct. Returns 0, or -EINVAL if the caller did not set
 * it.
 */
static inline int sized_copy(void *ret, size_t size, const void *from,
			     size_t known)
{
	size_t n = size < known ? size : known;

	if (size < sizeof(size))
		return -EINVAL;
	memset(ret, 0, size);
	memcpy(ret, from, n);
	memcpy(ret, &size, sizeof(size));
	return 0;
}

#endif
