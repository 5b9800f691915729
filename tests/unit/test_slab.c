/* SPDX-License-Identifier: BSD-3-Clause */
/* A slab of slots of fixed size. */
#include <string.h>

#include "support/expect.h"
#include <pktio/backend.h>

#define SLOTS 50U
#define SIZE 100U

Test(slab, each_slot_is_taken_once_until_it_is_put_back)
{
	struct pktio_slab *slab = pktio_slab_new(SLOTS, SIZE);
	bool seen[SLOTS] = { false };
	uint64_t slot = 0;

	REQUIRE(slab, "no memory");
	for (unsigned i = 0; i < SLOTS; i++) {
		EXPECT(pktio_slab_get(slab, &slot), "slot %u is missing", i);
		REQUIRE(slot < SLOTS, "slot %u", (unsigned)slot);
		EXPECT(!seen[slot], "slot %u was taken twice", (unsigned)slot);
		seen[slot] = true;
	}
	slot = 1234;
	EXPECT(!pktio_slab_get(slab, &slot), "one slot too many");
	EXPECT_EQ(slot, 1234);
	pktio_slab_put(slab, 17);
	EXPECT(pktio_slab_get(slab, &slot), "it was put back");
	EXPECT_EQ(slot, 17);
	EXPECT(!pktio_slab_get(slab, &slot), "one slot too many");
	EXPECT(!pktio_slab_free(slab), "free returns NULL");
}

Test(slab, slots_have_room_for_their_size_and_do_not_overlap)
{
	struct pktio_slab *slab = pktio_slab_new(SLOTS, SIZE);
	uint8_t *bytes[SLOTS];
	uint64_t slot;

	REQUIRE(slab, "no memory");
	for (unsigned i = 0; i < SLOTS; i++) {
		bytes[i] = pktio_slab_get(slab, &slot);
		REQUIRE(bytes[i], "slot %u is missing", i);
		EXPECT((uintptr_t)bytes[i] % 64 == 0, "slot %u is at %p", i,
		       (void *)bytes[i]);
		memset(bytes[i], (int)i, SIZE);
	}
	for (unsigned i = 0; i < SLOTS; i++)
		for (unsigned j = 0; j < SIZE; j++)
			EXPECT(bytes[i][j] == i, "byte %u of slot %u", j, i);
	pktio_slab_free(slab);
}

Test(slab, the_last_slot_put_back_is_the_next_one_taken)
{
	struct pktio_slab *slab = pktio_slab_new(SLOTS, SIZE);
	uint64_t slots[3];
	uint64_t slot;

	REQUIRE(slab, "no memory");
	for (unsigned i = 0; i < 3; i++)
		pktio_slab_get(slab, &slots[i]);
	for (unsigned i = 0; i < 3; i++)
		pktio_slab_put(slab, slots[i]);
	pktio_slab_get(slab, &slot);
	EXPECT_EQ(slot, slots[2]);
	pktio_slab_free(slab);
}

Test(slab, taking_more_slots_than_exist_fails)
{
	EXPECT(!pktio_slab_new(UINT32_MAX, UINT32_MAX), "over 2^64 bytes");
	EXPECT(!pktio_slab_new(1 << 20, UINT32_MAX), "2^52 bytes");
	EXPECT(!pktio_slab_free(NULL), "free takes NULL");
}
