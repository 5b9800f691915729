/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend in a shared object, for the tests of the registry: a valid one with
 * the name MODULE_NAME, or, with -DMODULE_..., one that must be refused.
 */
#ifndef MODULE_OTHER_SYMBOL
#define PKTIO_MODULE
#endif
#include <pktio/backend.h>

#ifndef MODULE_ABI
#define MODULE_ABI PKTIO_BACKEND_ABI
#endif
/* The index of the size that is wrong. */
#ifndef MODULE_SIZE
#define MODULE_SIZE 0
#endif

static int module_open(struct pktio_ring *r, const void *conf,
		       const struct pktio_open_ctx *ctx)
{
	(void)conf;
	(void)ctx;
	r->fd = -1;
	r->info.ifindex = 4711;
	return 0;
}

#ifndef MODULE_INCOMPLETE
static void module_close(struct pktio_ring *r)
{
	(void)r;
}
#endif

static int module_recv(struct pktio_ring *r, struct pktio_frame *frames,
		       unsigned n)
{
	(void)r;
	(void)frames;
	(void)n;
	return PKTIO_EOF;
}

static void module_release(struct pktio_ring *r,
			   const struct pktio_frame *frames, unsigned n)
{
	(void)r;
	(void)frames;
	(void)n;
}

#ifdef MODULE_BAD_DEFAULT
static const struct pktio_opt_decl module_opts[] = {
	{ "depth", "its default is out of range", "10", PKTIO_OPT_UINT, 0, 0, 9,
	  NULL, 0 },
	{ NULL },
};
#endif

PKTIO_BACKEND(module) = {
	.abi = MODULE_ABI,
	.backend_size = sizeof(struct pktio_backend) + (MODULE_SIZE == 1),
	.ring_size = sizeof(struct pktio_ring) + (MODULE_SIZE == 2),
	.frame_size = sizeof(struct pktio_frame) + (MODULE_SIZE == 3),
	.opt_size = sizeof(struct pktio_opt_decl) + (MODULE_SIZE == 4),
	.name = MODULE_NAME,
	.doc = "a backend in a shared object",
	.modes = PKTIO_RECV,
	.handle_size = sizeof(struct pktio_ring),
	.conf_size = sizeof(uint64_t),
#ifdef MODULE_BAD_DEFAULT
	.opts = module_opts,
#endif
	.open = module_open,
#ifndef MODULE_INCOMPLETE
	.close = module_close,
#endif
	.recv = module_recv,
	.release = module_release,
};
