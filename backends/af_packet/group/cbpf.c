/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generates the program of fanout=cbpf, in classic BPF. Attaching it takes no
 * privilege. Classic BPF has no loops, and no memory from one frame to the
 * next. So the program reads a fixed number of headers, enters one tunnel, and
 * selects the ring of a fragment by its addresses. Header types are those of
 * util/flow.h, which is the parser of the programs that have loops. The kernel
 * takes the hash modulo the number of members.
 *
 * The data of a received frame begin at the network header, and an ancillary
 * word has its EtherType. The data of a sent frame begin at the link header. A
 * load behind the end of the frame ends the program with result 0.
 */
#include "group/cbpf.h"

#include "af_packet.h"

#include <string.h>

#include <linux/filter.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>

#include "util/flow_bytes.h"

#define OUTER_TAGS 3
#define INNER_TAGS 2
#define LABELS 4
#define EXTENSIONS 3
#define GTP_EXTENSIONS 2

/* The variables of the program, each in one of its 16 words of memory. */
enum word { OFFSET, FROM, TO, FROM_PORT, TO_PORT, PROTOCOL, TYPE };

/* A target of forward jumps. Until its place is known, the jumps to it form a
 * list through their k. */
struct label {
	unsigned last; /* the instruction, plus 1 */
};

struct assembler {
	struct sock_filter code[BPF_MAXINSNS];
	unsigned n;
	uint32_t seed;
	bool ethernet, cooked, addresses;
	struct label done, no_ip;
};

/* The program uses about a quarter of the instructions that are allowed. */
static struct sock_filter *emit(struct assembler *a, unsigned code, uint32_t k)
{
	struct sock_filter *i = &a->code[a->n++ % BPF_MAXINSNS];

	*i = (struct sock_filter){ .code = (uint16_t)code, .k = k };
	return i;
}

/* ---- Jumps --------------------------------------------------------------- */

static void go(struct assembler *a, struct label *to)
{
	emit(a, BPF_JMP | BPF_JA, to->last);
	to->last = a->n;
}

static void bind_here(struct assembler *a, struct label *l)
{
	unsigned at = l->last;

	while (at) {
		struct sock_filter *jump = &a->code[at - 1];
		unsigned before = jump->k;

		jump->k = a->n - at;
		at = before;
	}
	l->last = 0;
}

/* A conditional jump reaches 255 instructions, an unconditional one reaches
 * all: so these jump over an unconditional one. */
static void go_if(struct assembler *a, unsigned condition, uint32_t k,
		  struct label *to)
{
	emit(a, BPF_JMP | BPF_K | condition, k)->jf = 1;
	go(a, to);
}

static void go_unless(struct assembler *a, unsigned condition, uint32_t k,
		      struct label *to)
{
	emit(a, BPF_JMP | BPF_K | condition, k)->jt = 1;
	go(a, to);
}

/* ---- Loads and sums ------------------------------------------------------ */

static void load_word(struct assembler *a, enum word w)
{
	emit(a, BPF_LD | BPF_MEM, w);
}

static void store(struct assembler *a, enum word w)
{
	emit(a, BPF_ST, w);
}

static void set(struct assembler *a, enum word w, uint32_t value)
{
	emit(a, BPF_LD | BPF_IMM, value);
	store(a, w);
}

static void sum(struct assembler *a, unsigned operation, uint32_t k)
{
	emit(a, BPF_ALU | BPF_K | operation, k);
}

/* Sets X to the position of the header; load() counts from X. */
static void at_header(struct assembler *a)
{
	emit(a, BPF_LDX | BPF_MEM, OFFSET);
}

static void load(struct assembler *a, unsigned size, uint32_t at)
{
	emit(a, BPF_LD | BPF_IND | size, at);
}

static void advance(struct assembler *a, uint32_t bytes)
{
	load_word(a, OFFSET);
	sum(a, BPF_ADD, bytes);
	store(a, OFFSET);
}

/* Advances by A bytes. X still has the offset. */
static void advance_by_a(struct assembler *a)
{
	emit(a, BPF_ALU | BPF_X | BPF_ADD, 0);
	store(a, OFFSET);
}

