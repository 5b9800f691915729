/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/tagged_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/expect.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MAC_ADDRESSES 12U
#define TAG 4U

/* ---- Frames ------------------------------------------------------------- */

/* The tags in hexadecimal, outermost first. */
static const char *const stacks[] = {
	"",
	"81000064", /* VLAN 100 */
	"81006005", /* VLAN 5, priority 3 */
	"81000000", /* priority tags */
	"8100e000",
	"8100f064", /* VLAN 100, priority 7, DEI */
	"81000fff",
	"88a800c8", /* VLAN 200 of a provider */
	"88a80000",
	"91000064",
	"88a800c881000064", /* QinQ */
	"88a8006481000005",
	"8100006481000005",
	"8100000581000064",
	"8100000081000064",
	"9100000781000064",
	"8100006488a80005",
	"88a800c88100006481000005",
	"810000648100000581000064",
	"88a800c888a800c8810000648100000581000000",
};

#define IP_ADDRESSES "c6120001c6130002" /* 198.18.0.1, 198.19.0.2 */
#define IP6_ADDRESSES                      \
	"20010002000000000000000000000001" \
	"20010002000000000000000000000002"
#define TCP_SYN "303900500000000100000000500220000000000000"
#define UDP_DNS "cafe0035000c0000abcd0100"

/* Frames from the EtherType on. */
static const char *const payloads[] = {
	/* IPv4 */
	"0800450000280001400040060000" /* TCP: SYN to port 80 */
	IP_ADDRESSES TCP_SYN,
	"0800450000280001400040060000c6130002c6120001" /* and the answer */
	"005030390000000100000002501220000000000000",
	"0800470000300002400040060000" /* options */
	IP_ADDRESSES "0101010101010100" TCP_SYN,
	"08004f0000500002400040060000" /* and the maximum number of options */
	IP_ADDRESSES "01010101010101010101010101010101010101010101010101"
	"010101010101010101010101010100" TCP_SYN,
	"0800450000340003400040060000" IP_ADDRESSES /* TCP options, GET */
	"3039005000000001000000028018200000000000"
	"0101080a000000010000000247455420",
	"0800450000200004000040110000" IP_ADDRESSES UDP_DNS,
	"0800460000240005000040110000" IP_ADDRESSES "01010101" UDP_DNS,
	"0800450000200006200040110000" IP_ADDRESSES UDP_DNS, /* fragments */
	"080045000020000600b940110000" IP_ADDRESSES UDP_DNS,
	"080045000020000720b940060000" IP_ADDRESSES UDP_DNS,
	"08004500001c0008000040010000" IP_ADDRESSES "0800000000010001",
	"08004500001c0009000001020000c6120001e00000011100000000000000",
	"080045000020000a000040840000" IP_ADDRESSES "303900500000000000000000",
	"080045000038000b0000402f0000" IP_ADDRESSES
	"00000800450000200004000040110000" IP_ADDRESSES UDP_DNS,
	"080045000030000c000040110000" IP_ADDRESSES /* Geneve */
	"cafe17c1001c00000000655800000100"
	"020000000002020000000001080045000000",
	"080040000028000d400040060000" IP_ADDRESSES TCP_SYN, /* no length */
	"080041000028000d400040060000" IP_ADDRESSES TCP_SYN,
	"080065000028000e400040060000" IP_ADDRESSES TCP_SYN,
	"0800", /* and without payload */
	/* IPv6 */
	"86dd6000000000140640" IP6_ADDRESSES TCP_SYN,
	"86dd60000000000c1140" IP6_ADDRESSES UDP_DNS,
	"86dd6000000000083a40" IP6_ADDRESSES "8700000000000000",
	"86dd6000000000140040" IP6_ADDRESSES "1100010400000000" UDP_DNS,
	"86dd6000000000142c40" IP6_ADDRESSES "1100000100000001" UDP_DNS,
	/* Other protocols */
	"08060001080006040001020000000001c6120001000000000000c6130002",
	"80350001080006040003020000000001000000000000000000000000000000",
	"00264242030000000000800002000000000100000000800002000000000180",
	"0020aaaa030000000800450000200004000040110000" /* SNAP */
	IP_ADDRESSES UDP_DNS,
	"0020ffff00200001000000000000ffffffffffff0452",
	"884700400140450000200004000040110000" /* MPLS 1024 */
	IP_ADDRESSES UDP_DNS,
	"8847004000400007d140450000200004000040110000" /* MPLS 1024, 125 */
	IP_ADDRESSES UDP_DNS,
	"886411000001002200214500002000040000401100" /* PPPoE */
	"00" IP_ADDRESSES UDP_DNS,
	"8863110900000004010300000000",
	"88b500000001000000020000000300000004",
	"88cc0207040200000000010403050000060200780000",
	"0600ffffffffffffffffffff",
};

