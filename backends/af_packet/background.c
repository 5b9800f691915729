/* SPDX-License-Identifier: BSD-3-Clause */
#include "background.h"

#include <signal.h>
#include <unistd.h>

int background_start(struct background *b, void *(*run)(void *), void *arg)
{
	sigset_t all;
	sigset_t before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&b->thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (error == 0)
		b->owner = getpid();
	return -error;
}

/* A child process has no copy of the thread. */
static bool is_here(const struct background *b)
{
	return b->owner != 0 && b->owner == getpid();
}

bool background_done(struct background *b)
{
	if (is_here(b) && pthread_tryjoin_np(b->thread, NULL) != 0)
		return false;
	b->owner = 0;
	return true;
}

void background_wait(struct background *b)
{
	if (is_here(b))
		pthread_join(b->thread, NULL);
	b->owner = 0;
}