/* Replaces A by a hash of A, and changes X. */
static void mix(struct assembler *a)
{
	static const uint32_t factors[] = { 0x7feb352d, 0x846ca68b };
	static const uint32_t shifts[] = { 16, 15, 16 };

	for (int i = 0; i < 3; i++) {
		emit(a, BPF_MISC | BPF_TAX, 0);
		sum(a, BPF_RSH, shifts[i]);
		emit(a, BPF_ALU | BPF_X | BPF_XOR, 0);
		if (i < 2)
			sum(a, BPF_MUL, factors[i]);
	}
}

/* ---- Link layer ---------------------------------------------------------- */

/* Before and after this, A and TYPE have the EtherType of the next header. */
static void take_tags(struct assembler *a, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct label tag = { 0 };
		struct label none = { 0 };

		go_if(a, BPF_JEQ, FLOW_TYPE_VLAN, &tag);
		go_if(a, BPF_JEQ, FLOW_TYPE_QINQ, &tag);
		go_unless(a, BPF_JEQ, FLOW_TYPE_QINQ_OLD, &none);
		bind_here(a, &tag);
		at_header(a);
		load(a, BPF_H, 2);
		store(a, TYPE);
		advance(a, 4);
		bind_here(a, &none);
		load_word(a, TYPE);
	}
}

/* Jumps to `found` if an Ethernet header with a known EtherType is `further`
 * bytes away. */
static void guess_ethernet(struct assembler *a, uint32_t further,
			   struct label *found)
{
	struct label known = { 0 };
	struct label other = { 0 };

	at_header(a);
	load(a, BPF_H, further + 12);
	go_if(a, BPF_JEQ, FLOW_TYPE_IPV4, &known);
	go_if(a, BPF_JEQ, FLOW_TYPE_IPV6, &known);
	go_unless(a, BPF_JEQ, FLOW_TYPE_VLAN, &other);
	bind_here(a, &known);
	store(a, TYPE);
	advance(a, further + ETH_HLEN);
	go(a, found);
	bind_here(a, &other);
}

/* The last label is followed by IP, or by Ethernet with or without a control
 * word. */
static void take_labels(struct assembler *a)
{
	struct label labels = { 0 };
	struct label bottom = { 0 };
	struct label ipv4 = { 0 };
	struct label ipv6 = { 0 };
	struct label end = { 0 };

	go_if(a, BPF_JEQ, FLOW_TYPE_MPLS, &labels);
	go_unless(a, BPF_JEQ, FLOW_TYPE_MPLS_MULTICAST, &end);
	bind_here(a, &labels);
	for (unsigned i = 0; i < LABELS; i++) {
		at_header(a);
		advance(a, 4);
		load(a, BPF_B, 2);
		go_if(a, BPF_JSET, 1, &bottom);
	}
	go(a, &a->no_ip);
	bind_here(a, &bottom);
	at_header(a);
	load(a, BPF_B, 0);
	sum(a, BPF_RSH, 4);
	go_if(a, BPF_JEQ, 4, &ipv4);
	go_if(a, BPF_JEQ, 6, &ipv6);
	guess_ethernet(a, 4, &end);
	guess_ethernet(a, 0, &end);
	go(a, &a->no_ip);
	bind_here(a, &ipv4);
	set(a, TYPE, FLOW_TYPE_IPV4);
	go(a, &end);
	bind_here(a, &ipv6);
	set(a, TYPE, FLOW_TYPE_IPV6);
	bind_here(a, &end);
	load_word(a, TYPE);
}

/* Packets of a PPPoE session. */
static void take_pppoe(struct assembler *a)
{
	struct label ipv4 = { 0 };
	struct label end = { 0 };

	go_unless(a, BPF_JEQ, FLOW_TYPE_PPPOE, &end);
	at_header(a);
	advance(a, 8);
	load(a, BPF_H, 6);
	go_if(a, BPF_JEQ, 0x21, &ipv4);
	go_unless(a, BPF_JEQ, 0x57, &a->no_ip);
	set(a, TYPE, FLOW_TYPE_IPV6);
	go(a, &end);
	bind_here(a, &ipv4);
	set(a, TYPE, FLOW_TYPE_IPV4);
	bind_here(a, &end);
	load_word(a, TYPE);
}

