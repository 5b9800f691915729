/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compares the reader of pcapng files with libpcap, as far as libpcap reads: it
 * needs one link type, one snaplen and one byte order. The first two bytes of
 * an input select how it is read; the rest is the file.
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <pcap/pcap.h>

#include "fuzz.h"
#include "registry.h"

#define BURST 16U
#define HELD 48U
#define NS_PER_S UINT64_C(1000000000)
#define OPTION_CODES 12U

extern const struct pktio_backend pcap_file_backend;

const struct pktio_backend *const backends_builtin[] = { &pcap_file_backend,
							 NULL };

/* A held frame, and the checksum of its fields when it was received. */
struct held {
	struct pktio_frame frame;
	uint32_t sum;
};

struct reading {
	struct pktio_ring *ring;
	pcap_t *pcap; /* NULL: libpcap has stopped reading */
	struct held held[HELD + BURST];
	unsigned n;
	uint64_t received;
};

static uint32_t sum_bytes(uint32_t sum, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + bytes[i];
	return sum;
}

/* Reads all metadata of a frame, with buffers of several sizes. */
static uint32_t sum_frame(struct pktio_ring *ring, const struct pktio_frame *f)
{
	uint32_t sum = sum_bytes(f->caplen, f->data, f->caplen);
	uint8_t small[3];
	uint8_t large[64];

	for (uint16_t code = 0; code < OPTION_CODES; code++)
		for (unsigned index = 0; index < 3; index++) {
			int n = pktio_meta_get(ring, PKTIO_META_FRAME,
					       f->cookie, code, index, large,
					       sizeof(large));
			int m = pktio_meta_get(ring, PKTIO_META_FRAME,
					       f->cookie, code, index, small,
					       sizeof(small));

			HOLDS(n == m && n <= UINT16_MAX);
			HOLDS(n >= 0 || n == -ENOENT || n == -EBADMSG);
			HOLDS(n < 0 || f->flags & PKTIO_F_META ||
			      code == PKTIO_META_FRAME_FLAGS ||
			      code == PKTIO_META_FRAME_DROPS);
			if (n < 0)
				break;
			sum = sum_bytes(sum, large,
					(size_t)n < sizeof(large) ?
						(size_t)n :
						sizeof(large));
		}
	return sum;
}

static void ask_interface(struct pktio_ring *ring, uint32_t ifindex)
{
	uint8_t value[16];

	for (uint16_t code = 1; code < 16; code++) {
		int n = pktio_meta_get(ring, PKTIO_META_INTERFACE, ifindex,
				       code, 0, value, sizeof(value));

		HOLDS((n >= 0 && n <= UINT16_MAX) || n == -ENOENT);
		n = pktio_meta_get(ring, PKTIO_META_SECTION, 0, code, 0, value,
				   sizeof(value));
		HOLDS((n >= 0 && n <= UINT16_MAX) || n == -ENOENT ||
		      n == -EBADMSG);
	}
}

/*
 * The time of libpcap, modulo 2^64. Its arithmetic overflows for powers of 2
 * beyond 2^34, so only the seconds are compared. A simple packet has no time:
 * libpcap returns the offset of its interface, in whole seconds, and pktio
 * returns 0.
 */
static bool same_time(uint64_t ours, const struct pcap_pkthdr *header)
{
	uint64_t second = (uint64_t)header->ts.tv_sec * NS_PER_S;

	if (ours == 0 && header->ts.tv_usec == 0)
		return true;
	return ours == second + (uint64_t)header->ts.tv_usec ||
	       ours - second < NS_PER_S;
}

static void compare(struct reading *reading, const struct pktio_frame *f)
{
	struct pcap_pkthdr *header;
	const u_char *data;

	if (!reading->pcap)
		return;
	if (pcap_next_ex(reading->pcap, &header, &data) != 1) {
		pcap_close(reading->pcap);
		reading->pcap = NULL;
		return;
	}
	HOLDS(f->caplen == header->caplen);
	HOLDS(f->wirelen == header->len);
	HOLDS(same_time(f->ts, header));
	HOLDS(memcmp(f->data, data, f->caplen) == 0);
}

