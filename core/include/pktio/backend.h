/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BACKEND_H
#define PKTIO_BACKEND_H

/*
 * What a backend of pktio is. docs/backend.md is the guide, and
 * docs/examples/backend a whole one that lives outside this tree.
 *
 * A backend is a constant struct pktio_backend. The library allocates the
 * handle (handle_size bytes, zeroed, with a struct pktio_ring in front) and the
 * configuration (conf_size bytes, filled from the options), calls open, and
 * calls close exactly once after an open that worked. An open that fails
 * cleans up after itself and says why with pktio_fail().
 */

#include <pktio/pktio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up whenever anything in this header changes shape or meaning. */
#define PKTIO_BACKEND_ABI 2

/* The front of every handle. A backend writes info, stats and fd. */
struct pktio_ring {
	const struct pktio_backend *ops;
	int fd;                   /* to poll for reading; -1: never runs dry */
	int woken, wake_fd;       /* the library's */
	struct pktio_info info;   /* fill it in open */
	struct pktio_stats stats; /* count in them; filtered is the library's */
	struct pktio_bpf *filter; /* applied to what recv returns */
	void *conf;               /* the library's: what open was given */
	/* The library's: written by pktio_fail() and pktio_note(). */
	char error[PKTIO_TEXT];
	char notices[4][PKTIO_TEXT];
	unsigned notices_written, notices_read;
};

/* What pktio_open() was asked for. */
struct pktio_open_ctx {
	const char *target;              /* "" if none was given */
	unsigned mode;                   /* never 0; only bits of ->modes */
	unsigned index, count;           /* count is at least 1 */
	const struct sock_fprog *filter; /* NULL if set_filter is */
};

/*
 * An option name that an earlier version had. pktio_open() refuses it and
 * suggests the new name. A NULL new_name means that the option was removed.
 */
struct pktio_renamed_opt {
	const char *old_name; /* NULL ends the list */
	const char *new_name;
};

struct pktio_backend {
	/* Set by PKTIO_BACKEND_SIZES: checked before anything else is read. */
	unsigned abi;
	uint16_t backend_size, ring_size, frame_size, opt_size;

	const char *name; /* as in a URI */
	const char *doc;  /* one line */
	unsigned modes;   /* PKTIO_RECV, PKTIO_SEND */
	size_t handle_size, conf_size;
	const struct pktio_opt *opts;
	const struct pktio_renamed_opt *renamed; /* may be NULL */

	/* `conf` lives as long as the handle. */
	int (*open)(struct pktio_ring *r, const void *conf,
		    const struct pktio_open_ctx *ctx);
	void (*close)(struct pktio_ring *r);
	int (*recv)(struct pktio_ring *r, struct pktio_frame *frames,
		    unsigned n);
	void (*release)(struct pktio_ring *r, const struct pktio_frame *frames,
			unsigned n);

	/*
	 * The rest may be NULL.
	 *
	 * ready: 1 when recv has something to say, 0 when not. It is asked
	 * before the library polls fd, and, with `polled` set, after fd was
	 * found readable; it must then take away what made fd readable, if
	 * that was not a frame. NULL: whatever poll says.
	 *
	 * set_filter: NULL leaves filtering to the library, in user space. A
	 * backend that filters elsewhere may set ring->filter itself while
	 * frames come that were judged by the filter before. It can be given
	 * programs that pktio_bpf_new() finds -ENOTSUP, but no bad ones.
	 *
	 * get_info, get_stats: bring info and stats up to date.
	 *
	 * meta_get, meta_set: as pktio_meta_get() and pktio_meta_set(). The
	 * library has checked the scope and whether `id` is 0 where it must be.
	 *
	 * finish: NULL makes it a flush. Close may come without it.
	 *
	 * inject: NULL makes it of alloc and send, which can do no more than
	 * tailroom tells. One of its own puts the tags of vlan[] back itself.
	 */
	int (*ready)(struct pktio_ring *r, int polled);
	int (*alloc)(struct pktio_ring *r, struct pktio_frame *frames,
		     unsigned n);
	int (*send)(struct pktio_ring *r, const struct pktio_frame *frames,
		    unsigned n);
	int (*flush)(struct pktio_ring *r);
	int (*finish)(struct pktio_ring *r);
	int (*set_filter)(struct pktio_ring *r, const struct sock_fprog *prog);
	int (*get_info)(const struct pktio_ring *r, struct pktio_info *info);
	int (*get_stats)(struct pktio_ring *r);
	int (*meta_get)(struct pktio_ring *r, enum pktio_meta_scope scope,
			uint64_t id, uint16_t code, unsigned index, void *buf,
			size_t size);
	int (*meta_set)(struct pktio_ring *r, enum pktio_meta_scope scope,
			uint64_t id, uint16_t code, const void *value,
			size_t size);
	int (*inject)(struct pktio_ring *r, const struct pktio_frame *frames,
		      unsigned n);
};

/* To be the first initializer of a struct pktio_backend. */
#define PKTIO_BACKEND_SIZES                           \
	.abi = PKTIO_BACKEND_ABI,                     \
	.backend_size = sizeof(struct pktio_backend), \
	.ring_size = sizeof(struct pktio_ring),       \
	.frame_size = sizeof(struct pktio_frame),     \
	.opt_size = sizeof(struct pktio_opt)

/*
 * Begins the definition of a backend:
 *      PKTIO_BACKEND(mine) = { PKTIO_BACKEND_SIZES, .name = "mine", ... };
 * Compiled with PKTIO_MODULE defined it becomes the one symbol that a shared
 * object exports, otherwise `mine_backend`, to be listed as built in.
 */
#ifdef PKTIO_MODULE
#define PKTIO_BACKEND(x)                                           \
	extern PKTIO_API const struct pktio_backend pktio_backend; \
	const struct pktio_backend pktio_backend
#else
#define PKTIO_BACKEND(x)                               \
	extern const struct pktio_backend x##_backend; \
	const struct pktio_backend x##_backend
#endif
#define PKTIO_BACKEND_SYMBOL "pktio_backend"

/*
 * pktio_fail - put words to an error, and return its code
 *
 *      return pktio_fail(r, -EINVAL, "no interface '%s'", name);
 *
 * The library puts the backend's name in front.
 */
PKTIO_API int pktio_fail(struct pktio_ring *r, int code, const char *format,
			 ...) __attribute__((format(printf, 3, 4)));

/*
 * pktio_note - add a notice for pktio_next_notice()
 *
 *      pktio_note(r, "a ring of %u bytes is used; no memory for %u", a, b);
 *
 * The library puts the backend's name in front.
 */
PKTIO_API void pktio_note(struct pktio_ring *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* ---- Fixed slots, for backends that must copy --------------------------- */

struct pktio_slab;

/*
 * pktio_slab_new - room for `slots` frames of up to `size` bytes each
 *
 * Memory is touched only as slots are used. NULL when there is not enough.
 */
PKTIO_API struct pktio_slab *pktio_slab_new(uint32_t slots, uint32_t size);
PKTIO_API struct pktio_slab *pktio_slab_free(struct pktio_slab *slab);

/* pktio_slab_get - the bytes of a free slot, and its number; NULL: none free */
PKTIO_API uint8_t *pktio_slab_get(struct pktio_slab *slab, uint64_t *slot);
PKTIO_API void pktio_slab_put(struct pktio_slab *slab, uint64_t slot);

#ifdef __cplusplus
}
#endif

#endif
