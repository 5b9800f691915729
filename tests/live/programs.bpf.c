/* SPDX-License-Identifier: BSD-3-Clause */
/* Programs of users, for the tests of options with a program file. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("fanout")
int to_second(struct __sk_buff *skb)
{
	(void)skb;
	return 1;
}

/* Keeps 42 bytes of numbered frames with an even number. */
SEC("filter")
int even_ones(struct __sk_buff *skb)
{
	__u8 number;

	if (bpf_skb_load_bytes(skb, 17, &number, 1) < 0)
		return 0;
	return number % 2 ? 0 : 42;
}

SEC("bad")
int through_a_number(struct __sk_buff *skb)
{
	return *(volatile int *)(unsigned long)skb->len;
}
