/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario/plan.h"

#include <stdarg.h>
#include <stdio.h>

const char *plan_receiver_name(const struct plan *plan,
			       const struct receiver *receiver)
{
	return receiver == plan->tested ? plan->options->backend :
					  receiver->name;
}

bool plan_has_separate_cpus(const struct plan *plan, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (plan->cpus[i] == plan->placement.sender)
			return false;
		for (unsigned j = 0; j < i; j++)
			if (plan->cpus[i] == plan->cpus[j])
				return false;
	}
	return true;
}

void plan_note(struct plan *plan, const char *format, ...)
{
	va_list args;

	if (plan->nnotes == PLAN_MAX_NOTES)
		return;
	va_start(args, format);
	vsnprintf(plan->notes[plan->nnotes++], PLAN_NOTE_SIZE, format, args);
	va_end(args);
}
