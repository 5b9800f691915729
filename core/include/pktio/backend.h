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
 * An option of a backend; an array of these ends with a NULL name. The field of
 * the configuration at `offset` is, depending on the type: BOOL: bool; STRING:
 * const char *, valid as long as the ring; all others: uint64_t.
 */
struct pktio_opt_decl {
	const char *name;    /* kebab-case */
	const char *doc;     /* one line */
	const char *initial; /* the default, as a user types it */
	enum pktio_opt_type type;
	unsigned flags;    /* PKTIO_OPT_ bits */
	uint64_t min, max; /* both included; for UINT, SIZE and TIME */
	const struct pktio_opt_value *values; /* for ENUM and FLAGS */
	size_t offset; /* of the field in the configuration */
};

/*
 * An option name that an earlier version had. pktio_open() refuses it and
 * suggests the new name. A NULL new_name means that the option was removed.
 */
struct pktio_renamed_opt {
	const char *old_name; /* NULL ends the list */
	const char *new_name;
};

/* A list of interfaces that the backend fills. */
struct pktio_interfaces;

struct pktio_backend {
	/* Set by PKTIO_BACKEND_SIZES: checked before anything else is read. */
	unsigned abi;
	uint16_t backend_size, ring_size, frame_size, opt_size;

	const char *name; /* as in a URI */
	const char *doc;  /* one line */
	unsigned modes;   /* PKTIO_RECV, PKTIO_SEND */
	size_t handle_size, conf_size;
	const struct pktio_opt_decl *opts;
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
	 * select: returns the backend that implements the ring, before the
	 * handle is allocated; NULL: this one. `conf` and the options are those
	 * of this backend. So one backend can have several implementations, for
	 * example a plain one and one that wraps it. It reports no error: the
	 * open of the selected backend does.
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
	 * interfaces: adds each interface that the backend can open, with
	 * pktio_interfaces_add(). It is called without a ring, from any thread.
	 *
	 * finish: NULL makes it a flush. Close may come without it.
	 *
	 * inject: NULL makes it of alloc and send, which can do no more than
	 * tailroom tells. One of its own puts the tags of vlan[] back itself.
	 */
	const struct pktio_backend *(*select)(const void *conf,
					      const struct pktio_open_ctx *ctx);
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
	int (*interfaces)(struct pktio_interfaces *list);
};

/* To be the first initializer of a struct pktio_backend. */
#define PKTIO_BACKEND_SIZES                           \
	.abi = PKTIO_BACKEND_ABI,                     \
	.backend_size = sizeof(struct pktio_backend), \
	.ring_size = sizeof(struct pktio_ring),       \
	.frame_size = sizeof(struct pktio_frame),     \
	.opt_size = sizeof(struct pktio_opt_decl)

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

/*
 * pktio_interfaces_add - add a copy of this interface to the list
 *
 * Returns 0 or -ENOMEM. `next` is ignored.
 */
PKTIO_API int pktio_interfaces_add(struct pktio_interfaces *list,
				   const struct pktio_interface *interface);

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

/* ---- Wrapping other rings ----------------------------------------------- */

/*
 * A backend can wrap rings of other backends, or of itself: its open opens
 * these inner rings, its operations call the public functions on them
 * (pktio_recv(), pktio_release(), pktio_meta_get() ...), and its close closes
 * them with pktio_close(). The inner rings belong to the wrapper; nobody else
 * calls them.
 *
 * Frames. pktio_release() and pktio_meta_get() of an inner ring need the cookie
 * that its pktio_recv() returned. A wrapper of one ring keeps the cookie. A
 * wrapper of several rings writes its own cookie, for example an index into a
 * table with the inner ring and the inner cookie of each held frame, and
 * restores the inner cookie before it calls the inner ring. It also restores
 * `ifindex`, if it changed it, for PKTIO_META_INTERFACE.
 *
 * fd and wait. Only the wrapper's ring is waited for. `fd` of a wrapper of one
 * ring is that of the inner ring; of several rings, an epoll instance with
 * their descriptors, or -1 if one of these is -1. `ready` calls
 * pktio_inner_ready() of each inner ring.
 *
 * wake. pktio_wake() of the wrapper's ring ends its wait. Inner rings are not
 * woken.
 *
 * filter. Without set_filter the library filters what the wrapper's recv
 * returns. A wrapper with set_filter passes the filter on, in the arguments of
 * open and with pktio_set_filter(), so that the kernel can filter.
 *
 * info, notices. The wrapper fills its own, from pktio_get_info() and
 * pktio_next_notice() of the inner rings.
 *
 * stats. The wrapper counts received, received_bytes and truncated of what its
 * recv returns. Its get_stats, and its close of an inner ring before the end,
 * call pktio_inner_count() for all other counters. Gauges are left to it.
 */

/*
 * pktio_inner_open - open a ring that `r` wraps, of a given backend
 *
 * `conf` is a configuration of that backend. It stays the caller's, and must
 * live as long as the inner ring. The select of the backend is not called.
 * pktio_wake() has no effect on the ring. Returns 0, or an error. Its message
 * becomes the last error of `r`, and the notices of the inner open become
 * notices of `r`.
 */
PKTIO_API int pktio_inner_open(struct pktio_ring **ret, struct pktio_ring *r,
			       const struct pktio_backend *b, const void *conf,
			       const struct pktio_open_ctx *ctx);

/* pktio_inner_open_uri - the same, by a URI; as pktio_open() */
PKTIO_API int pktio_inner_open_uri(struct pktio_ring **ret,
				   struct pktio_ring *r, const char *uri,
				   const struct pktio_open_args *args);

/*
 * pktio_inner_ready - whether recv of an inner ring has frames, the end or an
 * error; as ready
 *
 * Set `polled` only if poll(2) found the descriptor of that ring readable.
 */
PKTIO_API int pktio_inner_ready(struct pktio_ring *inner, int polled);

/*
 * pktio_inner_error - the last error of an inner ring
 *
 * Without the name of its backend, if r has the same:
 *      return pktio_fail(r, code, "%s", pktio_inner_error(r, inner));
 */
PKTIO_API const char *pktio_inner_error(const struct pktio_ring *r,
					const struct pktio_ring *inner);

/*
 * pktio_inner_count - add what an inner ring counted since the previous call
 *
 * Adds all counters but received, received_bytes and truncated to r->stats.
 * `seen` belongs to the inner ring, and is zero before the first call.
 */
PKTIO_API int pktio_inner_count(struct pktio_ring *r, struct pktio_ring *inner,
				struct pktio_stats *seen);

#ifdef __cplusplus
}
#endif

#endif
