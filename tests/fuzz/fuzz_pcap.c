/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compares the reader of pcap files with libpcap: both must read the same
 * frames from the same bytes, with some frames held and released in any order.
 * The first two bytes of an input select how it is read; the rest is the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "fuzz.h"
#include "registry.h"

#define BURST 16U
#define HELD 16U
#define PIPE_ROOM 65536U
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_US 1000

extern const struct pktio_backend pcap_file_backend;

const struct pktio_backend *const backends_builtin[] = { &pcap_file_backend,
							 NULL };

/* How the file is read. */
struct plan {
	unsigned burst, hold;
	unsigned buffers, buffer_size;
	unsigned random;
	bool pipe;
};

/* One input, for both readers. */
struct input {
	const uint8_t *data;
	size_t size;
	pcap_t *pcap; /* NULL: libpcap refuses the file */
	bool closed;  /* pktio must end here, too */
	char message[PCAP_ERRBUF_SIZE];
};

static uint32_t load(const struct input *in, size_t at, bool swapped)
{
	uint32_t value;

	memcpy(&value, in->data + at, sizeof(value));
	return swapped ? __builtin_bswap32(value) : value;
}

static bool is_swapped(const struct input *in)
{
	return (load(in, 0, false) & 0xffff) == 0xb2a1;
}

/*
 * The time as stored in the file: some releases of libpcap have signed fields.
 */
static uint64_t expected_ts(const struct input *in,
			    const struct pcap_pkthdr *header)
{
	bool swapped = is_swapped(in);
	uint64_t seconds = (uint32_t)header->ts.tv_sec;

	if (load(in, 0, swapped) == 0xa1b23c4d)
		return seconds * NS_PER_S + (uint32_t)header->ts.tv_usec;
	return seconds * NS_PER_S +
	       (uint64_t)(uint32_t)(header->ts.tv_usec / NS_PER_US) * NS_PER_US;
}

/* True for a variant of the format that libpcap reads as another one. */
static bool is_guessed(const struct input *in, const struct pktio_frame *f)
{
	bool patched = load(in, 0, is_swapped(in)) == 0xa1b2cd34;

	return f->headroom != (patched ? 24 : 16);
}

static void compare(struct input *in, const struct pktio_frame *f)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	if (in->pcap && is_guessed(in, f)) {
		pcap_close(in->pcap);
		in->pcap = NULL;
		in->closed = true;
	}
	if (!in->pcap)
		return;
	HOLDS(pcap_next_ex(in->pcap, &header, &data) == 1);
	HOLDS(f->caplen == header->caplen);
	HOLDS(f->ts == expected_ts(in, header));
	HOLDS(f->wirelen == header->len);
	HOLDS(memcmp(f->data, data, f->caplen) == 0);
}

/* Both readers end at the same frame, with the same result. */
static void compare_end(const struct input *in, int code)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	HOLDS(code == PKTIO_EOF || code == -EBADMSG);
	if (in->pcap)
		HOLDS(pcap_next_ex(in->pcap, &header, &data) ==
		      (code == PKTIO_EOF ? PCAP_ERROR_BREAK : PCAP_ERROR));
}

/* Held frames, and the checksums of their bytes. */
struct held {
	struct pktio_frame frames[HELD + BURST];
	uint32_t sums[HELD + BURST];
	unsigned n;
};

static uint32_t sum(const struct pktio_frame *f)
{
	uint32_t sum = f->caplen;

	for (uint32_t i = 0; i < f->caplen; i++)
		sum = sum * 31 + f->data[i];
	return sum;
}

static void release_some(struct pktio_ring *ring, struct held *held,
			 unsigned keep, struct plan *plan)
{
	while (held->n > keep) {
		unsigned i;

		plan->random = plan->random * 1103515245 + 12345;
		i = (plan->random >> 16) % held->n;
		HOLDS(held->sums[i] == sum(&held->frames[i]));
		pktio_release(ring, &held->frames[i], 1);
		held->n--;
		held->frames[i] = held->frames[held->n];
		held->sums[i] = held->sums[held->n];
	}
}

