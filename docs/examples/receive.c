/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * receive URI - print one line for each frame, until the end or Ctrl-C
 *
 *      cc receive.c $(pkg-config --cflags --libs pktio) -o receive
 *      ./receive af_packet:eth0
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

#define BURST 64
#define NS_PER_S 1000000000U

static struct pktio_ring *ring;

static void stop(int signal)
{
	(void)signal;
	pktio_wake(ring);
}

static void print(const struct pktio_frame *f)
{
	printf("%llu.%09llu %u", (unsigned long long)(f->ts / NS_PER_S),
	       (unsigned long long)(f->ts % NS_PER_S), f->wirelen);
	if (f->caplen < f->wirelen)
		printf(" (%u captured)", f->caplen);
	for (unsigned i = 0; i < f->nvlan; i++)
		printf(" vlan %u", f->vlan[i].tci & 0xfffU);
	for (uint32_t i = 0; i < f->caplen && i < 16; i++)
		printf("%s%02x", i ? "" : " ", f->data[i]);
	putchar('\n');
}

int main(int argc, char **argv)
{
	struct pktio_frame frames[BURST];
	struct pktio_stats stats = { .size = sizeof(stats) };
	struct sigaction action;
	struct pktio_error error;
	int r;

	if (argc != 2) {
		fprintf(stderr,
			"usage: receive BACKEND:TARGET[?OPTION=VALUE]\n");
		return 2;
	}
	if (pktio_open(&ring, argv[1], NULL, &error) < 0) {
		fprintf(stderr, "receive: %s\n", error.text);
		return 1;
	}
	memset(&action, 0, sizeof(action));
	action.sa_handler = stop;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);

	while ((r = pktio_wait(ring, -1)) > 0) {
		r = pktio_recv(ring, frames, BURST);
		if (r < 0)
			break;
		for (int i = 0; i < r; i++)
			print(&frames[i]);
		pktio_release(ring, frames, (unsigned)r);
	}
	/* The end of a file and Ctrl-C are not errors. */
	if (r == PKTIO_EOF || r == -EINTR)
		r = 0;
	if (r < 0)
		fprintf(stderr, "receive: %s\n", pktio_last_error(ring));
	pktio_get_stats(ring, &stats);
	fprintf(stderr, "%llu received, %llu dropped\n",
		(unsigned long long)stats.received,
		(unsigned long long)stats.dropped);
	ring = pktio_close(ring);
	return r < 0;
}
