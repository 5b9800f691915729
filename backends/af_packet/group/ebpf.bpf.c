/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The steering program. The kernel runs it for each frame of a fanout group to
 * select the ring. The program hashes the innermost flow of the frame
 * (util/flow.h), selects a bucket by the hash and looks up the ring of the
 * bucket in the table that all rings of the group share.
 *
 * Only the first fragment of a datagram has ports. The program remembers the
 * hash of the first fragment and sends the later fragments to the same ring. If
 * it did not see the first fragment, it selects the ring by the addresses.
 *
 * The data of a received frame begin at the network header, the data of a sent
 * frame begin at the link header (seen on Linux 6.18). bpf_skb_load_bytes()
 * counts from there and reads all bytes of a frame;
 * bpf_skb_load_bytes_relative() reads only the linear part.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "group/ebpf_table.h"

#define FLOW_CONTEXT struct __sk_buff
#define FLOW_LOAD bpf_skb_load_bytes
#include "util/flow.h"

_Static_assert(STEER_BUCKETS == FLOW_BUCKETS,
	       "pktio_flow_ring() divides alike");

#define DATAGRAMS 16384 /* fragmented datagrams, remembered at a time */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct steer_table);
} pktio_steer SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, DATAGRAMS);
	__type(key, struct flow_datagram);
	__type(value, __u32);
} pktio_frags SEC(".maps");

/* The flow of a frame without IP is its pair of MAC addresses. */
static __always_inline void hash_macs(struct __sk_buff *skb,
				      struct flow_walk *w)
{
	__u16 macs[6];

	if (bpf_skb_load_bytes_relative(skb, 0, macs, sizeof(macs),
					BPF_HDR_START_MAC) < 0)
		return;
	w->to = flow_mix_mac(w->seed, macs);
	w->from = flow_mix_mac(w->seed, macs + 3);
}

/* A group on all interfaces may see links of several types. There a sent frame
 * counts as Ethernet if bytes 12 and 13 are the EtherType of its content. */
static __always_inline void begin(struct __sk_buff *skb, struct flow_walk *w,
				  __u32 ethernet)
{
	enum { OUTGOING = 4 };
	__be16 type;

	w->next = flow_swap16((__u16)skb->protocol);
	if (skb->pkt_type == OUTGOING &&
	    bpf_skb_load_bytes(skb, 12, &type, sizeof(type)) == 0 &&
	    (ethernet || type == (__u16)skb->protocol))
		w->next = FLOW_ETHERNET;
}

static __always_inline __u32 hash_frame(struct __sk_buff *skb,
					const struct steer_table *t)
{
	struct flow_walk w = { .seed = t->seed, .by_addresses = t->addresses };
	__u32 hash;

	begin(skb, &w, t->ethernet);
	for (int i = 0; i < FLOW_HEADERS && w.next; i++)
		w.next = flow_step(skb, &w);
	if (!w.is_ip && t->ethernet)
		hash_macs(skb, &w);
	if (w.later) {
		__u32 *found = bpf_map_lookup_elem(&pktio_frags, &w.datagram);

		if (found)
			return *found;
		w.by_addresses = 1;
	}
	hash = flow_hash(&w);
	if (w.first)
		bpf_map_update_elem(&pktio_frags, &w.datagram, &hash, BPF_ANY);
	return hash;
}

SEC("socket")
int pktio_steer_frame(struct __sk_buff *skb)
{
	__u32 zero = 0;
	struct steer_table *t = bpf_map_lookup_elem(&pktio_steer, &zero);
	__u32 ring;

	if (!t)
		return 0;
	ring = t->buckets[hash_frame(skb, t) % STEER_BUCKETS];
	return (int)t->position[ring % STEER_RINGS];
}

/* The kernel asks every program for its licence. */
char terms[] SEC("license") = "Dual BSD/GPL";
