/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of link types, compared with those of libpcap. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <pcap/pcap.h>
#include <pktio/pktio.h>

#include "support/expect.h"

/* The LINKTYPE_ number of a DLT_ number of libpcap. */
static int linktype_of(int dlt)
{
	switch (dlt) {
	case DLT_RAW:
		return PKTIO_LINKTYPE_RAW;
	case DLT_ATM_RFC1483:
		return 100;
	case DLT_SLIP_BSDOS:
		return 102;
	case DLT_PPP_BSDOS:
		return 103;
	case DLT_ATM_CLIP:
		return 106;
	default:
		return dlt;
	}
}

Test(linktype, every_name_of_libpcap_selects_the_same_link_type)
{
	unsigned n = 0;

	for (int dlt = 0; dlt < 1000; dlt++) {
		const char *name = pcap_datalink_val_to_name(dlt);
		int value;

		if (!name)
			continue;
		n++;
		value = pktio_linktype_value(name);
		EXPECT(value == linktype_of(dlt), "%s: %d, not %d", name, value,
		       linktype_of(dlt));
	}
	EXPECT_GT(n, 100);
}

Test(linktype, a_name_and_its_number_belong_together)
{
	unsigned n = 0;

	for (uint32_t i = 0; i <= UINT16_MAX; i++) {
		const char *name = pktio_linktype_name(i);

		if (!name)
			continue;
		n++;
		EXPECT(pktio_linktype_value(name) == (int)i, "%s", name);
	}
	EXPECT_GT(n, 100);
	EXPECT(!pktio_linktype_name(UINT32_MAX), "a name");
	EXPECT_STR(pktio_linktype_name(PKTIO_LINKTYPE_ETHERNET), "ETHERNET");
	EXPECT_STR(pktio_linktype_name(PKTIO_LINKTYPE_LINUX_SLL2),
		   "LINUX_SLL2");
}

Test(linktype, a_value_is_a_name_in_any_case_or_a_number)
{
	EXPECT_EQ(pktio_linktype_value("ethernet"), 1);
	EXPECT_EQ(pktio_linktype_value("EN10MB"), 1);
	EXPECT_EQ(pktio_linktype_value("0"), 0);
	EXPECT_EQ(pktio_linktype_value("65535"), 65535);
	EXPECT_EQ(pktio_linktype_value("65536"), -ENOENT);
	EXPECT_EQ(pktio_linktype_value("99999999999999999999"), -ENOENT);
	EXPECT_EQ(pktio_linktype_value("-1"), -ENOENT);
	EXPECT_EQ(pktio_linktype_value("1x"), -ENOENT);
	EXPECT_EQ(pktio_linktype_value("ETHERNE"), -ENOENT);
	EXPECT_EQ(pktio_linktype_value(""), -ENOENT);
}
