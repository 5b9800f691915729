/* SPDX-License-Identifier: BSD-3-Clause */
/* Do the counts of a trial come to the same? */
#include "measure/accounting.h"

#include <inttypes.h>
#include <stdio.h>

int64_t accounting_missing(const struct frame_accounting *a)
{
	return (int64_t)(a->sent - a->received - a->ring - a->softnet -
			 a->filtered);
}

static bool check_sum(const struct frame_accounting *a, char *reason,
		      size_t size)
{
	int64_t missing = accounting_missing(a);

	if (!a->sent_known || missing == 0)
		return true;
	snprintf(reason, size,
		 "%" PRIu64 " frames were sent, but %" PRIu64
		 " received + %" PRIu64 " lost in the ring + %" PRIu64
		 " before it + %" PRIu64 " filtered are %" PRIu64 " %s",
		 a->sent, a->received, a->ring, a->softnet, a->filtered,
		 (uint64_t)(missing < 0 ? -missing : missing),
		 missing < 0 ? "more" : "fewer");
	return false;
}

static bool check_workers(const struct frame_accounting *a, char *reason,
			  size_t size)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < a->nworkers; i++)
		sum += a->workers[i];
	if (!a->workers || sum == a->received)
		return true;
	snprintf(reason, size,
		 "the workers received %" PRIu64
		 " frames, but together %" PRIu64,
		 sum, a->received);
	return false;
}

bool accounting_check(const struct frame_accounting *a, char *reason,
		      size_t size)
{
	*reason = '\0';
	if (!check_sum(a, reason, size) || !check_workers(a, reason, size))
		return false;
	if (a->foreign == 0)
		return true;
	snprintf(reason, size,
		 "%" PRIu64
		 " of the frames received are not ours, or were cut short",
		 a->foreign);
	return false;
}
