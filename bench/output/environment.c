/* SPDX-License-Identifier: BSD-3-Clause */
/* The machine and the environment of a measurement. */
#include "output/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/ethtool.h>
#include <linux/if.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "system/cpu_counters.h"

json_t *output_machine(const struct placement *p)
{
	struct utsname name = { 0 };

	uname(&name);
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:I}", "cpu",
			 p->cpu_model, "kernel", name.release, "architecture",
			 name.machine, "packages", (int)p->packages,
			 "numa_nodes", (int)p->nodes, "cores", (int)p->cores,
			 "cpus", (int)p->cpus, "memory", (json_int_t)p->memory);
}

static json_t *integer_or_null(long value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *topology(const struct placement *p)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < p->cores; i++)
		json_array_append_new(
			list,
			json_pack("{s:i, s:o, s:o}", "cpu", p->list[i].cpu,
				  "sibling",
				  integer_or_null(p->list[i].sibling), "node",
				  integer_or_null(p->list[i].node)));
	return list;
}

/* The first line of a file, or null. */
static json_t *first_line(const char *path)
{
	FILE *file = fopen(path, "re");
	char line[256] = "";

	if (!file)
		return json_null();
	if (!fgets(line, sizeof(line), file))
		*line = '\0';
	fclose(file);
	line[strcspn(line, "\n")] = '\0';
	return *line ? json_string(line) : json_null();
}

static json_t *governor(int cpu)
{
	char path[128];

	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor", cpu);
	return first_line(path);
}

/* True if an x86 CPU has the flag of a hypervisor. */
static bool has_hypervisor(void)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char line[8192];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strncmp(line, "flags", 5) == 0 &&
			strstr(line, " hypervisor");
	if (file)
		fclose(file);
	return found;
}

static json_t *now(void)
{
	char text[32] = "";
	time_t t = time(NULL);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}

/* ---- Interface ---------------------------------------------------------- */

static int ethtool(const char *name, void *data)
{
	struct ifreq request = { .ifr_data = data };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int r;

	if (sock < 0)
		return -errno;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	r = ioctl(sock, SIOCETHTOOL, &request) < 0 ? -errno : 0;
	close(sock);
	return r;
}

static json_t *offload(const char *name, unsigned command)
{
	struct ethtool_value value = { .cmd = command };

	return ethtool(name, &value) < 0 ? json_null() :
					   json_boolean(value.data != 0);
}

static json_t *offloads(const char *name)
{
	struct ethtool_value flags = { .cmd = ETHTOOL_GFLAGS };
	json_t *object = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o}", "rx-checksum",
		offload(name, ETHTOOL_GRXCSUM), "tx-checksum",
		offload(name, ETHTOOL_GTXCSUM), "scatter-gather",
		offload(name, ETHTOOL_GSG), "tso", offload(name, ETHTOOL_GTSO),
		"gso", offload(name, ETHTOOL_GGSO), "gro",
		offload(name, ETHTOOL_GGRO));

	if (ethtool(name, &flags) == 0)
		json_object_set_new(object, "lro",
				    json_boolean((flags.data & ETH_FLAG_LRO) !=
						 0));
	return object;
}

/* The speed in Mbit/s; -1 if the link has none. */
static long speed_of(const char *name)
{
	struct ethtool_cmd link = { .cmd = ETHTOOL_GSET };
	uint32_t speed;

	if (ethtool(name, &link) < 0)
		return -1;
	speed = ethtool_cmd_speed(&link);
	return speed == (uint32_t)SPEED_UNKNOWN ? -1 : (long)speed;
}

static long mtu_of(const char *name)
{
	struct ifreq request = { .ifr_mtu = -1 };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0)
		return -1;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(sock, SIOCGIFMTU, &request) < 0)
		request.ifr_mtu = -1;
	close(sock);
	return request.ifr_mtu;
}

static json_t *interface(const char *name)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };

	if (!name)
		return json_null();
	return json_pack("{s:s, s:s?, s:o, s:o, s:o}", "name", name, "driver",
			 ethtool(name, &driver) == 0 ? driver.driver : NULL,
			 "mtu", integer_or_null(mtu_of(name)), "speed_mbps",
			 integer_or_null(speed_of(name)), "offloads",
			 offloads(name));
}

/* ---- Environment -------------------------------------------------------- */

static json_t *sender(const struct plan *plan)
{
	if (!plan->sender || plan->nscenarios == 0 ||
	    !plan->scenarios[0].method)
		return json_null();
	return json_pack("{s:s, s:s}", "method",
			 plan->scenarios[0].method->name, "reason",
			 plan->method_reason);
}

json_t *output_environment(const struct plan *plan)
{
	char counters[128];

	hw_counters_describe(counters, sizeof(counters));
	return json_pack(
		"{s:o, s:o, s:o, s:b, s:s, s:o, s:o, s:s}", "time", now(),
		"topology", topology(&plan->placement), "governor",
		governor(plan->placement.receiver), "hypervisor",
		(int)has_hypervisor(), "counters", counters, "interface",
		interface(plan->peer), "sender", sender(plan), "cpu_split",
		plan_has_separate_cpus(plan, plan->workers) && plan->sender ?
			"proc_stat" :
			"thread");
}
