/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Chooses the CPUs of a measurement. Receiver and sender get different cores,
 * so that they do not take time from each other and share no SMT sibling. Both
 * cores are on one NUMA node. The receiver avoids the cores that serve the
 * interrupts of the interface. The last cores are preferred: on most machines
 * the first cores serve the interrupts.
 */
#include "system/topology.h"

#include <dirent.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <hwloc.h>

#include "util/error.h"

struct topology {
	hwloc_topology_t topology;
	hwloc_cpuset_t allowed; /* CPUs that this process may use */
	hwloc_cpuset_t irqs;    /* CPUs with interrupts of the interface */
	struct cpu_core *cores;
	unsigned n;
	int node; /* preferred */
};

/* Appends to a text of fixed size, and truncates it. */
static void append(char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void append(char *text, size_t size, const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	vsnprintf(text + used, size - used, format, args);
	va_end(args);
}

/* ---- Interrupts of an interface ----------------------------------------- */

static bool read_line(char *ret, size_t size, const char *path)
{
	FILE *file = fopen(path, "re");
	bool ok = file && fgets(ret, (int)size, file);

	if (file)
		fclose(file);
	if (ok)
		ret[strcspn(ret, "\n")] = '\0';
	return ok;
}

/* Adds the CPUs that serve an interrupt. */
static void add_irq(struct topology *p, const char *number)
{
	static const char *const files[] = { "effective_affinity_list",
					     "smp_affinity_list" };
	hwloc_cpuset_t set = hwloc_bitmap_alloc();

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char path[PATH_MAX];
		char list[512];

		snprintf(path, sizeof(path), "/proc/irq/%s/%s", number,
			 files[i]);
		/* The first file may be empty. */
		if (read_line(list, sizeof(list), path) && *list &&
		    hwloc_bitmap_list_sscanf(set, list) == 0) {
			hwloc_bitmap_or(p->irqs, p->irqs, set);
			break;
		}
	}
	hwloc_bitmap_free(set);
}

/* The device of a virtio NIC is below the device with the interrupts. */
static void find_irqs(struct topology *p, const char *interface)
{
	static const char *const dirs[] = { "device/msi_irqs",
					    "device/../msi_irqs" };

	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char path[PATH_MAX];
		struct dirent *entry;
		DIR *dir;

		snprintf(path, sizeof(path), "/sys/class/net/%s/%s", interface,
			 dirs[i]);
		dir = opendir(path);
		if (!dir)
			continue;
		while ((entry = readdir(dir)))
			if (entry->d_name[0] != '.')
				add_irq(p, entry->d_name);
		closedir(dir);
		return;
	}
}

/* The NUMA node of the interface; -1: not known. */
static int find_node(const char *interface)
{
	char path[PATH_MAX];
	char text[32];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node",
		 interface);
	return read_line(text, sizeof(text), path) ?
		       (int)strtol(text, NULL, 10) :
		       -1;
}

/* ---- Cores -------------------------------------------------------------- */

static int collect_cores(struct topology *p)
{
	/* A virtual machine may show no cores, only CPUs. */
	hwloc_obj_type_t type =
		hwloc_get_nbobjs_by_type(p->topology, HWLOC_OBJ_CORE) > 0 ?
			HWLOC_OBJ_CORE :
			HWLOC_OBJ_PU;
	hwloc_cpuset_t mine = hwloc_bitmap_alloc();
	hwloc_obj_t core = NULL;
	int n = hwloc_get_nbobjs_by_type(p->topology, type);

	p->cores = calloc(n > 0 ? (size_t)n : 1, sizeof(*p->cores));
	if (!p->cores || !mine) {
		hwloc_bitmap_free(mine);
		return -ENOMEM;
	}
	while ((core = hwloc_get_next_obj_by_type(p->topology, type, core))) {
		int cpu;

		hwloc_bitmap_and(mine, core->cpuset, p->allowed);
		cpu = hwloc_bitmap_first(mine);
		if (cpu < 0)
			continue;
		p->cores[p->n++] = (struct cpu_core){
			.cpu = cpu,
			.sibling = hwloc_bitmap_next(mine, cpu),
			.node = hwloc_bitmap_first(core->nodeset),
			.irq = hwloc_bitmap_intersects(core->cpuset, p->irqs),
		};
	}
	hwloc_bitmap_free(mine);
	return p->n ? 0 : -ENODEV;
}

