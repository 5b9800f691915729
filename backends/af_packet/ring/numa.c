/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The NUMA node of the ring memory. The kernel allocates the memory on the node
 * that the calling thread prefers. So the thread prefers the node of the NIC
 * during that one call, and then asks for the node of the pages. The three
 * system calls are called by number, without libnuma.
 */
#include "ring/numa.h"

#include "af_packet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ethtool.h>
#include <linux/mempolicy.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BITS_PER_LONG (8 * sizeof(long))
#define MOST_NODES (sizeof(((struct numa_policy *)0)->nodes) * 8)
#define SAMPLES 64U

/*
 * The node of the PCI device of the NIC; -1 if it has none, or if there is only
 * one node. The driver reports the device: /sys/class/net may belong to another
 * network namespace.
 */
static int node_of_nic(const struct af_packet *p)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_ifindex = p->ifindex };
	char path[sizeof(info.bus_info) + 40];
	char line[16] = "";
	FILE *file;
	long node = -1;
	char *end;

	if (ioctl(p->sock, SIOCGIFNAME, &request) < 0)
		return -1;
	request.ifr_data = (void *)&info;
	if (ioctl(p->sock, SIOCETHTOOL, &request) < 0 || !info.bus_info[0] ||
	    memchr(info.bus_info, '/', sizeof(info.bus_info)))
		return -1;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.*s/numa_node",
		 (int)sizeof(info.bus_info), info.bus_info);
	file = fopen(path, "re");
	if (!file)
		return -1;
	if (fgets(line, sizeof(line), file)) {
		node = strtol(line, &end, 10);
		if (end == line || node >= (long)MOST_NODES)
			node = -1;
	}
	fclose(file);
	return (int)node;
}

/* The node to prefer; -1: none. */
static int choose_node(struct af_packet *p, int *ret)
{
	const char *text = p->conf->numa;
	unsigned long node;
	char *end;

	*ret = -1;
	if (!strcmp(text, "none"))
		return 0;
	if (!strcmp(text, "auto")) {
		*ret = node_of_nic(p);
		return 0;
	}
	node = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || node >= MOST_NODES)
		return pktio_fail(
			&p->ring, -EINVAL,
			"numa '%s' is not a node; use auto, none, or a number below %zu",
			text, MOST_NODES);
	*ret = (int)node;
	return 0;
}

int numa_prefer(struct af_packet *p, struct numa_policy *before)
{
	unsigned long nodes[sizeof(before->nodes) / sizeof(long)] = { 0 };
	bool asked = strcmp(p->conf->numa, "auto") != 0;
	int node;
	int ret = choose_node(p, &node);

	before->set = false;
	if (ret < 0 || node < 0)
		return ret;
	nodes[(size_t)node / BITS_PER_LONG] = 1UL
					      << (size_t)node % BITS_PER_LONG;
	/* The size is in bits, and the kernel subtracts one. */
	if (syscall(SYS_get_mempolicy, &before->mode, before->nodes,
		    MOST_NODES + 1, NULL, 0) == 0 &&
	    syscall(SYS_set_mempolicy, MPOL_PREFERRED, nodes, MOST_NODES + 1) ==
		    0) {
		before->set = true;
		return 0;
	}
	/* With numa=auto the ring works without it. */
	if (!asked)
		return 0;
	return pktio_fail(
		&p->ring, -errno,
		"cannot prefer memory of NUMA node %d: %s; use numa=auto", node,
		errno == EINVAL ? "there is no such node" : strerror(errno));
}

void numa_restore(const struct numa_policy *before)
{
	if (before->set)
		syscall(SYS_set_mempolicy, before->mode, before->nodes,
			MOST_NODES + 1);
}

/* The node of a sample of the pages; -1 if they are on several nodes. */
static int find_node(const struct af_packet *p)
{
	void *pages[SAMPLES];
	int status[SAMPLES];
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t n = p->mem.map_size / page < SAMPLES ? p->mem.map_size / page :
						      SAMPLES;

	for (size_t i = 0; i < n; i++)
		pages[i] = p->mem.map + p->mem.map_size / n * i / page * page;
	/* Without target nodes it only reports where the pages are. */
	if (syscall(SYS_move_pages, 0, n, pages, NULL, status, 0) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (status[i] != status[0] || status[i] < 0)
			return -1;
	return status[0];
}

int numa_check(struct af_packet *p)
{
	int node = -1;
	int found = find_node(p);
	int ret = choose_node(p, &node);

	p->ring.info.numa_node = found;
	if (ret < 0 || node < 0 || found == node || !p->conf->ring_strict)
		return ret;
	return pktio_fail(
		&p->ring, -ENOMEM,
		"the ring memory was to be on NUMA node %d and is on %d; set a smaller ring-size, or ring-strict=no",
		node, found);
}
