/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * count-instructions RING FRAMES: receives and releases FRAMES frames, in
 * bursts. All frames are in the source before the first is received.
 * tests/instructions/check counts the instructions of measured_loop().
 * Without arguments it lists the rings.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "netns/netns.h"

#define BURST 64U
#define SIZE 60U
#define ETHERTYPE 0x88b5 /* for local experiments */
#define LINKTYPE_ETHERNET 1U
#define SENDER "count-tx"
#define RECEIVER "count-rx"

/*
 * A live ring gets this many frames more than are received. Only a timer
 * retires the last block, and the timeout is long.
 */
#define MORE 40000U

void measured_loop(struct pktio_ring *ring, unsigned frames);

static const struct source {
	const char *name, *uri;
	const char *format; /* of the file to write; NULL: no file */
	bool live;
} sources[] = {
	{ "af_packet", "af_packet:" RECEIVER "?block-timeout=10s", NULL, true },
	{ "af_packet-latency",
	  "af_packet:" RECEIVER "?profile=latency&frame-size=2K&ring-size=128M",
	  NULL, true },
	{ "pcap_live", "pcap_live:" RECEIVER "?block-timeout=10s&ring-size=64M",
	  NULL, true },
	{ "gen", "gen:?size=60", NULL, false },
	{ "pcap_file-pcap", "pcap_file:%s", "pcap", false },
	{ "pcap_file-pcapng", "pcap_file:%s", "pcapng", false },
};

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "count-instructions: %s: %s\n", what, why);
	return EXIT_FAILURE;
}

/* ---- Traffic ------------------------------------------------------------ */

static void make_frame(uint8_t frame[SIZE])
{
	static const uint8_t header[14] = { 2,
					    0,
					    0,
					    0,
					    0,
					    1,
					    2,
					    0,
					    0,
					    0,
					    0,
					    2,
					    ETHERTYPE >> 8,
					    ETHERTYPE & 0xff };

	memset(frame, 0, SIZE);
	memcpy(frame, header, sizeof(header));
}

static int fill_interface(unsigned frames)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET };
	uint8_t frame[SIZE];
	int sock = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	to.sll_ifindex = (int)if_nametoindex(SENDER);
	make_frame(frame);
	for (unsigned i = 0; sock >= 0 && i < frames; i++)
		if (sendto(sock, frame, SIZE, 0, (struct sockaddr *)&to,
			   sizeof(to)) != SIZE) {
			close(sock);
			return -errno;
		}
	if (sock < 0)
		return -errno;
	close(sock);
	return 0;
}

static int write_file(const char *path, const char *format, unsigned frames,
		      struct pktio_error *error)
{
	const struct pktio_setting setting = { "format", format };
	struct pktio_open_args args = { .size = sizeof(args),
					.mode = PKTIO_SEND,
					.nsettings = 1,
					.settings = &setting };
	struct pktio_ring *ring;
	uint8_t bytes[SIZE];
	char uri[128];
	int r;

	make_frame(bytes);
	snprintf(uri, sizeof(uri), "pcap_file:%s", path);
	r = pktio_open(&ring, uri, &args, error);
	for (unsigned i = 0; r >= 0 && i < frames; i++) {
		struct pktio_frame f = { .data = bytes,
					 .ts = i * UINT64_C(1000),
					 .caplen = SIZE,
					 .wirelen = SIZE,
					 .linktype = LINKTYPE_ETHERNET };

		r = pktio_inject(ring, &f, 1);
	}
	if (r < 0)
		return r;
	pktio_close(ring);
	return 0;
}

/* ---- Measurement -------------------------------------------------------- */

/* It does not wait: all frames are there. */
__attribute__((noinline)) void measured_loop(struct pktio_ring *ring,
					     unsigned frames)
{
	struct pktio_frame burst[BURST];

	while (frames > 0) {
		int n = pktio_recv(ring, burst,
				   frames < BURST ? frames : BURST);

		if (n <= 0) {
			fprintf(stderr,
				"count-instructions: %u frames are missing: %s\n",
				frames,
				n < 0 ? pktio_last_error(ring) :
					"the ring ran dry");
			exit(EXIT_FAILURE);
		}
		pktio_release(ring, burst, (unsigned)n);
		frames -= (unsigned)n;
	}
}

/* Does what happens only once, for example binding of symbols. */
static void warm_up(struct pktio_ring *ring)
{
	struct pktio_frame burst[BURST];
	int n = pktio_recv(ring, burst, BURST);

	if (n > 0)
		pktio_release(ring, burst, (unsigned)n);
}

static int open_and_fill(struct pktio_ring **ret, const struct source *source,
			 const char *path, unsigned frames,
			 struct pktio_error *error)
{
	char uri[128];
	int r = 0;

	if (source->live)
		r = netns_enter(error);
	if (r == 0 && source->live)
		r = netns_veth(SENDER, RECEIVER, error);
	if (r == 0 && source->format)
		r = write_file(path, source->format, frames + MORE, error);
	if (r < 0)
		return r;
	/* A URI with a file ends with "%s". */
	snprintf(uri, sizeof(uri), "%.*s%s",
		 (int)(strlen(source->uri) - (source->format ? 2 : 0)),
		 source->uri, source->format ? path : "");
	r = pktio_open(ret, uri, NULL, error);
	if (r == 0 && source->live) {
		r = fill_interface(frames + MORE);
		if (r < 0)
			snprintf(error->text, sizeof(error->text),
				 "cannot send: %s", strerror(-r));
	}
	return r;
}

static int run(const struct source *source, unsigned frames)
{
	char path[] = "/tmp/pktio-count-XXXXXX";
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;
	int fd = mkstemp(path);
	int r;

	if (fd < 0)
		return fail(path, strerror(errno));
	close(fd);
	r = open_and_fill(&ring, source, path, frames, &error);
	unlink(path);
	if (r < 0)
		return fail(source->name, error.text);
	warm_up(ring);
	measured_loop(ring, frames);
	pktio_close(ring);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	char *end;
	unsigned long frames = argc == 3 ? strtoul(argv[2], &end, 10) : 0;

	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		if (argc == 1)
			puts(sources[i].name);
		else if (strcmp(sources[i].name, argv[1]) == 0 && frames > 0 &&
			 *end == '\0')
			return run(&sources[i], (unsigned)frames);
	}
	return argc == 1 ? EXIT_SUCCESS :
			   fail("usage", "count-instructions [RING FRAMES]");
}
