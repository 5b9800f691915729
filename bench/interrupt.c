/* SPDX-License-Identifier: BSD-3-Clause */
/* Ctrl-C ends the measuring, and what was measured is still printed. */
#include "interrupt.h"

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t came;

static void note(int number)
{
	(void)number;
	came = 1;
}

void interrupt_catch(void)
{
	struct sigaction action = { .sa_handler = note,
				    .sa_flags = SA_RESETHAND };

	sigaction(SIGINT, &action, NULL);
}

bool interrupt_came(void)
{
	return came;
}

static void mask(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
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