/* ---- IP ------------------------------------------------------------------ */

static void take_address(struct assembler *a, uint32_t at, unsigned words,
			 enum word to)
{
	for (unsigned i = 0; i < words; i++) {
		at_header(a);
		load(a, BPF_W, at + 4 * i);
		/* A sum keeps the words before. */
		if (i > 0) {
			emit(a, BPF_LDX | BPF_MEM, to);
			emit(a, BPF_ALU | BPF_X | BPF_ADD, 0);
		} else {
			sum(a, BPF_XOR, a->seed);
		}
		mix(a);
		store(a, to);
	}
}

static void forget_ports(struct assembler *a)
{
	set(a, FROM_PORT, 0);
	set(a, TO_PORT, 0);
	set(a, PROTOCOL, 0);
}

static void take_ipv4(struct assembler *a, struct label *transport)
{
	at_header(a);
	load(a, BPF_B, 0);
	sum(a, BPF_RSH, 4);
	go_unless(a, BPF_JEQ, 4, &a->done);
	take_address(a, 12, 1, FROM);
	take_address(a, 16, 1, TO);
	forget_ports(a);
	at_header(a);
	load(a, BPF_H, 6);
	go_if(a, BPF_JSET, 0x3fff, &a->done);
	load(a, BPF_B, 9);
	store(a, PROTOCOL);
	load(a, BPF_B, 0);
	sum(a, BPF_AND, 15);
	sum(a, BPF_LSH, 2);
	advance_by_a(a);
	go(a, transport);
}

/* Passes one header, if it is an extension header. */
static void take_extension(struct assembler *a)
{
	static const uint8_t plain[] = { FLOW_IP_HOP_BY_HOP, FLOW_IP_ROUTING,
					 FLOW_IP_DESTINATION,
					 FLOW_IP_MOBILITY };
	struct label extension = { 0 };
	struct label fragment = { 0 };
	struct label authentic = { 0 };
	struct label end = { 0 };

	load_word(a, PROTOCOL);
	go_if(a, BPF_JEQ, FLOW_IP_FRAGMENT, &fragment);
	go_if(a, BPF_JEQ, FLOW_IP_AUTHENTICATION, &authentic);
	for (unsigned i = 0; i < sizeof(plain); i++)
		go_if(a, BPF_JEQ, plain[i], &extension);
	go(a, &end);

	bind_here(a, &extension);
	at_header(a);
	load(a, BPF_B, 0);
	store(a, PROTOCOL);
	load(a, BPF_B, 1);
	sum(a, BPF_ADD, 1);
	sum(a, BPF_LSH, 3);
	advance_by_a(a);
	go(a, &end);

	bind_here(a, &authentic);
	at_header(a);
	load(a, BPF_B, 0);
	store(a, PROTOCOL);
	load(a, BPF_B, 1);
	sum(a, BPF_ADD, 2);
	sum(a, BPF_LSH, 2);
	advance_by_a(a);
	go(a, &end);

	bind_here(a, &fragment);
	set(a, PROTOCOL, 0);
	at_header(a);
	load(a, BPF_H, 2);
	go_if(a, BPF_JSET, 0xfff9, &a->done);
	load(a, BPF_B, 0);
	store(a, PROTOCOL);
	advance(a, 8);
	bind_here(a, &end);
}

static void take_ipv6(struct assembler *a)
{
	at_header(a);
	load(a, BPF_B, 0);
	sum(a, BPF_RSH, 4);
	go_unless(a, BPF_JEQ, 6, &a->done);
	take_address(a, 8, 4, FROM);
	take_address(a, 24, 4, TO);
	forget_ports(a);
	at_header(a);
	load(a, BPF_B, 6);
	store(a, PROTOCOL);
	advance(a, 40);
	for (unsigned i = 0; i < EXTENSIONS; i++)
		take_extension(a);
}

/* A has TYPE. Continues at `transport`, or ends. */
static void take_ip(struct assembler *a, struct label *transport)
{
	struct label ipv6 = { 0 };

	go_if(a, BPF_JEQ, FLOW_TYPE_IPV6, &ipv6);
	go_unless(a, BPF_JEQ, FLOW_TYPE_IPV4, &a->no_ip);
	take_ipv4(a, transport);
	bind_here(a, &ipv6);
	take_ipv6(a);
	bind_here(a, transport);
}

