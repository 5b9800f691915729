/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pktio_recv() never waits: not while the interface is down or removed, not
 * while a group starts, and not while a ring is made again. Rings in processes
 * of their own do nothing but receive. In one run strace looks for system calls
 * that wait, in another one each call is timed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "netns/netns.h"
#include "support/expect.h"
#include "support/test_network.h"
#include "support/timing.h"

#define MOST_RINGS 8U
#define BURST 64U
/* System calls that mark the part of a trace in which a ring receives. */
#define BEGIN_MARK 4711
#define END_MARK 4712
/* Between two calls of pktio_recv(), ns: a trace shows it. */
#define PAUSE 234567
#define MS UINT64_C(1000000)

TestSuite(nonblocking, .init = net_create);
TestSuite(ebpf, .init = net_create);

/* What the processes share. */
struct shared {
	unsigned stop;
	struct worker {
		unsigned state; /* enum pktio_state */
		unsigned failed;
		uint64_t calls, slow; /* of 1 ms or more */
		uint64_t longest;     /* ns */
		char error[200];
	} workers[MOST_RINGS];
};

static struct shared *share(void)
{
	void *map = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	REQUIRE(map != MAP_FAILED, "%s", strerror(errno));
	return map;
}

/* ---- A process that receives -------------------------------------------- */

static bool is_traced(void)
{
	char line[128];
	bool traced = false;
	FILE *file = fopen("/proc/self/status", "re");

	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "TracerPid:", 10))
			traced = strtol(line + 10, NULL, 10) != 0;
	if (file)
		fclose(file);
	return traced;
}

static void receive(struct pktio_ring *ring, struct worker *w,
		    const unsigned *stop)
{
	const struct timespec pause = { .tv_nsec = PAUSE };
	struct pktio_info info = { .size = sizeof(info) };
	struct pktio_frame frames[BURST];

	getpgid(BEGIN_MARK);
	while (!__atomic_load_n(stop, __ATOMIC_ACQUIRE)) {
		uint64_t before = now_ns();
		int n = pktio_recv(ring, frames, BURST);
		uint64_t took = now_ns() - before;

		w->calls++;
		w->slow += took >= MS;
		w->longest = took > w->longest ? took : w->longest;
		if (n > 0)
			pktio_release(ring, frames, (unsigned)n);
		if (n < 0)
			snprintf(w->error, sizeof(w->error), "%s",
				 pktio_last_error(ring));
		w->failed += n < 0;
		pktio_get_info(ring, &info);
		__atomic_store_n(&w->state, info.state, __ATOMIC_RELEASE);
		clock_nanosleep(CLOCK_REALTIME, 0, &pause, NULL);
	}
	getpgid(END_MARK);
}

static int work(struct shared *s, const char *uri, unsigned index,
		unsigned count, bool traced)
{
	struct pktio_open_args args = { .size = sizeof(args),
					.index = index,
					.count = count };
	struct worker *w = &s->workers[index];
	struct pktio_error error = { 0 };
	struct pktio_ring *ring = NULL;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	while (traced && !is_traced())
		usleep(1000);
	if (pktio_open(&ring, uri, &args, &error) < 0) {
		snprintf(w->error, sizeof(w->error), "%.190s", error.text);
		return 1;
	}
	receive(ring, w, &s->stop);
	pktio_close(ring);
	return 0;
}

/* ---- The trace ---------------------------------------------------------- */

static pid_t start_strace(const char *log, const pid_t *pids, unsigned n)
{
	const char *argv[10 + 2 * MOST_RINGS] = {
		"strace", "-f", "-qq", "-e", "verbose=clock_nanosleep",
		"-o",     log
	};
	char texts[MOST_RINGS][16];
	unsigned at = 7;
	pid_t pid;

	for (unsigned i = 0; i < n; i++) {
		snprintf(texts[i], sizeof(texts[i]), "%d", pids[i]);
		argv[at++] = "-p";
		argv[at++] = texts[i];
	}
	argv[at] = NULL;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execvp("strace", (char *const *)argv);
		_exit(127);
	}
	return pid;
}

static bool has_strace(void)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout))
			execlp("strace", "strace", "-V", (char *)NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return status == 0;
}

static bool has(const char *line, const char *text)
{
	return strstr(line, text);
}

