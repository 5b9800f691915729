/* SPDX-License-Identifier: BSD-3-Clause */
/* Assigns CPUs to workers. The sender's core is used only if all others are. */
#include "system/topology.h"

#include <stdlib.h>
#include <string.h>

#include "util/error.h"

/* The CPUs in the order in which they are assigned. */
struct order {
	int cpus[2 * AFFINITY_MAX_WORKERS];
	unsigned n;
};

static void add(struct order *order, int cpu)
{
	if (cpu >= 0 && order->n < sizeof(order->cpus) / sizeof(*order->cpus))
		order->cpus[order->n++] = cpu;
}

static bool is_senders_core(const struct placement *p,
			    const struct cpu_core *core)
{
	return p->sender >= 0 &&
	       (p->sender == core->cpu || p->sender == core->sibling);
}

/* Adds the first or the second CPU of every core, the sender's core last. */
static void add_cores(struct order *order, const struct placement *p,
		      bool siblings)
{
	for (int senders = 0; senders < 2; senders++)
		for (unsigned i = 0; i < p->cores; i++)
			if (is_senders_core(p, &p->list[i]) == (senders == 1))
				add(order, siblings ? p->list[i].sibling :
						      p->list[i].cpu);
}

int placement_node(const struct placement *placement, int cpu)
{
	for (unsigned i = 0; i < placement->cores; i++)
		if (placement->list[i].cpu == cpu ||
		    placement->list[i].sibling == cpu)
			return placement->list[i].node;
	return -1;
}

/* Reorders the CPUs so that neighbours are on different nodes, if possible. */
static void take_turns(struct order *order, const struct placement *p)
{
	int last = -1;

	for (unsigned i = 0; i < order->n; i++) {
		unsigned j = i;
		int cpu;

		while (j < order->n &&
		       placement_node(p, order->cpus[j]) == last)
			j++;
		j = j < order->n ? j : i;
		cpu = order->cpus[j];
		memmove(order->cpus + i + 1, order->cpus + i,
			(j - i) * sizeof(*order->cpus));
		order->cpus[i] = cpu;
		last = placement_node(p, cpu);
	}
}

static bool is_usable(const struct placement *p, long cpu)
{
	for (unsigned i = 0; i < p->cores; i++)
		if (p->list[i].cpu == cpu || p->list[i].sibling == cpu)
			return true;
	return false;
}

/* "0,2-4" */
static int read_list(struct order *order, const struct placement *p,
		     const char *text, struct pktio_error *reterr)
{
	const char *at = text;

	do {
		char *end;
		long first = strtol(at, &end, 10);
		long last = first;

		if (end != at && *end == '-') {
			at = end + 1;
			last = strtol(at, &end, 10);
		}
		if (end == at || (*end && *end != ',') || last < first)
			return error_set(
				reterr, -EINVAL,
				"--bind list:%s: not a list of CPUs, for example 0,2-4",
				text);
		for (long cpu = first; cpu <= last; cpu++) {
			if (!is_usable(p, cpu))
				return error_set(
					reterr, -EINVAL,
					"--bind list:%s: CPU %ld does not exist or must not be used; --show-placement lists the CPUs",
					text, cpu);
			add(order, (int)cpu);
		}
		at = *end ? end + 1 : NULL;
	} while (at);
	return 0;
}

int affinity_assign(int *ret, unsigned n, const struct placement *placement,
		    const char *policy, bool oversubscribe,
		    struct pktio_error *reterr)
{
	struct order order = { .n = 0 };
	int r = 0;

	if (strncmp(policy, "list:", 5) == 0) {
		r = read_list(&order, placement, policy + 5, reterr);
	} else {
		add_cores(&order, placement, false);
		if (strcmp(policy, "numa") == 0)
			take_turns(&order, placement);
		add_cores(&order, placement, true);
	}
	if (r < 0)
		return r;
	if (order.n == 0)
		return error_set(reterr, -ENODEV,
				 "this process may use no CPU");
	if (n > order.n && !oversubscribe)
		return error_set(
			reterr, -EINVAL,
			"--workers %u: there are only %u CPU%s%s; --oversubscribe allows several workers per CPU",
			n, order.n, order.n == 1 ? "" : "s",
			strncmp(policy, "list:", 5) == 0 ? " in --bind" : "");
	for (unsigned i = 0; i < n; i++)
		ret[i] = order.cpus[i % order.n];
	return 0;
}
