/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/flows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/expect.h"
#include "support/ring.h"
#include "support/test_network.h"

const char *const flows_kinds[FLOWS_KINDS] = {
	"plain4",      "plain6",
	"options4",    "extensions6",
	"vlan",        "qinq",
	"mpls4",       "mpls6",
	"pseudowire",  "pseudowire-bare",
	"pppoe",       "gre",
	"gre-keyed",   "nvgre",
	"erspan2",     "erspan3",
	"ipip",        "6in4",
	"4in6",        "vxlan",
	"vxlan6-vlan", "geneve",
	"gtpu",        "gtpu-extended",
	"nested",      "fragments4",
	"fragments6",  "tunnel-fragments",
};

/* The last bytes of each frame of flows.py, in network order. */
struct mark {
	char magic[4];
	uint16_t kind, flow;
	uint32_t back, number;
};

struct frame {
	uint8_t *data;
	uint32_t size, kind;
	unsigned flow;
};

static struct frame *frames;
static uint32_t nframes;

unsigned flows_kind(const char *name)
{
	unsigned i = 0;

	while (i < FLOWS_KINDS && strcmp(flows_kinds[i], name) != 0)
		i++;
	REQUIRE_LT(i, FLOWS_KINDS, "no kind %s", name);
	return i;
}

/* ---- Making them --------------------------------------------------------- */

static int run(const char *const *argv)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}
	waitpid(child, &status, 0);
	return status;
}

static const char *find_scapy(void)
{
	static const char *const pythons[] = { "python3", "/usr/bin/python3" };

	for (int i = 0; i < 2; i++) {
		const char *argv[] = { pythons[i], "-c",
				       "import sys\n"
				       "try: import scapy\n"
				       "except ImportError: sys.exit(1)",
				       NULL };

		if (run(argv) == 0)
			return pythons[i];
	}
	return NULL;
}

static bool is_newer(const char *file, const char *than)
{
	struct stat a;
	struct stat b;

	return stat(file, &a) == 0 && stat(than, &b) == 0 &&
	       a.st_mtime > b.st_mtime;
}

/*
 * Created again only if the script has changed, because it takes some seconds.
 */
static void make(const char *file, const char *script)
{
	const char *argv[FLOWS_KINDS + 4] = { find_scapy(), script };
	char part[310];

	if (is_newer(file, script))
		return;
	if (!argv[0]) {
		cr_skip("scapy is not installed");
		return;
	}
	snprintf(part, sizeof(part), "%s.part", file);
	argv[2] = part;
	for (unsigned i = 0; i < FLOWS_KINDS; i++)
		argv[3 + i] = flows_kinds[i];
	REQUIRE_EQ(run(argv), 0, "%s failed", script);
	REQUIRE_EQ(rename(part, file), 0);
}

static void keep(const struct pktio_frame *f)
{
	struct frame *kept;
	struct mark mark;

	memcpy(&mark, f->data + f->caplen - sizeof(mark), sizeof(mark));
	REQUIRE_BYTES(mark.magic, "flow", 4);
	frames = realloc(frames, (nframes + 1) * sizeof(*frames));
	kept = &frames[nframes++];
	kept->size = f->caplen;
	kept->kind = ntohs(mark.kind);
	kept->flow = kept->kind * FLOWS_EACH + ntohs(mark.flow);
	kept->data = malloc(f->caplen);
	memcpy(kept->data, f->data, f->caplen);
}

void flows_load(void)
{
	const char *source = getenv("PKTIO_TEST_SOURCE_DIR");
	const char *build = getenv("PKTIO_TEST_BUILD_DIR");
	struct pktio_ring *ring;
	struct pktio_frame f[64];
	char script[300];
	char file[300];
	char uri[400];
	int n;

	snprintf(script, sizeof(script), "%s/tests/support/flows.py",
		 source ? source : ".");
	snprintf(file, sizeof(file), "%s/flows.pcap", build ? build : "/tmp");
	make(file, script);
	snprintf(uri, sizeof(uri), "pcap_file:%s", file);
	ring = ring_open(uri, NULL);
	while ((n = pktio_recv(ring, f, 64)) >= 0) {
		for (int i = 0; i < n; i++)
			keep(&f[i]);
		pktio_release(ring, f, (unsigned)n);
	}
	REQUIRE_EQ(n, PKTIO_EOF);
	REQUIRE_GE(nframes, FLOWS_KINDS * FLOWS_EACH * 2);
	pktio_close(ring);
}

/* ---- Receiving ----------------------------------------------------------- */

void flows_seen_init(struct flows_seen *seen, uint32_t size)
{
	memset(seen, 0, sizeof(*seen));
	seen->times = calloc(1, size);
	seen->size = size;
}

void flows_seen_free(struct flows_seen *seen)
{
	free(seen->times);
	seen->times = NULL;
}

uint32_t flows_missing(const struct flows_seen *seen, uint32_t from,
		       uint32_t to)
{
	uint32_t missing = 0;

	for (uint32_t i = from; i < to; i++)
		missing += seen->times[i] == 0;
	return missing;
}

