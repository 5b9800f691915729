/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/frame_builders.h"

#include <stdio.h>
#include <string.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/expect.h"
#include "support/files.h"
#include "support/ring.h"

#define ETHERNET 14U
#define TAG 4U
#define IPV4 20U
#define IPV6 40U
#define TCP 20U
#define UDP 8U

uint8_t wire_byte(size_t at)
{
	return (uint8_t)(at * 31 + at / 251);
}

static uint8_t *put16(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)(value >> 8);
	out[1] = (uint8_t)value;
	return out + 2;
}

static uint8_t *put32(uint8_t *out, uint32_t value)
{
	return put16(put16(out, value >> 16), value & 0xffff);
}

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint8_t *put_ip(uint8_t *out, const struct wire *w, uint32_t len)
{
	uint8_t protocol = w->udp ? IPPROTO_UDP : IPPROTO_TCP;
	uint8_t *start = out;
	uint32_t sum = 0;

	if (w->ipv6) {
		out = put16(put32(out, 0x60000000), len);
		*out++ = protocol;
		*out++ = 64;
		memset(out, 0, 32);
		put32(out, 0x20010002);
		put32(out + 16, 0x20010002);
		out[15] = 1;
		out[31] = 2;
		return out + 32;
	}
	out = put16(put16(out, 0x4500), IPV4 + len);
	out = put32(out, 0x12340000);
	out = put16(out, 64U << 8 | protocol);
	out = put16(out, 0);
	out = put32(put32(out, 0xc6120001), 0xc6120002);
	for (unsigned i = 0; i < IPV4; i += 2)
		sum += get16(start + i);
	put16(start + 10, ~((sum & 0xffff) + (sum >> 16)));
	return out;
}

uint32_t wire_make(uint8_t *out, const struct wire *w)
{
	static const uint8_t macs[] = {
		2, 0, 0, 0, 0, 0xb, 2, 0, 0, 0, 0, 0xa
	};
	uint32_t len = w->payload + (w->udp ? UDP : TCP);
	uint8_t *start = out;

	memcpy(out, macs, sizeof(macs));
	out += sizeof(macs);
	for (unsigned i = 0; i < w->tags; i++)
		out = put32(out,
			    i == 0 && w->tags == 2 ? 0x88a80064 : 0x81000005);
	out = put16(out, w->ipv6 ? 0x86dd : 0x0800);
	out = put_ip(out, w, len);
	out = put16(put16(out, 4000), WIRE_PORT);
	if (w->udp) {
		out = put16(put16(out, len), 0);
	} else {
		out = put32(put32(out, 1000 + w->from), 1);
		out = put16(put16(out, 0x5018), 1000); /* PSH, ACK */
		out = put32(out, 0);
	}
	for (uint32_t i = 0; i < w->payload; i++)
		out[i] = wire_byte(w->from + i);
	return (uint32_t)(out + w->payload - start);
}

static void parse_l4(struct wire_parts *ret, const uint8_t *l4, uint32_t l3,
		     uint32_t at)
{
	uint32_t size = ret->udp ? UDP : (l4[12] >> 4) * 4U;

	ret->port = get16(l4 + 2);
	ret->checksum = get16(l4 + (ret->udp ? 6 : 16));
	ret->flags = ret->udp ? 0 : l4[13];
	ret->sequence = (uint32_t)get16(l4 + 4) << 16 | get16(l4 + 6);
	ret->payload = at + size;
	ret->len = l3 - size;
	ret->linked_length = at + l3;
}

bool wire_parse(struct wire_parts *ret, const struct pktio_frame *f)
{
	uint32_t at = ETHERNET;
	const uint8_t *ip;

	*ret = (struct wire_parts){ 0 };
	while (f->caplen > at + IPV6 && (get16(f->data + at - 2) == 0x8100 ||
					 get16(f->data + at - 2) == 0x88a8))
		at += TAG;
	ip = f->data + at;
	if (f->caplen >= at + IPV4 + UDP && get16(ip - 2) == 0x0800 &&
	    (ip[9] == IPPROTO_TCP || ip[9] == IPPROTO_UDP)) {
		ret->udp = ip[9] == IPPROTO_UDP;
		ret->id = get16(ip + 4);
		parse_l4(ret, ip + IPV4, get16(ip + 2) - IPV4, at + IPV4);
		return true;
	}
	if (f->caplen >= at + IPV6 + UDP && get16(ip - 2) == 0x86dd &&
	    (ip[6] == IPPROTO_TCP || ip[6] == IPPROTO_UDP)) {
		ret->udp = ip[6] == IPPROTO_UDP;
		parse_l4(ret, ip + IPV6, get16(ip + 4), at + IPV6);
		return true;
	}
	return false;
}

/* ---- The judge ---------------------------------------------------------- */

struct pktio_ring *wire_file(const char *path)
{
	const struct pktio_open_args args = { .size = sizeof(args),
					      .mode = PKTIO_SEND };
	char uri[160];

	snprintf(uri, sizeof(uri), "pcap_file:%s", path);
	return ring_open(uri, &args);
}

void wire_expect_valid(const char *path, unsigned frames)
{
	const char *const argv[] = { "tshark",
				     "-r",
				     path,
				     "-o",
				     "ip.check_checksum:TRUE",
				     "-o",
				     "tcp.check_checksum:TRUE",
				     "-o",
				     "udp.check_checksum:TRUE",
				     "-T",
				     "fields",
				     "-e",
				     "ip.checksum.status",
				     "-e",
				     "tcp.checksum.status",
				     "-e",
				     "udp.checksum.status",
				     NULL };
	const char *out = scratch("verdict");
	unsigned lines = 0;
	char line[64];
	FILE *file;

	REQUIRE_EQ(run_tool(out, argv), 0);
	file = fopen(out, "r");
	REQUIRE(file, "%s", out);
	while (fgets(line, sizeof(line), file)) {
		lines++;
		/* 1: valid. 0 and 2: invalid, and not checked. */
		EXPECT(strchr(line, '1') && !strpbrk(line, "02"),
		       "frame %u: %s", lines, line);
	}
	fclose(file);
	EXPECT_EQ(lines, frames);
}

void wire_disable_offload(const char *interface)
{
	static const uint32_t all[] = { ETHTOOL_STSO, ETHTOOL_SGSO,
					ETHTOOL_STXCSUM };
	struct ethtool_value value = { 0 };
	struct ifreq request = { .ifr_data = (void *)&value };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		value.cmd = all[i];
		REQUIRE_EQ(ioctl(sock, SIOCETHTOOL, &request), 0);
	}
	close(sock);
}

void wire_run(const char *line)
{
	const char *argv[32];
	char words[256];
	unsigned n = 0;
	char *rest;

	snprintf(words, sizeof(words), "%s", line);
	for (char *word = strtok_r(words, " ", &rest); word && n < 31;
	     word = strtok_r(NULL, " ", &rest))
		argv[n++] = word;
	argv[n] = NULL;
	EXPECT(run_tool(NULL, argv) == 0, "%s", line);
}