static const char *const addresses[] = {
	"020000000002020000000001",
	"ffffffffffff020000000001",
	"01005e000001020000000001",
};

static uint8_t digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : c - 'a' + 10);
}

static void add(struct tagged *t, const char *hex)
{
	for (; hex[0] && hex[1]; hex += 2)
		t->bytes[t->len++] =
			(uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
}

static struct tagged *make(struct tagged *t, const char *mac, const char *stack,
			   const char *payload)
{
	*t = (struct tagged){ 0 };
	add(t, mac);
	add(t, stack);
	add(t, payload);
	return t + 1;
}

struct tagged *tagged_frames(unsigned *n)
{
	static const uint32_t lengths[] = { 14, 15, 16, 17, 18, 19, 20, 21,  22,
					    24, 26, 30, 34, 38, 46, 60, 1400 };
	struct tagged *frames = calloc(TAGGED_MOST_FRAMES, sizeof(*frames));
	struct tagged *t = frames;

	REQUIRE(frames, "out of memory");
	for (size_t i = 0; i < COUNT(stacks); i++) {
		for (size_t j = 0; j < COUNT(payloads); j++)
			t = make(t, addresses[(i + j) % COUNT(addresses)],
				 stacks[i], payloads[j]);
		/* Shorter and longer than their header says. */
		for (size_t j = 0; j < COUNT(lengths) && i % 2 == 0; j++) {
			t = make(t, addresses[0], stacks[i],
				 payloads[i % 4 == 2]);
			t[-1].len = lengths[j];
		}
	}
	*n = (unsigned)(t - frames);
	REQUIRE(*n <= TAGGED_MOST_FRAMES, "no room for %u", *n);
	return frames;
}

bool tagged_peek(const struct tagged *t, unsigned ntags, struct pktio_vlan *ret)
{
	const uint8_t *tag = t->bytes + MAC_ADDRESSES + (size_t)ntags * TAG;

	if (t->len < MAC_ADDRESSES + (ntags + 1) * TAG)
		return false;
	ret->tpid = (uint16_t)(tag[0] << 8 | tag[1]);
	ret->tci = (uint16_t)(tag[2] << 8 | tag[3]);
	return ret->tpid == 0x8100 || ret->tpid == 0x88a8 ||
	       ret->tpid == 0x9100;
}

uint32_t frame_on_wire(const struct pktio_frame *f, uint8_t *ret)
{
	uint32_t head = f->nvlan ? 12 : 0;
	uint8_t *out = ret + head;

	REQUIRE_GE(f->caplen, head);
	memcpy(ret, f->data, head);
	for (unsigned i = 0; i < f->nvlan; i++) {
		*out++ = (uint8_t)(f->vlan[i].tpid >> 8);
		*out++ = (uint8_t)f->vlan[i].tpid;
		*out++ = (uint8_t)(f->vlan[i].tci >> 8);
		*out++ = (uint8_t)f->vlan[i].tci;
	}
	memcpy(out, f->data + head, f->caplen - head);
	return f->caplen + 4U * f->nvlan;
}

struct pktio_frame tagged_strip(const struct tagged *t, unsigned ntags,
				uint8_t *room)
{
	struct pktio_frame f = { .data = room, .linktype = 1 };
	uint32_t behind;

	while (f.nvlan < ntags && tagged_peek(t, f.nvlan, &f.vlan[f.nvlan]))
		f.nvlan++;
	behind = MAC_ADDRESSES + f.nvlan * TAG;
	memcpy(room, t->bytes, MAC_ADDRESSES);
	memcpy(room + MAC_ADDRESSES, t->bytes + behind, t->len - behind);
	f.caplen = t->len - f.nvlan * TAG;
	f.wirelen = f.caplen;
	return f;
}

/* ---- Expressions -------------------------------------------------------- */

static const char *const primitives[] = {
	"ip",
	"ip6",
	"arp",
	"tcp",
	"udp",
	"icmp",
	"icmp6",
	"sctp",
	"tcp port 80",
	"udp dst port 53",
	"portrange 50-100",
	"src host 198.18.0.1",
	"dst net 198.19.0.0/16",
	"net 10.0.0.0/8",
	"ip6 host 2001:2::1",
	"ip proto 47",
	"ip6 proto 17",
	"ether[0] & 1 = 0 and ip[16] >= 198",
	"ip multicast",
	"ether broadcast",
	"ether multicast",
	"ether src 02:00:00:00:00:01",
	"ether proto 0x8100",
	"ether proto 0x88a8",
	"ether proto 0x88b5",
	"ether[12:2] = 0x8100",
	"ether[14:2] & 0xfff = 100",
	"ether[16:2] = 0x0800",
	"ip[8] > 10 and ip[6:2] & 0x1fff = 0",
	"ip[0] & 0xf != 5",
	"tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn",
	"tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420",
	"udp[4:2] > 10",
	"icmp6[0] = 135",
	"ip6[6] = 17",
	"greater 60",
	"less 40",
	"len % 4 = 2",
	"mpls",
	"mpls 1024 and ip",
	"pppoes",
	"pppoes and ip",
	"stp",
	"llc",
	"geneve",
	"host 198.18.0.1 and not port 80",
};

/* All %s of one expression are replaced by the same primitive. */
static const char *const contexts[] = {
	"%s",
	"not (%s)",
	"vlan and (%s)",
	"vlan 100 and (%s)",
	"not vlan and (%s)",
	"vlan or (%s)",
	"(%s) or vlan 5",
	"not (vlan and (%s))",
	"vlan and not (%s)",
	"vlan and vlan and (%s)",
	"vlan 200 and vlan 100 and (%s)",
	"(%s) or (vlan and (%s)) or (vlan and (%s))",
};

static const char *const odd[] = {
	"",
	"vlan",
	"not vlan",
	"vlan 0",
	"vlan 100",
	"vlan 4095",
	"vlan 5 or vlan 100",
	"vlan 100 and vlan 5",
	"vlan and vlan and vlan",
	"vlan and vlan and vlan and tcp",
	"vlan and vlan and vlan and vlan",
	"vlan 200 and vlan 200 and vlan 100 and vlan 5",
	"vlan 200 && vlan 100 && vlan 5 && ip",
	"ip or (vlan and ip)",
	"(vlan 100 or vlan 200) and ip6",
	"not (vlan and tcp)",
	"ether[11] = 1",
	"ether[12] = 0x81",
	"ether[13] = 0xa8",
	"ether[14] >> 5 = 7",
	"ether[15] = 0x64",
	"ether[16] = 0x45",
	"ether[10:2] = 1",
	"ether[11:2] = 0x181",
	"ether[13:2] = 0x60",
	"ether[14:2] = 0x6005",
	"ether[15:2] = 0x6408",
	"ether[8:4] = 1",
	"ether[9:4] = 0x181",
	"ether[10:4] = 0x00018100",
	"ether[11:4] = 0x01810000",
	"ether[12:4] = 0x81000064",
	"ether[13:4] = 0x00006408",
	"ether[14:4] = 0x00640800",
	"ether[15:4] = 0x64080045",
	"ether[16:4] = 0x08004500",
	"ether[1000] = 0",
	"ether[ether[11] + 11] = 0x81",
	"ether[ether[11] + 12:2] = 0x64",
	"ether[ether[11] + 10:4] = 0x01810000",
	"ether[ether[11] + 15:4] = 0x08004500",
	"ether[ether[15] & 0xf] = 2",
	"ether[ether[15] & 0x1f:2] > 0x8000",
	"ether[ether[15] & 0x1f:4] > 0x80000000",
	"ether[(ether[15] & 0x1f) - 2:4] > 0x1000000",
	"ip[ip[0] & 0x3f - 8] = 1",
	"ip[ip[0] - 72:2] = 0x8100",
	"ether[len - 1] = 0",
	"ether[len - 4:4] = 0xabcd0100",
	"len = 60",
	"len - ip[2:2] = 14",
	"len - ip[2:2] = 18",
	"vlan and len - ip[2:2] = 18",
	"ether[12:2] * ether[14:2] + ether[16:2] > ether[18:2] / 3",
	"ether[12] + ether[13] + ether[14] + ether[15] + ether[16] > 300",
	"ether[12:4] ^ ether[16:4] ^ ether[14:4] & ether[13:4] > 100000",
	"link[12:2] = 0x88a8",
	"ether proto 0x8100 and ether[16:2] = 0x86dd",
	"ether proto \\arp or ether proto \\ip6",
	"pppoed",
	"vlan and pppoes 1 and ip",
	"mpls and mpls and ip",
	"vlan 100 and mpls 1024 and udp",
	"ip host 198.18.0.1 and tcp[2:2] = 80",
	"vlan and (tcp port 80 or udp port 53) and not src net 10.0.0.0/8",
	"vlan and geneve and ip",
	"ether host 02:00:00:00:00:02 and vlan",
	"iso",
	"atalk or ipx or netbeui",
	"lat or moprc or decnet",
	"rarp or ether proto 0x888e",
	"vlan and (rarp or arp)",
	"vlan 100 and tcp[13] = 2",
	"src port 80 or (vlan and src port 80)",
};

/* Replaces each %s of the context by `primitive`. */
static void insert(char *ret, const char *context, const char *primitive)
{
	size_t at = 0;

	while (*context && at + 1 < TAGGED_TEXT) {
		if (context[0] == '%' && context[1] == 's') {
			at += (size_t)snprintf(ret + at, TAGGED_TEXT - at, "%s",
					       primitive);
			context += 2;
		} else {
			ret[at++] = *context++;
		}
	}
	REQUIRE(at + 1 < TAGGED_TEXT, "'%s' is too long", primitive);
	ret[at] = '\0';
}

char (*tagged_expressions(unsigned *n))[TAGGED_TEXT]
{
	char(*texts)[TAGGED_TEXT] =
		calloc(TAGGED_MOST_EXPRESSIONS, sizeof(*texts));

	_Static_assert(COUNT(primitives) * COUNT(contexts) + COUNT(odd) <=
			       TAGGED_MOST_EXPRESSIONS,
		       "no room");
	REQUIRE(texts, "out of memory");
	*n = 0;
	for (size_t i = 0; i < COUNT(odd); i++)
		snprintf(texts[(*n)++], TAGGED_TEXT, "%s", odd[i]);
	for (size_t i = 0; i < COUNT(primitives); i++)
		for (size_t j = 0; j < COUNT(contexts); j++)
			insert(texts[(*n)++], contexts[j], primitives[i]);
	return texts;
}

bool tagged_compile(struct bpf_program *ret, const char *expression,
		    char text[PCAP_ERRBUF_SIZE])
{
	pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 262144);
	bool done;

	REQUIRE(pcap, "out of memory");
	done = !pcap_compile(pcap, ret, expression, 1, PCAP_NETMASK_UNKNOWN);
	if (!done)
		snprintf(text, PCAP_ERRBUF_SIZE, "%s", pcap_geterr(pcap));
	pcap_close(pcap);
	return done;
}

bool tagged_matches(const struct bpf_program *program, const struct tagged *t)
{
	return bpf_filter(program->bf_insns, t->bytes, t->len, t->len) != 0;
}