/* Reads the ports, if the protocol has ports. UDP continues at `udp`, if that
 * is not NULL. */
static void take_ports(struct assembler *a, struct label *udp)
{
	static const uint8_t with[] = { FLOW_IP_TCP, FLOW_IP_UDP, FLOW_IP_DCCP,
					FLOW_IP_SCTP, FLOW_IP_UDPLITE };
	struct label ports = { 0 };
	struct label none = { 0 };

	load_word(a, PROTOCOL);
	for (unsigned i = 0; i < sizeof(with); i++)
		go_if(a, BPF_JEQ, with[i], &ports);
	go(a, &none);
	bind_here(a, &ports);
	at_header(a);
	load(a, BPF_H, 0);
	store(a, FROM_PORT);
	load(a, BPF_H, 2);
	store(a, TO_PORT);
	load_word(a, PROTOCOL);
	if (udp)
		go_if(a, BPF_JEQ, FLOW_IP_UDP, udp);
	go(a, &a->done);
	bind_here(a, &none);
}

/* ---- Tunnels ------------------------------------------------------------- */

/* Where the program continues in a tunnel, by the content of the tunnel. */
struct inside {
	struct label ethernet; /* its header */
	struct label typed;    /* what TYPE says */
	struct label ip;       /* of either version */
};

static void enter_vxlan(struct assembler *a, struct inside *in)
{
	at_header(a);
	load(a, BPF_B, 8);
	sum(a, BPF_AND, 0x7f);
	go_unless(a, BPF_JEQ, 8, &a->done);
	forget_ports(a);
	advance(a, 16);
	go(a, &in->ethernet);
}

static void enter_geneve(struct assembler *a, struct inside *in)
{
	at_header(a);
	load(a, BPF_B, 8);
	go_if(a, BPF_JGE, 64, &a->done);
	forget_ports(a);
	load(a, BPF_H, 10);
	store(a, TYPE);
	load(a, BPF_B, 8);
	sum(a, BPF_LSH, 2);
	sum(a, BPF_ADD, 16);
	advance_by_a(a);
	load_word(a, TYPE);
	go_if(a, BPF_JEQ, FLOW_TYPE_TEB, &in->ethernet);
	go(a, &in->typed);
}

static void enter_gtp(struct assembler *a, struct inside *in)
{
	struct label optional = { 0 };

	at_header(a);
	load(a, BPF_B, 8);
	sum(a, BPF_RSH, 4);
	go_unless(a, BPF_JEQ, 3, &a->done);
	load(a, BPF_B, 9);
	go_unless(a, BPF_JEQ, 255, &a->done);
	forget_ports(a);
	load(a, BPF_B, 8);
	go_if(a, BPF_JSET, 7, &optional);
	advance(a, 16);
	go(a, &in->ip);
	bind_here(a, &optional);
	advance(a, 20);
	load(a, BPF_B, 8);
	go_unless(a, BPF_JSET, 4, &in->ip);
	load(a, BPF_B, 19);
	for (unsigned i = 0; i < GTP_EXTENSIONS; i++) {
		go_if(a, BPF_JEQ, 0, &in->ip);
		at_header(a);
		load(a, BPF_B, 0);
		go_if(a, BPF_JEQ, 0, &a->done);
		sum(a, BPF_LSH, 2);
		advance_by_a(a);
		/* Its last byte is the type of the next one. */
		at_header(a);
		load(a, BPF_B, (uint32_t)-1);
	}
	go_if(a, BPF_JEQ, 0, &in->ip);
	go(a, &a->done);
}

static void enter_udp(struct assembler *a, struct inside *in)
{
	struct label vxlan = { 0 };
	struct label geneve = { 0 };
	struct label gtp = { 0 };

	load_word(a, TO_PORT);
	go_if(a, BPF_JEQ, FLOW_PORT_VXLAN, &vxlan);
	go_if(a, BPF_JEQ, FLOW_PORT_VXLAN_OLD, &vxlan);
	go_if(a, BPF_JEQ, FLOW_PORT_GENEVE, &geneve);
	go_if(a, BPF_JEQ, FLOW_PORT_GTP, &gtp);
	go(a, &a->done);
	bind_here(a, &vxlan);
	enter_vxlan(a, in);
	bind_here(a, &geneve);
	enter_geneve(a, in);
	bind_here(a, &gtp);
	enter_gtp(a, in);
}