/* Whether a system call can wait, as strace writes it. */
static bool waits(const char *call)
{
	static const char *const names[] = {
		"nanosleep(", "clock_nanosleep(", "membarrier(", "ppoll(",
		"select(",    "pselect6(",        "wait4(",      "waitid(",
		"flock(",     "fsync(",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(call, names[i], strlen(names[i])))
			return true;
	if (!strncmp(call, "poll(", 5))
		return !has(call, ", 0)");
	if (!strncmp(call, "futex(", 6))
		return has(call, "_WAIT") || has(call, "LOCK_PI");
	if (!strncmp(call, "epoll_", 6) && has(call, "_wait("))
		return !has(call, ", 0)") && !has(call, ", 0, ");
	if (!strncmp(call, "recvfrom(", 9) || !strncmp(call, "recvmsg(", 8))
		return !has(call, "MSG_DONTWAIT");
	/* The kernel compiles and verifies a program for long. */
	if (!strncmp(call, "bpf(", 4))
		return has(call, "BPF_PROG_LOAD");
	/* These wait for RCU, or allocate the ring. */
	return !strncmp(call, "setsockopt(", 11) &&
	       (has(call, "PACKET_RX_RING") || has(call, "PACKET_TX_RING"));
}

/*
 * The next system call of the process in the trace; false at its end. strace
 * writes a call in two parts if another process makes one in between.
 */
static bool next_call(FILE *log, pid_t pid, char *ret, size_t size)
{
	char line[1024];
	size_t used = 0;

	while (fgets(line, sizeof(line), log)) {
		const char *part;
		char *end;
		size_t n;

		if (strtol(line, &end, 10) != pid)
			continue;
		part = end + strspn(end, " ");
		if (!strncmp(part, "<... ", 5) && has(part, " resumed>"))
			part = strstr(part, " resumed>") + 9;
		end = strstr(part, " <unfinished ...>");
		n = end ? (size_t)(end - part) : strlen(part);
		n = n < size - 1 - used ? n : size - 1 - used;
		memcpy(ret + used, part, n);
		used += n;
		ret[used] = '\0';
		if (!end)
			return true;
	}
	return false;
}

/* Expects no waiting call of the process while it received. */
static void expect_no_wait(FILE *log, pid_t pid)
{
	char call[2048];
	char pause[32];
	bool receives = false;
	unsigned calls = 0;

	snprintf(pause, sizeof(pause), "tv_nsec=%d}", PAUSE);
	rewind(log);
	while (next_call(log, pid, call, sizeof(call))) {
		if (!strncmp(call, "getpgid(4711", 12))
			receives = true;
		if (!strncmp(call, "getpgid(4712", 12))
			receives = false;
		if (!receives)
			continue;
		calls++;
		EXPECT(!waits(call) || has(call, pause), "%s", call);
	}
	EXPECT(calls > 100, "the trace has %u calls", calls);
}

/* ---- The course --------------------------------------------------------- */

/* Waits until all rings are in one of the two states. */
static void await(const struct shared *s, unsigned n, enum pktio_state one,
		  enum pktio_state other)
{
	uint64_t end = now_ns() + 20000 * MS;
	unsigned there = 0;

	while (there < n && now_ns() < end) {
		usleep(1000);
		there = 0;
		for (unsigned i = 0; i < n; i++) {
			unsigned state = __atomic_load_n(&s->workers[i].state,
							 __ATOMIC_ACQUIRE);

			there += state == one || state == other;
		}
	}
	for (unsigned i = 0; there < n && i < n; i++)
		EXPECT(!*s->workers[i].error, "ring %u, state %s: %s", i,
		       pktio_state_name(s->workers[i].state),
		       s->workers[i].error);
	REQUIRE(there == n, "%u of %u rings are in state %s", there, n,
		pktio_state_name(one));
}

static void take_course(const struct shared *s, unsigned n)
{
	struct pktio_error error = { 0 };

	await(s, n, PKTIO_STATE_RUNNING, PKTIO_STATE_RUNNING);
	net_set_up(NET_B, false);
	await(s, n, PKTIO_STATE_LINK_DOWN, PKTIO_STATE_LINK_DOWN);
	net_set_up(NET_B, true);
	await(s, n, PKTIO_STATE_RUNNING, PKTIO_STATE_RUNNING);
	for (int i = 0; i < 2; i++) {
		net_send_numbers(net_socket(NET_A), 0, 100);
		REQUIRE_EQ(netns_delete(NET_A, &error), 0, "%s", error.text);
		await(s, n, PKTIO_STATE_GONE, PKTIO_STATE_ABSENT);
		REQUIRE_EQ(netns_veth(NET_A, NET_B, &error), 0, "%s",
			   error.text);
		await(s, n, PKTIO_STATE_RUNNING, PKTIO_STATE_RUNNING);
	}
}

