/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * consumer URI COUNT [BACKEND...] - receives all frames of URI, checks that
 * there are COUNT, and finds each BACKEND. It is valid C99, C11 and C++17 and
 * is built with an installed pktio.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pktio/backend.h>
#include <pktio/pktio.h>

static int find(const char *name)
{
	const struct pktio_backend *b = pktio_backend_find(name);

	if (b && !strcmp(pktio_backend_name(b), name))
		return 0;
	fprintf(stderr, "consumer: no backend '%s'\n", name);
	return -1;
}

static unsigned long receive_all(struct pktio_ring *ring, int *code)
{
	struct pktio_frame frames[8];
	unsigned long count = 0;
	int n;

	while ((n = pktio_wait(ring, 1000)) > 0) {
		n = pktio_recv(ring, frames, 8);
		if (n < 0)
			break;
		count += (unsigned long)n;
		pktio_release(ring, frames, (unsigned)n);
	}
	*code = n;
	return count;
}

int main(int argc, char **argv)
{
	struct pktio_open_args args = PKTIO_OPEN_ARGS_INIT;
	struct pktio_stats stats = PKTIO_STATS_INIT;
	struct pktio_info info = PKTIO_INFO_INIT;
	struct pktio_ring *ring;
	struct pktio_error error;
	unsigned long count;
	int r;

	if (argc < 3 || sizeof(struct pktio_frame) != 64)
		return 2;
	for (int i = 3; i < argc; i++)
		if (find(argv[i]) < 0)
			return 1;
	if (strcmp(pktio_version(), PKTIO_VERSION) != 0)
		return 2;
	args.mode = PKTIO_RECV;
	if (pktio_open(&ring, argv[1], &args, &error) < 0) {
		fprintf(stderr, "consumer: %s\n", error.text);
		return 1;
	}
	count = receive_all(ring, &r);
	if (r != PKTIO_EOF || count != strtoul(argv[2], NULL, 10)) {
		fprintf(stderr, "consumer: %lu frames, not %s; then %d: %s\n",
			count, argv[2], r, pktio_last_error(ring));
		pktio_close(ring);
		return 1;
	}
	if (pktio_get_info(ring, &info) < 0 || info.mode != PKTIO_RECV ||
	    pktio_get_stats(ring, &stats) < 0 || stats.received != count) {
		fprintf(stderr, "consumer: info or stats are wrong\n");
		return 1;
	}
	return pktio_close(ring) != NULL;
}