static void enter_gre(struct assembler *a, struct inside *in)
{
	static const uint32_t words[] = { FLOW_GRE_CHECKSUM, FLOW_GRE_KEY,
					  FLOW_GRE_SEQUENCE };
	struct label erspan2 = { 0 };
	struct label erspan3 = { 0 };
	struct label further = { 0 };

	at_header(a);
	load(a, BPF_H, 0);
	go_if(a, BPF_JSET, FLOW_GRE_UNKNOWN, &a->done);
	forget_ports(a);
	load(a, BPF_H, 2);
	store(a, TYPE);
	advance(a, 4);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct label without = { 0 };

		load(a, BPF_H, 0);
		go_unless(a, BPF_JSET, words[i], &without);
		advance(a, 4);
		bind_here(a, &without);
	}
	load_word(a, TYPE);
	go_if(a, BPF_JEQ, FLOW_TYPE_TEB, &in->ethernet);
	go_if(a, BPF_JEQ, FLOW_TYPE_ERSPAN2, &erspan2);
	go_if(a, BPF_JEQ, FLOW_TYPE_ERSPAN3, &erspan3);
	go(a, &in->typed);

	bind_here(a,
		  &erspan2); /* type I has no sequence number and no header */
	load(a, BPF_H, 0);
	go_unless(a, BPF_JSET, FLOW_GRE_SEQUENCE, &in->ethernet);
	advance(a, 8);
	go(a, &in->ethernet);

	bind_here(a, &erspan3);
	at_header(a);
	advance(a, 12);
	load(a, BPF_B, 11);
	go_if(a, BPF_JSET, 1, &further);
	go(a, &in->ethernet);
	bind_here(a, &further);
	advance(a, 8);
	go(a, &in->ethernet);
}

/* Enters a tunnel in IP. */
static void enter(struct assembler *a, struct label *udp, struct inside *in)
{
	struct label gre = { 0 };
	struct label ipv4 = { 0 };

	go_if(a, BPF_JEQ, FLOW_IP_GRE, &gre);
	go_if(a, BPF_JEQ, 4, &ipv4);
	go_unless(a, BPF_JEQ, 41, &a->done);
	set(a, TYPE, FLOW_TYPE_IPV6);
	go(a, &in->typed);
	bind_here(a, &ipv4);
	set(a, TYPE, FLOW_TYPE_IPV4);
	go(a, &in->typed);
	bind_here(a, &gre);
	enter_gre(a, in);
	bind_here(a, udp);
	enter_udp(a, in);

	bind_here(a, &in->ip);
	at_header(a);
	set(a, TYPE, FLOW_TYPE_IPV4);
	load(a, BPF_B, 0);
	sum(a, BPF_RSH, 4);
	go_if(a, BPF_JEQ, 4, &in->typed);
	set(a, TYPE, FLOW_TYPE_IPV6);
	go(a, &in->typed);

	bind_here(a, &in->ethernet);
	at_header(a);
	load(a, BPF_H, 12);
	store(a, TYPE);
	advance(a, ETH_HLEN);
	bind_here(a, &in->typed);
	load_word(a, TYPE);
}

/* ---- The program --------------------------------------------------------- */

