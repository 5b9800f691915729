/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of interfaces, in a network of two. */
#include <stdio.h>
#include <string.h>

#include <pktio/pktio.h>

#include "support/expect.h"
#include "support/test_network.h"
#include "support/timing.h"

TestSuite(interfaces, .init = net_create);

static struct pktio_interface *list_of(const char *backend)
{
	struct pktio_interface *list = NULL;
	struct pktio_error error;
	int r = pktio_interfaces(&list, pktio_backend_find(backend), &error);

	REQUIRE(r == 0, "%s", error.text);
	return list;
}

static const struct pktio_interface *find(const struct pktio_interface *list,
					  const char *name)
{
	while (list && strcmp(list->name, name) != 0)
		list = list->next;
	REQUIRE(list, "no %s", name);
	return list;
}

Test(interfaces, af_packet_lists_state_mtu_speed_and_link_type)
{
	struct pktio_interface *list = list_of("af_packet");
	const struct pktio_interface *i = find(list, NET_B);

	EXPECT_EQ(i->link, PKTIO_LINK_UP);
	EXPECT_EQ(i->mtu, 1500);
	EXPECT_EQ(i->speed, UINT64_C(10000000000));
	EXPECT_EQ(i->linktype, PKTIO_LINKTYPE_ETHERNET);
	EXPECT_GT(i->ifindex, 0);
	EXPECT_STR(i->description, "");
	i = find(list, "any");
	EXPECT_EQ(i->linktype, PKTIO_LINKTYPE_LINUX_SLL2);
	EXPECT_EQ(i->ifindex, 0);
	pktio_interfaces_free(list);
}

static uint32_t link_of(const char *backend, const char *name)
{
	struct pktio_interface *list = list_of(backend);
	uint32_t link = find(list, name)->link;

	pktio_interfaces_free(list);
	return link;
}

Test(interfaces, a_link_is_down_or_has_no_carrier)
{
	uint64_t end = now_ns() + UINT64_C(5000000000);

	net_set_up(NET_A, false);
	/* The kernel updates the state of the peer up to a second later. */
	while (link_of("af_packet", NET_B) == PKTIO_LINK_UP && now_ns() < end)
		sleep_ms(10);
	EXPECT_EQ(link_of("af_packet", NET_A), PKTIO_LINK_DOWN);
	EXPECT_EQ(link_of("af_packet", NET_B), PKTIO_LINK_NO_CARRIER);
	EXPECT_EQ(link_of("pcap_live", NET_A), PKTIO_LINK_DOWN);
	EXPECT_EQ(link_of("pcap_live", NET_B), PKTIO_LINK_NO_CARRIER);
}

Test(interfaces, pcap_live_lists_the_devices_of_libpcap)
{
	struct pktio_interface *list = list_of("pcap_live");
	const struct pktio_interface *i = find(list, NET_B);

	EXPECT_EQ(i->link, PKTIO_LINK_UP);
	EXPECT_EQ(i->linktype, -1);
	EXPECT_EQ(i->mtu, 0);
	EXPECT_GT(i->ifindex, 0);
	i = find(list, "any");
	EXPECT_EQ(i->link, PKTIO_LINK_UP);
	EXPECT(i->description[0], "no description");
	EXPECT_EQ(find(list, "nflog")->link, PKTIO_LINK_UNKNOWN);
	pktio_interfaces_free(list);
}

Test(interfaces, what_is_listed_can_be_opened)
{
	struct pktio_interface *list = list_of("af_packet");

	for (const struct pktio_interface *i = list; i; i = i->next) {
		struct pktio_error error = { 0 };
		struct pktio_ring *ring = NULL;
		char uri[256];

		snprintf(uri, sizeof(uri), "af_packet:%s?ring-size=1M",
			 i->name);
		EXPECT(pktio_open(&ring, uri, NULL, &error) == 0, "%s",
		       error.text);
		pktio_close(ring);
	}
	pktio_interfaces_free(list);
}

Test(interfaces, other_backends_have_none)
{
	struct pktio_interface *list = NULL;
	struct pktio_error error;

	EXPECT_EQ(pktio_interfaces(&list, pktio_backend_find("gen"), &error),
		  -ENOTSUP);
	EXPECT_STR(error.text, "gen: this backend does not open interfaces");
	EXPECT(!list, "a list");
	EXPECT(!pktio_interfaces_free(NULL), "not NULL");
}
