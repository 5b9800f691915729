/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields of frames in the byte order of the capturing machine. */
#include "format/pseudo_header.h"

#include <string.h>

#define LINKTYPE_SLL 113U
#define LINKTYPE_PFLOG 117U
#define LINKTYPE_USB 189U
#define LINKTYPE_USB_MMAPPED 220U
#define LINKTYPE_NFLOG 239U
#define LINKTYPE_SLL2 276U

static uint32_t load32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static uint16_t load16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

static void swap16(uint8_t *at)
{
	uint16_t value = __builtin_bswap16(load16(at));

	memcpy(at, &value, sizeof(value));
}

static void swap32(uint8_t *at)
{
	uint32_t value = __builtin_bswap32(load32(at));

	memcpy(at, &value, sizeof(value));
}

static void swap64(uint8_t *at)
{
	uint64_t value;

	memcpy(&value, at, sizeof(value));
	value = __builtin_bswap64(value);
	memcpy(at, &value, sizeof(value));
}

/* ---- Linux cooked: the CAN id of SocketCAN ------------------------------ */

#define SLL_SIZE 16U
#define SLL_PROTOCOL 14U
#define SLL2_SIZE 20U
#define SLL2_PROTOCOL 0U
#define SLL_CAN 0x000cU
#define SLL_CANFD 0x000dU

static void rewrite_sll(uint8_t *data, uint32_t size, uint32_t header,
			uint32_t protocol)
{
	unsigned type;

	if (size < header + sizeof(uint32_t))
		return;
	type = (unsigned)data[protocol] << 8 | data[protocol + 1];
	if (type == SLL_CAN || type == SLL_CANFD)
		swap32(data + header);
}

/* ---- The firewall log of OpenBSD ---------------------------------------- */

#define PFLOG_UID 44U
#define PFLOG_END 60U

/* User and process ids; the header contains its own length. */
static void rewrite_pflog(uint8_t *data, uint32_t size)
{
	uint32_t header = size > 0 ? data[0] : 0;

	for (uint32_t at = PFLOG_UID; at < PFLOG_END; at += 4)
		if (at + 4 > size || at + 4 > header)
			return;
		else
			swap32(data + at);
}

/* ---- Netfilter's log: type and length of each attribute ----------------- */

#define NFLOG_HEADER 4U
#define NFLOG_VERSION 1U
#define NFLOG_PART 4U

static void rewrite_nflog(uint8_t *data, uint32_t size, uint32_t caplen)
{
	uint32_t at = NFLOG_HEADER;

	if (size < NFLOG_HEADER || data[NFLOG_VERSION] != 0)
		return;
	while (caplen - at >= NFLOG_PART) {
		uint32_t length;

		swap16(data + at);
		swap16(data + at + 2);
		length = (load16(data + at) + 3U) & ~3U;
		if (length < NFLOG_PART || length > size - at)
			return;
		at += length;
	}
}

/* ---- Linux USB ---------------------------------------------------------- */

#define USB_EVENT 8U
#define USB_TRANSFER 9U
#define USB_ENDPOINT 10U
#define USB_DATA_FLAG 15U
#define USB_URB_LENGTH 32U
#define USB_ISO 40U /* or the setup packet */
#define USB_OLD_SIZE 48U
#define USB_NDESC 60U
#define USB_SIZE 64U
#define USB_DESC_SIZE 16U
#define USB_DESC_OFFSET 4U
#define USB_DESC_LENGTH 8U
#define USB_ISOCHRONOUS 0U
#define USB_COMPLETE 'C'
#define USB_IN 0x80U

/* The fields that all kinds of transfers have. */
static const struct {
	uint8_t at, size;
} usb_fields[] = { { 0, 8 },  { 12, 2 }, { 16, 8 }, { 24, 4 },
		   { 28, 4 }, { 32, 4 }, { 36, 4 } };

static void rewrite_usb_descriptors(uint8_t *data, uint32_t size)
{
	uint64_t at = USB_SIZE;

	for (uint32_t n = load32(data + USB_NDESC); n > 0; n--) {
		for (unsigned field = 0; field < 3; field++) {
			if (at + 4 > size)
				return;
			swap32(data + at);
			at += 4;
		}
		at += 4;
	}
}