static void run(struct shared *s, const char *uri, unsigned n, bool traced)
{
	char path[] = "/tmp/pktio-strace.XXXXXX";
	pid_t pids[MOST_RINGS];
	pid_t strace = 0;
	int fd = traced ? mkstemp(path) : -1;
	FILE *log = traced ? fdopen(fd, "r") : NULL;

	fflush(NULL);
	for (unsigned i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(work(s, uri, i, n, traced));
	}
	if (traced)
		strace = start_strace(path, pids, n);
	take_course(s, n);
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELEASE);
	for (unsigned i = 0; i < n; i++) {
		int status = -1;

		waitpid(pids[i], &status, 0);
		EXPECT(status == 0, "ring %u: %s", i, s->workers[i].error);
		EXPECT(s->workers[i].failed == 0, "ring %u: %s", i,
		       s->workers[i].error);
	}
	if (!traced)
		return;
	waitpid(strace, NULL, 0);
	for (unsigned i = 0; i < n; i++)
		expect_no_wait(log, pids[i]);
	fclose(log);
	unlink(path);
}

/* ---- Tests -------------------------------------------------------------- */

static void expect_no_waiting_call(const char *query, unsigned n)
{
	char uri[128];

	if (!has_strace())
		cr_skip_test("strace is not installed");
	snprintf(uri, sizeof(uri), "af_packet:" NET_B "?%s", query);
	run(share(), uri, n, true);
}

/* Another process may take the CPU at any time; so the best of three runs. */
static void expect_short_calls(const char *query, unsigned n)
{
	uint64_t calls = 0;
	uint64_t slow = 0;
	uint64_t longest = 0;
	char uri[128];

	snprintf(uri, sizeof(uri), "af_packet:" NET_B "?%s", query);
	for (int tries = 0; tries < 3; tries++) {
		struct shared *s = share();

		run(s, uri, n, false);
		calls = 0;
		slow = 0;
		longest = 0;
		for (unsigned i = 0; i < n; i++) {
			const struct worker *w = &s->workers[i];

			calls += w->calls;
			slow += w->slow;
			longest = w->longest > longest ? w->longest : longest;
		}
		cr_log_info(
			"%lu calls, %lu of 1 ms or more, the longest %lu us",
			calls, slow, longest / 1000);
		if (slow * 1000 <= calls)
			return;
	}
	EXPECT(slow * 1000 <= calls, "%lu of %lu calls took 1 ms or more", slow,
	       calls);
}

Test(nonblocking, recv_of_one_ring_makes_no_call_that_waits)
{
	expect_no_waiting_call("ring-size=2M&block-size=64K", 1);
}

Test(nonblocking, recv_of_one_ring_is_short)
{
	expect_short_calls("ring-size=2M&block-size=64K", 1);
}

/* ---- Groups -------------------------------------------------------------- */

/* gcc's thread sanitizer ends a forked process that starts a thread, which a
 * ring of a group does when its interface is replaced. */
static void skip_with_thread_sanitizer(void)
{
#ifdef __SANITIZE_THREAD__
	cr_skip_test("the thread sanitizer has no threads in forked processes");
#endif
}

#define GROUP "ring-size=1M&block-size=64K&block-timeout=2ms&fanout="

Test(nonblocking, recv_in_a_group_of_processes_makes_no_call_that_waits)
{
	skip_with_thread_sanitizer();
	expect_no_waiting_call(GROUP "hash", MOST_RINGS);
	expect_no_waiting_call(GROUP "cbpf&fanout-id=77", MOST_RINGS);
}

Test(nonblocking, recv_in_a_group_of_processes_is_short)
{
	skip_with_thread_sanitizer();
	expect_short_calls(GROUP "hash", MOST_RINGS);
}

Test(ebpf, recv_in_a_group_with_ebpf_makes_no_call_that_waits)
{
	skip_with_thread_sanitizer();
	expect_no_waiting_call(GROUP "ebpf", MOST_RINGS);
	expect_no_waiting_call(GROUP "ebpf&fanout-id=77", MOST_RINGS);
}

Test(ebpf, recv_in_a_group_with_ebpf_is_short)
{
	skip_with_thread_sanitizer();
	expect_short_calls(GROUP "ebpf", MOST_RINGS);
}
