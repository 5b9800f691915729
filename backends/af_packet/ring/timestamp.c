/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Timestamps. By default the kernel takes the time when it copies a frame into
 * the ring. If any socket requests software timestamps, the kernel takes the
 * time earlier, for all frames of the machine. Hardware timestamps need a
 * setting of the NIC, which other programs may rely on. So the ring changes the
 * setting only if an option requests it and if the NIC does not stamp all
 * frames already, and restores it on close, unless somebody has changed it
 * since.
 */
#include "ring/timestamp.h"

#include "af_packet.h"

#include <string.h>

#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

static int nic(const struct af_packet *p, unsigned long what,
	       struct hwtstamp_config *config)
{
	struct ifreq request = { .ifr_ifindex = p->ifindex };

	if (ioctl(p->sock, SIOCGIFNAME, &request) < 0)
		return -errno;
	request.ifr_data = (void *)config;
	return ioctl(p->sock, what, &request) < 0 ? -errno : 0;
}

static int fail_nic(struct af_packet *p, int error)
{
	switch (-error) {
	case EOPNOTSUPP:
	case EINVAL:
	case ENOTTY:
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"interface '%s' has no hardware timestamps, or its driver does not report them; use timestamp=software",
			p->name);
	case ERANGE:
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"the NIC of '%s' cannot stamp all frames, only some (PTP); use timestamp=software",
			p->name);
	case EPERM:
		return pktio_fail(
			&p->ring, -EPERM,
			"no privilege to enable the timestamps of '%s', which needs CAP_NET_ADMIN; enable them as root: hwstamp_ctl -i %s -r 1",
			p->name, p->name);
	default:
		return pktio_fail(&p->ring, error,
				  "cannot enable the timestamps of '%s': %s",
				  p->name, strerror(-error));
	}
}

static int turn_on(struct af_packet *p)
{
	struct hwtstamp_config config = { 0 };
	int ret = nic(p, SIOCGHWTSTAMP, &config);
	int before = config.rx_filter;

	if (ret < 0)
		return fail_nic(p, ret);
	if (before == HWTSTAMP_FILTER_ALL)
		return 0;
	config.rx_filter = HWTSTAMP_FILTER_ALL;
	ret = nic(p, SIOCSHWTSTAMP, &config);
	if (ret == 0 && config.rx_filter != HWTSTAMP_FILTER_ALL)
		ret = -ERANGE; /* restored below */
	p->stamps.changed = ret == 0 || config.rx_filter != HWTSTAMP_FILTER_ALL;
	p->stamps.before = before;
	p->stamps.ours = config.rx_filter;
	if (ret < 0) {
		af_packet_timestamp_close(p);
		return fail_nic(p, ret);
	}
	return 0;
}

static int use_hardware(struct af_packet *p)
{
	int raw = SOF_TIMESTAMPING_RAW_HARDWARE;
	int ret;

	if (p->any)
		return pktio_fail(
			&p->ring, -EINVAL,
			"'any' is no NIC with timestamps; open an interface, or use timestamp=software");
	ret = turn_on(p);
	if (ret == 0 && setsockopt(p->sock, SOL_PACKET, PACKET_TIMESTAMP, &raw,
				   sizeof(raw)) < 0)
		ret = pktio_fail(&p->ring, -errno,
				 "cannot request the timestamps of the NIC: %s",
				 strerror(errno));
	return ret;
}

int af_packet_timestamp(struct af_packet *p)
{
	int one = 1;

	if (p->conf->timestamp == AF_PACKET_STAMP_HARDWARE)
		return use_hardware(p);
	if (p->conf->timestamp == AF_PACKET_STAMP_SOFTWARE &&
	    setsockopt(p->sock, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) <
		    0)
		return pktio_fail(&p->ring, -errno,
				  "cannot request software timestamps: %s",
				  strerror(errno));
	return 0;
}

void af_packet_timestamp_forget(struct af_packet *p)
{
	p->stamps.changed = false;
}

void af_packet_timestamp_close(struct af_packet *p)
{
	struct hwtstamp_config config = { 0 };

	if (!p->stamps.changed)
		return;
	p->stamps.changed = false;
	if (nic(p, SIOCGHWTSTAMP, &config) < 0 ||
	    config.rx_filter != p->stamps.ours)
		return; /* removed, or changed by somebody else */
	config.rx_filter = p->stamps.before;
	nic(p, SIOCSHWTSTAMP, &config);
}