/*
 * Prefers the node of the interface, or the node with the most usable cores. If
 * several have as many, the last one: CPU 0 serves most interrupts.
 */
static void prefer_node(struct topology *p)
{
	unsigned best = 0;
	int node = -1;

	for (unsigned i = 0; i < p->n; i++) {
		unsigned here = 0;

		for (unsigned j = 0; j < p->n; j++)
			here += p->cores[j].node == p->cores[i].node;
		if (here >= best) {
			best = here;
			node = p->cores[i].node;
		}
	}
	if (p->node < 0)
		p->node = node;
	for (unsigned i = 0; i < p->n; i++)
		p->cores[i].local = p->cores[i].node == p->node;
}

/* Sorts the best core first. */
static int compare(const void *a, const void *b)
{
	const struct cpu_core *x = a;
	const struct cpu_core *y = b;

	if (x->irq != y->irq)
		return x->irq ? 1 : -1;
	if (x->local != y->local)
		return x->local ? -1 : 1;
	return y->cpu - x->cpu;
}

/* ---- Texts -------------------------------------------------------------- */

static void describe_sender(struct placement *ret,
			    const struct cpu_core *receiver,
			    const struct cpu_core *sender)
{
	char *reason = ret->reason;
	size_t size = sizeof(ret->reason);

	if (receiver == sender) {
		append(reason, size,
		       ret->sender == ret->receiver ?
			       "only one CPU is available: sender and receiver share CPU %d and take time from each other" :
			       "only one core is available: receiver and sender are its SMT siblings (sender on CPU %d) and slow each other down",
		       ret->sender);
		return;
	}
	append(reason, size,
	       "different cores, whose SMT siblings are not used");
	if (ret->nodes > 1)
		append(reason, size,
		       receiver->node == sender->node ?
			       ", on the same NUMA node (%d)" :
			       ", on different NUMA nodes (receiver: %d), because no node has two usable cores",
		       receiver->node);
	else
		append(reason, size, ", one NUMA node");
	if (receiver->cpu != 0 && sender->cpu != 0)
		append(reason, size,
		       "; the last cores, because CPU 0 serves most interrupts");
}

static void describe_interface(const struct topology *p, struct placement *ret,
			       const struct cpu_core *receiver,
			       const char *interface)
{
	char *reason = ret->reason;
	size_t size = sizeof(ret->reason);
	char list[128];

	if (hwloc_bitmap_iszero(p->irqs)) {
		append(reason, size,
		       "the last core, because CPU 0 serves most interrupts; it is not known which CPUs serve the interrupts of '%s'",
		       interface);
	} else {
		hwloc_bitmap_list_snprintf(list, sizeof(list), p->irqs);
		append(reason, size,
		       receiver->irq ?
			       "every usable core serves interrupts of '%s' (CPUs %s)" :
			       "not a core that serves the interrupts of '%s' (CPUs %s)",
		       interface, list);
	}
	if (ret->nodes > 1)
		append(reason, size,
		       receiver->local ? ", on its NUMA node (%d)" :
					 ", not on its NUMA node (%d)",
		       p->node);
}

static void describe_machine(const struct topology *p, struct placement *ret)
{
	hwloc_obj_t machine = hwloc_get_root_obj(p->topology);
	hwloc_obj_t package =
		hwloc_get_obj_by_type(p->topology, HWLOC_OBJ_PACKAGE, 0);
	const char *model =
		package ? hwloc_obj_get_info_by_name(package, "CPUModel") :
			  NULL;

	snprintf(ret->cpu_model, sizeof(ret->cpu_model), "%s",
		 model ? model : "unknown CPU");
	ret->packages = (unsigned)hwloc_get_nbobjs_by_type(p->topology,
							   HWLOC_OBJ_PACKAGE);
	ret->nodes = (unsigned)hwloc_get_nbobjs_by_type(p->topology,
							HWLOC_OBJ_NUMANODE);
	ret->cores = p->n;
	ret->cpus = (unsigned)hwloc_bitmap_weight(p->allowed);
	ret->memory = machine->total_memory;
}