static void read_all(struct pktio_ring *ring, struct input *in,
		     struct plan plan)
{
	struct held held = { .n = 0 };
	struct pktio_frame again;
	int n;

	for (;;) {
		HOLDS(pktio_wait(ring, TIMEOUT_MS) == 1);
		n = pktio_recv(ring, held.frames + held.n, plan.burst);
		if (n == -ENOBUFS) {
			HOLDS(held.n > 0);
			release_some(ring, &held, 0, &plan);
			continue;
		}
		if (n < 0)
			break;
		for (unsigned end = held.n + (unsigned)n; held.n < end;
		     held.n++) {
			compare(in, &held.frames[held.n]);
			held.sums[held.n] = sum(&held.frames[held.n]);
		}
		release_some(ring, &held, plan.hold, &plan);
	}
	compare_end(in, n);
	HOLDS(pktio_recv(ring, &again, 1) == n);
	release_some(ring, &held, plan.hold / 2, &plan);
}

/*
 * True if pktio may open a file that libpcap refuses: other formats, future
 * versions, and link types with reserved bits.
 */
static bool may_differ(const struct input *in, bool ours)
{
	return ours &&
	       (strstr(in->message, "unknown file format") ||
		strstr(in->message, "unsupported pcap savefile version") ||
		strstr(in->message, "reserved field"));
}

static void run(int fd, struct input *in, const struct plan *plan)
{
	struct pktio_ring *ring = NULL;
	struct pktio_error error = { 0 };
	char uri[128];
	int r;

	snprintf(uri, sizeof(uri),
		 "pcap_file:/proc/self/fd/%d?buffer-size=%u&buffers=%u", fd,
		 plan->buffer_size, plan->buffers);
	r = pktio_open(&ring, uri, NULL, &error);
	HOLDS((r == 0) == (ring != NULL));
	HOLDS((r == 0) == (error.text[0] == '\0'));
	HOLDS((r == 0) == (in->pcap != NULL) || may_differ(in, r == 0));
	if (ring)
		read_all(ring, in, *plan);
	pktio_close(ring);
}

/* A descriptor from which the bytes can be read, or -1. */
static int provide(const struct input *in, bool through_pipe)
{
	int pipes[2];

	if (!through_pipe) {
		int fd = memfd_create("input", MFD_CLOEXEC);

		HOLDS(fd >= 0);
		HOLDS(write(fd, in->data, in->size) == (ssize_t)in->size);
		return fd;
	}
	if (pipe2(pipes, O_CLOEXEC) < 0)
		return -1;
	HOLDS(write(pipes[1], in->data, in->size) == (ssize_t)in->size);
	close(pipes[1]);
	return pipes[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t pcapng[] = { 0x0a, 0x0d, 0x0d, 0x0a };
	struct input in = { 0 };
	struct plan plan;
	FILE *file;
	int fd;

	/* pcapng has a fuzzer of its own. */
	if (size < 3 || (size >= 6 && memcmp(data + 2, pcapng, 4) == 0))
		return 0;
	plan = (struct plan){ .burst = 1 + data[0] % BURST,
			      .hold = data[0] / 16U,
			      .buffers = 2 + data[1] % 4U,
			      .buffer_size = data[1] & 4 ? 4096 : 5000,
			      .random = data[1],
			      .pipe = data[1] & 8 && size < PIPE_ROOM };
	in.data = data + 2;
	in.size = size - 2;
	file = fmemopen((void *)(uintptr_t)in.data, in.size, "r");
	HOLDS(file);
	in.pcap = pcap_fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, in.message);
	fd = provide(&in, plan.pipe);
	HOLDS(fd >= 0);
	run(fd, &in, &plan);
	close(fd);
	if (in.pcap)
		pcap_close(in.pcap); /* also closes the file */
	else if (!in.closed)
		fclose(file);
	return 0;
}