/* If libpcap reads to the end, pktio does so, too, and no frame is missing. */
static void compare_end(struct reading *reading, int code)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int theirs;

	HOLDS(code == PKTIO_EOF || code == -EBADMSG || code == -ENOTSUP);
	if (!reading->pcap)
		return;
	theirs = pcap_next_ex(reading->pcap, &header, &data);
	HOLDS(theirs != 1);
	HOLDS(theirs != PCAP_ERROR_BREAK || code == PKTIO_EOF);
	pcap_close(reading->pcap);
	reading->pcap = NULL;
}

static void release_some(struct reading *reading, unsigned keep,
			 unsigned *random)
{
	while (reading->n > keep) {
		struct held *held;

		*random = *random * 1103515245 + 12345;
		held = &reading->held[(*random >> 16) % reading->n];
		HOLDS(held->sum == sum_frame(reading->ring, &held->frame));
		pktio_release(reading->ring, &held->frame, 1);
		*held = reading->held[--reading->n];
	}
}

static void read_all(struct reading *reading, unsigned burst, unsigned keep,
		     unsigned random)
{
	struct pktio_frame frames[BURST];
	struct pktio_stats stats = { .size = sizeof(stats) };
	int n;

	for (;;) {
		HOLDS(pktio_wait(reading->ring, TIMEOUT_MS) == 1);
		n = pktio_recv(reading->ring, frames, burst);
		if (n == -ENOBUFS) {
			HOLDS(reading->n > 0);
			release_some(reading, 0, &random);
			continue;
		}
		if (n < 0)
			break;
		reading->received += (unsigned)n;
		for (int i = 0; i < n; i++) {
			HOLDS(frames[i].ifindex > 0);
			compare(reading, &frames[i]);
			ask_interface(reading->ring, frames[i].ifindex);
			reading->held[reading->n++] = (struct held){
				frames[i], sum_frame(reading->ring, &frames[i])
			};
		}
		release_some(reading, keep, &random);
	}
	compare_end(reading, n);
	HOLDS(pktio_recv(reading->ring, frames, 1) == n);
	HOLDS(pktio_get_stats(reading->ring, &stats) == 0);
	HOLDS(stats.received == reading->received);
	release_some(reading, keep / 2, &random);
}

static void read_memory(struct reading *reading, int fd, const uint8_t *how)
{
	struct pktio_error error = { 0 };
	char uri[128];
	int r;

	snprintf(uri, sizeof(uri),
		 "pcap_file:/proc/self/fd/%d?buffer-size=%u&buffers=%u", fd,
		 how[1] & 4 ? 4096 : 5000, 2 + how[1] % 4U);
	r = pktio_open(&reading->ring, uri, NULL, &error);
	HOLDS((r == 0) == (reading->ring != NULL));
	HOLDS((r == 0) == (error.text[0] == '\0'));
	/*
	 * pktio opens all files that libpcap opens, except that libpcap skips
	 * all sections before the first interface without checking them.
	 */
	HOLDS(r == 0 || !reading->pcap || strstr(error.text, "section"));
	if (r == 0)
		read_all(reading, 1 + how[0] % BURST,
			 how[0] / BURST * (HELD / BURST), how[1]);
	pktio_close(reading->ring);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t magic[] = { 0x0a, 0x0d, 0x0d, 0x0a };
	struct reading reading = { 0 };
	char message[PCAP_ERRBUF_SIZE];
	FILE *file;
	int fd;

	if (size < 2 + sizeof(magic) ||
	    memcmp(data + 2, magic, sizeof(magic)) != 0)
		return 0;
	fd = memfd_create("input", MFD_CLOEXEC);
	HOLDS(fd >= 0);
	HOLDS(write(fd, data + 2, size - 2) == (ssize_t)(size - 2));
	file = fmemopen((void *)(uintptr_t)(data + 2), size - 2, "r");
	HOLDS(file);
	reading.pcap = pcap_fopen_offline_with_tstamp_precision(
		file, PCAP_TSTAMP_PRECISION_NANO, message);
	if (!reading.pcap)
		fclose(file);
	read_memory(&reading, fd, data);
	if (reading.pcap)
		pcap_close(reading.pcap);
	close(fd);
	return 0;
}
