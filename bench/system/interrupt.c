/* SPDX-License-Identifier: BSD-3-Clause */
/* Ctrl-C ends the measuring, and what was measured is still printed. */
#include "system/interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

#include "system/clock.h"

/* timeout(1), for one, tells a process and then all of its group. */
#define SAME_NS (500 * (uint64_t)NS_PER_MS)

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

#define SIGNALS (sizeof(signals) / sizeof(*signals))

static volatile sig_atomic_t came, child;
static uint64_t first;

static void note(int number)
{
	if (!came) {
		came = 1;
		first = clock_now();
		if (child)
			kill((pid_t)child, SIGTERM);
	} else if (clock_now() - first > SAME_NS) {
		signal(number, SIG_DFL);
		raise(number);
	}
}

void interrupt_install(void)
{
	struct sigaction action = { .sa_handler = note };
	struct sigaction before;

	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&action.sa_mask, signals[i]);
	for (size_t i = 0; i < SIGNALS; i++)
		/* nohup(1) has it ignored. */
		if (signals[i] != SIGHUP ||
		    (sigaction(SIGHUP, NULL, &before) == 0 &&
		     before.sa_handler != SIG_IGN))
			sigaction(signals[i], &action, NULL);
}

bool interrupt_pending(void)
{
	return came;
}

void interrupt_forward(pid_t pid)
{
	child = (sig_atomic_t)pid;
	if (came && pid > 0)
		kill(pid, SIGTERM);
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < SIGNALS; i++)
		sigaddset(&set, signals[i]);
	pthread_sigmask(how, &set, NULL);
}

void interrupt_block(void)
{
	mask(SIG_BLOCK);
}

void interrupt_unblock(void)
{
	mask(SIG_UNBLOCK);
}
