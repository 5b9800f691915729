/* SPDX-License-Identifier: BSD-3-Clause */
/* Metadata of frames, interfaces and sources. */
#include "send.h"

int pktio_frame_option(struct pktio_ring *r, const struct pktio_frame *f,
		       uint16_t code, unsigned index, void *buf, size_t size)
{
	if (!r->ops->frame_option)
		return -ENOTSUP;
	return r->ops->frame_option(r, f, code, index, buf, size);
}

int pktio_interface_option(struct pktio_ring *r, uint32_t ifindex,
			   uint16_t code, unsigned index, void *buf,
			   size_t size)
{
	if (!r->ops->interface_option)
		return -ENOTSUP;
	return r->ops->interface_option(r, ifindex, code, index, buf, size);
}

int pktio_source_option(struct pktio_ring *r, uint16_t code, unsigned index,
			void *buf, size_t size)
{
	if (!r->ops->source_option)
		return -ENOTSUP;
	return r->ops->source_option(r, code, index, buf, size);
}

int pktio_describe_frame(struct pktio_ring *r, uint16_t code, const void *value,
			 size_t size)
{
	int ret = send_check(r, true);

	if (ret == 0 && !r->ops->describe_frame)
		ret = pktio_fail(r, -ENOTSUP, "takes frames and nothing else");
	return ret < 0 ? ret : r->ops->describe_frame(r, code, value, size);
}

int pktio_describe_interface(struct pktio_ring *r, uint32_t ifindex,
			     uint16_t code, const void *value, size_t size)
{
	int ret = send_check(r, true);

	if (ret == 0 && !r->ops->describe_interface)
		ret = pktio_fail(r, -ENOTSUP, "takes frames and nothing else");
	return ret < 0 ? ret :
			 r->ops->describe_interface(r, ifindex, code, value,
						    size);
}
