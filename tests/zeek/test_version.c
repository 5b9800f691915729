/* SPDX-License-Identifier: BSD-3-Clause */
/* Differences between the versions of Zeek. */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "mock_zeek.h"
#include "support/expect.h"

#define URI "pktio::gen:?count=1&flows=1&vlan-strip=all&vlan-priority=5&"

static struct mock_zeek_packet seen;

static void receive_packet(void *user, const struct mock_zeek_packet *p)
{
	(void)user;
	seen = *p;
}

static void read_one(const char *uri)
{
	struct mock_zeek *s;

	mock_zeek_load_scripts();
	s = mock_zeek_open(uri, false, receive_packet, NULL);
	REQUIRE(mock_zeek_is_open(s), "%s", mock_zeek_error(s));
	mock_zeek_run_to_end(s, 1000);
	EXPECT_STR(mock_zeek_violations(s), "");
	mock_zeek_free(s);
}

Test(zeek_version, both_tags_reach_zeek_with_the_fields_of_its_version)
{
	int pcp = MOCK_ZEEK_VERSION >= 80100 ? 5 : -1;
	int dei = MOCK_ZEEK_VERSION >= 80100 ? 0 : -1;

	read_one(URI "vlan=qinq&vlan-id=100&vlan-outer-id=200");
	EXPECT_EQ(seen.vlan, 200);
	EXPECT_EQ(seen.inner_vlan, 100);
	EXPECT_EQ(seen.pcp, pcp);
	EXPECT_EQ(seen.dei, dei);
	EXPECT_EQ(seen.inner_pcp, pcp);
	EXPECT_EQ(seen.inner_dei, dei);
	read_one(URI "vlan=802.1q&vlan-id=100");
	EXPECT_EQ(seen.vlan, 100);
	EXPECT_EQ(seen.inner_vlan, -1);
	read_one(URI "vlan=none");
	EXPECT_EQ(seen.vlan, -1);
}

Test(zeek_version, a_priority_tag_is_a_tag_if_this_zeek_supports_it)
{
	read_one(URI "vlan=priority");
	EXPECT_EQ(seen.vlan, MOCK_ZEEK_VERSION >= 80200 ? 0 : -1);
	EXPECT_EQ(seen.pcp, MOCK_ZEEK_VERSION >= 80200 ? 5 : -1);
}
