/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiles "udp", whose program cannot be empty, and an invalid expression. */
#include <stdio.h>

#include <pktio/filter.h>

int main(void)
{
	struct sock_fprog prog = { 0, NULL };
	struct pktio_error error;
	int r = pktio_filter_compile(&prog, "udp", 1, 0, &error);

	if (r < 0) {
		fprintf(stderr, "filter: %s\n", error.text);
		return 1;
	}
	if (prog.len < 2)
		return 1;
	pktio_filter_free(&prog);
	return pktio_filter_compile(&prog, "upd and", 1, 0, &error) != -EINVAL;
}