static void begin(struct assembler *a)
{
	struct label outgoing = { 0 };
	struct label plain = { 0 };
	struct label typed = { 0 };

	set(a, OFFSET, 0);
	set(a, FROM, 0);
	set(a, TO, 0);
	forget_ports(a);
	emit(a, BPF_LD | BPF_W | BPF_ABS,
	     (uint32_t)(SKF_AD_OFF + SKF_AD_PKTTYPE));
	if (a->ethernet)
		go_if(a, BPF_JEQ, PACKET_OUTGOING, &outgoing);
	if (a->cooked) {
		/* The interfaces are of any type. */
		go_unless(a, BPF_JEQ, PACKET_OUTGOING, &plain);
		emit(a, BPF_LD | BPF_W | BPF_ABS,
		     (uint32_t)(SKF_AD_OFF + SKF_AD_HATYPE));
		go_if(a, BPF_JEQ, ARPHRD_ETHER, &outgoing);
		go_if(a, BPF_JEQ, ARPHRD_LOOPBACK, &outgoing);
		bind_here(a, &plain);
	}
	emit(a, BPF_LD | BPF_W | BPF_ABS,
	     (uint32_t)(SKF_AD_OFF + SKF_AD_PROTOCOL));
	go(a, &typed);
	bind_here(a, &outgoing);
	set(a, OFFSET, ETH_HLEN);
	emit(a, BPF_LD | BPF_H | BPF_ABS, 12);
	bind_here(a, &typed);
	store(a, TYPE);
}

/* Hashes the MAC addresses of a frame without IP that is not in a tunnel. */
static void take_macs(struct assembler *a)
{
	uint32_t link = (uint32_t)SKF_LL_OFF;

	load_word(a, FROM);
	go_unless(a, BPF_JEQ, 0, &a->done);
	for (unsigned end = 0; end < 2; end++) {
		emit(a, BPF_LD | BPF_H | BPF_ABS, link + 6 * end + 4);
		sum(a, BPF_LSH, 16);
		emit(a, BPF_MISC | BPF_TAX, 0);
		emit(a, BPF_LD | BPF_W | BPF_ABS, link + 6 * end);
		emit(a, BPF_ALU | BPF_X | BPF_XOR, 0);
		sum(a, BPF_XOR, a->seed);
		mix(a);
		store(a, end ? FROM : TO);
	}
}

/* Adds the hashes of the two ends, so that their order does not matter. */
static void finish(struct assembler *a)
{
	for (unsigned end = 0; end < 2 && !a->addresses; end++) {
		emit(a, BPF_LDX | BPF_MEM, end ? TO_PORT : FROM_PORT);
		load_word(a, end ? TO : FROM);
		emit(a, BPF_ALU | BPF_X | BPF_XOR, 0);
		mix(a);
		store(a, end ? TO : FROM);
	}
	emit(a, BPF_LDX | BPF_MEM, TO);
	load_word(a, FROM);
	emit(a, BPF_ALU | BPF_X | BPF_ADD, 0);
	if (!a->addresses) {
		emit(a, BPF_LDX | BPF_MEM, PROTOCOL);
		emit(a, BPF_ALU | BPF_X | BPF_ADD, 0);
	}
	mix(a);
	emit(a, BPF_RET | BPF_A, 0);
}

static void assemble(struct assembler *a)
{
	struct label transport = { 0 };
	struct label udp = { 0 };
	struct inside in = { 0 };

	begin(a);
	take_tags(a, OUTER_TAGS);
	take_labels(a);
	take_pppoe(a);
	/* Ethernet after labels may have a tag. */
	take_tags(a, 1);
	take_ip(a, &transport);
	take_ports(a, &udp);
	enter(a, &udp, &in);
	take_tags(a, INNER_TAGS);
	take_labels(a);
	take_ip(a, &transport);
	take_ports(a, NULL);
	go(a, &a->done);
	bind_here(a, &a->no_ip);
	if (a->ethernet)
		take_macs(a);
	bind_here(a, &a->done);
	finish(a);
}

int cbpf_attach(struct af_packet *p)
{
	enum { LINKTYPE_ETHERNET = 1 };
	struct assembler a = {
		.ethernet = p->linktype == LINKTYPE_ETHERNET,
		.cooked = p->cooked > 0,
		.seed = (uint32_t)p->conf->fanout_seed,
		.addresses = p->conf->fanout_key ==
			     AF_PACKET_FANOUT_KEY_ADDRESSES,
	};
	struct sock_fprog program = { .filter = a.code };

	assemble(&a);
	if (a.n > BPF_MAXINSNS)
		return pktio_fail(&p->ring, -E2BIG,
				  "the steering program is too long");
	program.len = (unsigned short)a.n;
	if (setsockopt(p->sock, SOL_PACKET, PACKET_FANOUT_DATA, &program,
		       sizeof(program)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot attach the steering program: %s",
				  strerror(errno));
	return 0;
}