/* One line for the machine, then one line for each core. */
static char *describe_topology(const struct topology *p,
			       const struct placement *placement)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out,
		"%s: %u package%s, %u NUMA node%s, %u usable core%s with %u CPU%s, %.1f GiB\n",
		placement->cpu_model, placement->packages,
		placement->packages == 1 ? "" : "s", placement->nodes,
		placement->nodes == 1 ? "" : "s", placement->cores,
		placement->cores == 1 ? "" : "s", placement->cpus,
		placement->cpus == 1 ? "" : "s",
		(double)placement->memory / (double)(1U << 30));
	for (unsigned i = 0; i < p->n; i++) {
		const struct cpu_core *core = &p->cores[i];

		fprintf(out, "  node %d  CPU %d", core->node, core->cpu);
		if (core->sibling >= 0)
			fprintf(out, " (SMT sibling: CPU %d)", core->sibling);
		if (core->irq)
			fprintf(out, "  interrupts");
		if (placement->receiver == core->cpu)
			fprintf(out, "  receiver");
		if (placement->sender >= 0 &&
		    (placement->sender == core->cpu ||
		     placement->sender == core->sibling))
			fprintf(out, "  sender");
		fputc('\n', out);
	}
	return fclose(out) == 0 ? text : NULL;
}

/* ---- The choice --------------------------------------------------------- */

static int load(struct topology *p, const char *interface)
{
	hwloc_cpuset_t bound;

	if (hwloc_topology_init(&p->topology) < 0)
		return -ENOMEM;
	if (hwloc_topology_load(p->topology) < 0)
		return -EIO;
	p->allowed = hwloc_bitmap_dup(
		hwloc_topology_get_allowed_cpuset(p->topology));
	p->irqs = hwloc_bitmap_alloc();
	bound = hwloc_bitmap_alloc();
	if (!p->allowed || !p->irqs || !bound) {
		hwloc_bitmap_free(bound);
		return -ENOMEM;
	}
	/* taskset(1) and others limit the CPUs. */
	if (hwloc_get_cpubind(p->topology, bound, HWLOC_CPUBIND_PROCESS) == 0)
		hwloc_bitmap_and(p->allowed, p->allowed, bound);
	hwloc_bitmap_free(bound);
	if (interface) {
		find_irqs(p, interface);
		p->node = find_node(interface);
	}
	return collect_cores(p);
}

static void choose(struct topology *p, struct placement *ret,
		   const char *interface, bool wanted)
{
	const struct cpu_core *receiver = &p->cores[0];
	const struct cpu_core *sender = &p->cores[p->n > 1 ? 1 : 0];

	prefer_node(p);
	qsort(p->cores, p->n, sizeof(*p->cores), compare);
	ret->receiver = receiver->cpu;
	ret->sender = -1;
	describe_machine(p, ret);
	if (interface) {
		describe_interface(p, ret, receiver, interface);
	} else if (wanted) {
		ret->sender = sender != receiver   ? sender->cpu :
			      sender->sibling >= 0 ? sender->sibling :
						     sender->cpu;
		describe_sender(ret, receiver, sender);
	} else {
		append(ret->reason, sizeof(ret->reason),
		       "the last core, because CPU 0 serves most interrupts");
	}
}

int placement_choose(struct placement *ret, const char *interface, bool sender,
		     struct pktio_error *reterr)
{
	struct topology p = { .node = -1 };
	int r = load(&p, interface);

	*ret = (struct placement){ .receiver = -1, .sender = -1 };
	if (r == 0) {
		choose(&p, ret, interface, sender);
		ret->topology = describe_topology(&p, ret);
		r = ret->topology ? 0 : -ENOMEM;
		ret->list = p.cores;
		p.cores = NULL;
	}
	if (p.topology)
		hwloc_topology_destroy(p.topology);
	hwloc_bitmap_free(p.allowed);
	hwloc_bitmap_free(p.irqs);
	free(p.cores);
	return r == 0 ? 0 :
			error_set(reterr, r, "cannot read the CPU topology: %s",
				  strerror(-r));
}

void placement_free(struct placement *p)
{
	free(p->topology);
	free(p->list);
	p->topology = NULL;
	p->list = NULL;
}

void affinity_set(int cpu)
{
	cpu_set_t set;

	if (cpu < 0 || cpu >= CPU_SETSIZE)
		return;
	CPU_ZERO(&set);
	CPU_SET((unsigned)cpu, &set);
	/* The CPU was usable a moment ago. If it is not any more, run on any
	 * CPU. */
	sched_setaffinity(0, sizeof(set), &set);
}