uint32_t flows_duplicates(const struct flows_seen *seen)
{
	uint32_t twice = 0;

	for (uint32_t i = 0; i < seen->size; i++)
		twice += seen->times[i] > 1;
	return twice;
}

/* Several threads call it at the same time. */
static void record(struct flows_seen *seen, const struct pktio_frame *f,
		   unsigned index)
{
	struct mark mark;
	uint32_t number;
	unsigned flow;

	if (f->caplen < sizeof(mark))
		return;
	memcpy(&mark, f->data + f->caplen - sizeof(mark), sizeof(mark));
	number = ntohl(mark.number);
	if (memcmp(mark.magic, "flow", 4) != 0 || number >= seen->size)
		return;
	__atomic_fetch_add(&seen->times[number], 1, __ATOMIC_RELAXED);
	flow = (unsigned)ntohs(mark.kind) * FLOWS_EACH + ntohs(mark.flow);
	if (flow < FLOWS)
		__atomic_fetch_or(&seen->rings[flow], 1U << index,
				  __ATOMIC_RELAXED);
}

void flows_receive(struct flows_seen *seen, struct pktio_ring *ring,
		   unsigned index)
{
	struct pktio_frame f[64];
	int n;

	while ((n = pktio_recv(ring, f, 64)) > 0) {
		for (int i = 0; i < n; i++)
			record(seen, &f[i], index);
		pktio_release(ring, f, (unsigned)n);
		__atomic_fetch_add(&seen->received, (uint64_t)n,
				   __ATOMIC_RELAXED);
	}
	REQUIRE_EQ(n, 0, "%s", pktio_last_error(ring));
}

/* ---- Sending ------------------------------------------------------------- */

enum { BURST = 64 };

struct burst {
	struct mmsghdr messages[BURST];
	struct iovec vecs[BURST];
	unsigned n;
};

/*
 * Returns the number of frames that the interface refused: its peer may be
 * down.
 */
static uint32_t flush(int sock, struct burst *b)
{
	uint32_t refused = 0;
	unsigned done = 0;

	while (done < b->n) {
		int n = sendmmsg(sock, b->messages + done, b->n - done, 0);

		REQUIRE(n > 0 || errno == ENOBUFS, "%s", strerror(errno));
		refused += n <= 0;
		done += n > 0 ? (unsigned)n : 1;
	}
	b->n = 0;
	return refused;
}

static void add(struct burst *b, uint8_t *data, uint32_t size, uint32_t number)
{
	uint32_t wire = htonl(number);

	memcpy(data + size - sizeof(wire), &wire, sizeof(wire));
	b->vecs[b->n] = (struct iovec){ data, size };
	b->messages[b->n] = (struct mmsghdr){
		.msg_hdr = { .msg_iov = &b->vecs[b->n], .msg_iovlen = 1 }
	};
	b->n++;
}

/* A copy of the frames of these kinds. */
static struct frame *copy_frames(const bool *kinds, uint32_t *n)
{
	struct frame *copies = calloc(nframes, sizeof(*copies));

	*n = 0;
	for (uint32_t i = 0; i < nframes; i++) {
		if (kinds && !kinds[frames[i].kind])
			continue;
		copies[*n] = frames[i];
		copies[*n].data = malloc(frames[i].size);
		memcpy(copies[*n].data, frames[i].data, frames[i].size);
		(*n)++;
	}
	return copies;
}

void *flows_send(void *arg)
{
	struct flows_sender *s = arg;
	struct burst b = { .n = 0 };
	int sock = net_socket(s->interface);
	uint32_t n;
	struct frame *copies = copy_frames(s->kinds, &n);

	for (uint32_t i = 0; n > 0 && i < s->count &&
			     !__atomic_load_n(&s->stop, __ATOMIC_ACQUIRE);
	     i++) {
		add(&b, copies[i % n].data, copies[i % n].size, s->first + i);
		/* A burst cannot have the same frame twice. */
		if (b.n < BURST && i % n != n - 1 && i + 1 < s->count)
			continue;
		s->refused += flush(sock, &b);
		__atomic_store_n(&s->sent, i + 1, __ATOMIC_RELEASE);
		if (s->pause_us)
			usleep(s->pause_us);
	}
	for (uint32_t i = 0; i < n; i++)
		free(copies[i].data);
	free(copies);
	close(sock);
	return NULL;
}

void flows_send_now(const char *interface, const bool *kinds, uint32_t first,
		    uint32_t count)
{
	struct flows_sender s = { .interface = interface,
				  .kinds = kinds,
				  .first = first,
				  .count = count };

	flows_send(&s);
}

const uint8_t *flows_frame(uint32_t i, uint32_t *size)
{
	if (i >= nframes)
		return NULL;
	*size = frames[i].size;
	return frames[i].data;
}

unsigned flows_at(const bool *kinds, uint32_t number)
{
	uint32_t i = 0;
	uint32_t n = 0;

	for (uint32_t j = 0; j < nframes; j++)
		n += !kinds || kinds[frames[j].kind];
	if (n == 0)
		return FLOWS;
	for (number %= n; i < nframes; i++)
		if ((!kinds || kinds[frames[i].kind]) && number-- == 0)
			break;
	return frames[i].flow;
}