static void rewrite_usb(uint8_t *data, uint32_t size, bool mmapped)
{
	bool isochronous;

	for (size_t i = 0; i < sizeof(usb_fields) / sizeof(usb_fields[0]);
	     i++) {
		uint8_t *field = data + usb_fields[i].at;

		if (size < (uint32_t)usb_fields[i].at + usb_fields[i].size)
			return;
		if (usb_fields[i].size == 8)
			swap64(field);
		else if (usb_fields[i].size == 4)
			swap32(field);
		else
			swap16(field);
	}
	isochronous = data[USB_TRANSFER] == USB_ISOCHRONOUS;
	for (uint32_t at = isochronous ? USB_ISO : USB_OLD_SIZE;
	     at < (mmapped ? USB_SIZE : USB_OLD_SIZE); at += 4)
		if (at + 4 > size)
			return;
		else
			swap32(data + at);
	if (mmapped && isochronous)
		rewrite_usb_descriptors(data, size);
}

/*
 * Old versions of libpcap wrote the length of the transfer as the length of the
 * data, which has gaps. The descriptors contain the true end.
 */
static void fix_usb_length(const uint8_t *data, uint32_t size,
			   uint32_t *wirelen)
{
	uint32_t ndesc, end = 0, left;
	uint64_t header;

	if (size < USB_SIZE || data[USB_DATA_FLAG] != 0 ||
	    data[USB_TRANSFER] != USB_ISOCHRONOUS ||
	    data[USB_EVENT] != USB_COMPLETE || !(data[USB_ENDPOINT] & USB_IN))
		return;
	ndesc = load32(data + USB_NDESC);
	header = USB_SIZE + (uint64_t)ndesc * USB_DESC_SIZE;
	if (*wirelen != header + load32(data + USB_URB_LENGTH))
		return;
	left = (size - USB_SIZE) / USB_DESC_SIZE;
	data += USB_SIZE;
	for (uint32_t n = ndesc < left ? ndesc : left; n > 0; n--) {
		uint32_t length = load32(data + USB_DESC_LENGTH);
		uint32_t last = load32(data + USB_DESC_OFFSET) + length;

		if (length != 0 && last > end)
			end = last;
		data += USB_DESC_SIZE;
	}
	if ((uint32_t)(header + end) >= size)
		*wirelen = (uint32_t)(header + end);
	if (size > *wirelen)
		*wirelen = size;
}

/* ---- All link types ----------------------------------------------------- */

bool pseudo_header_needs_fix(uint16_t linktype, bool swapped)
{
	switch (linktype) {
	case LINKTYPE_USB_MMAPPED:
		return true;
	case LINKTYPE_SLL:
	case LINKTYPE_SLL2:
	case LINKTYPE_PFLOG:
	case LINKTYPE_NFLOG:
	case LINKTYPE_USB:
		return swapped;
	default:
		return false;
	}
}

void pseudo_header_fix(uint16_t linktype, bool swapped, uint8_t *data,
		       uint32_t caplen, uint32_t *wirelen)
{
	/* wirelen may be wrong, and shorter than caplen. */
	uint32_t least = caplen < *wirelen ? caplen : *wirelen;

	switch (linktype) {
	case LINKTYPE_SLL:
		rewrite_sll(data, least, SLL_SIZE, SLL_PROTOCOL);
		break;
	case LINKTYPE_SLL2:
		rewrite_sll(data, least, SLL2_SIZE, SLL2_PROTOCOL);
		break;
	case LINKTYPE_PFLOG:
		rewrite_pflog(data, least);
		break;
	case LINKTYPE_NFLOG:
		rewrite_nflog(data, least, caplen);
		break;
	case LINKTYPE_USB:
		rewrite_usb(data, caplen, false);
		break;
	case LINKTYPE_USB_MMAPPED:
		if (swapped)
			rewrite_usb(data, caplen, true);
		fix_usb_length(data, caplen, wirelen);
		break;
	default:
		break;
	}
}
