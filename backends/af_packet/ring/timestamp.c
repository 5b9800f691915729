/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who takes the time of a frame. As long as nobody asks for more, the kernel
 * does as it puts the frame in the ring. A socket that wants stamps makes it do
 * so earlier, for every frame of the machine. A NIC has to be told, which is a
 * setting of its own that others may rely on: it is made only if asked for and
 * if it does not stamp all frames already, and taken back when the ring is
 * closed, unless somebody else has changed it in between.
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
			"interface '%s' has no hardware time stamps (or its driver does not tell); timestamp=software is the nearest",
			p->name);
	case ERANGE:
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"the NIC of '%s' cannot stamp all frames it receives, only some (PTP); timestamp=software is the nearest",
			p->name);
	case EPERM:
		return pktio_fail(
			&p->ring, -EPERM,
			"no privilege to turn on the time stamps of '%s'; it takes CAP_NET_ADMIN, or somebody who does it before: hwstamp_ctl -i %s -r 1",
			p->name, p->name);
	default:
		return pktio_fail(&p->ring, error,
				  "cannot turn on the time stamps of '%s': %s",
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
		ret = -ERANGE; /* what it did instead is taken back below */
	p->stamped = ret == 0 || config.rx_filter != HWTSTAMP_FILTER_ALL;
	p->stamps_before = before;
	p->stamps_ours = config.rx_filter;
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
			"'any' is no NIC that could stamp frames; open one, or take timestamp=software");
	ret = turn_on(p);
	if (ret == 0 && setsockopt(p->sock, SOL_PACKET, PACKET_TIMESTAMP, &raw,
				   sizeof(raw)) < 0)
		ret = pktio_fail(&p->ring, -errno,
				 "cannot ask for the NIC's time stamps: %s",
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
				  "cannot ask for time stamps: %s",
				  strerror(errno));
	return 0;
}

void af_packet_timestamp_close(struct af_packet *p)
{
	struct hwtstamp_config config = { 0 };

	if (!p->stamped)
		return;
	p->stamped = false;
	if (nic(p, SIOCGHWTSTAMP, &config) < 0 ||
	    config.rx_filter != p->stamps_ours)
		return; /* gone, or somebody else's now */
	config.rx_filter = p->stamps_before;
	nic(p, SIOCSHWTSTAMP, &config);
}
