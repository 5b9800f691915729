/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_NUMBERED_FRAMES_H
#define PKTIO_TESTS_NUMBERED_FRAMES_H

/* Frames with a number in them, so that a test can identify each frame. */

#include <stddef.h>
#include <stdint.h>

#include <pktio/pktio.h>

/* Numbered frames have this EtherType, which is for local experiments. */
#define TEST_ETHERTYPE 0x88b5

/* Writes a frame of `size` bytes (at least 18) with a number in it. */
void numbered_frame(uint8_t *frame, size_t size, uint32_t number);

/* The number in a frame; -1 if it is not a numbered frame. */
int64_t frame_number(const struct pktio_frame *f);

#endif
