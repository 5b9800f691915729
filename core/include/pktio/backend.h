/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_BACKEND_H
#define PKTIO_BACKEND_H

/*
 * The interface between libpktio and a backend. docs/backend.md is the guide;
 * docs/examples/backend is a complete backend outside of this tree.
 *
 * A backend is a constant struct pktio_backend. The library allocates the
 * handle (handle_size bytes of zeros, which begin with a struct pktio_ring) and
 * the configuration (conf_size bytes, filled from the options). Then it calls
 * open. If open succeeds, the library calls close exactly once. If open fails,
 * it releases what it allocated and reports the reason with pktio_fail().
 */

#include <pktio/pktio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Increases with every change of a struct or a rule in this header. */
#define PKTIO_BACKEND_ABI 2

/* The first member of every handle. A backend writes fd, info and stats. */
struct pktio_ring {
	const struct pktio_backend *ops;
	int fd;                   /* to poll for reading; -1: always ready */
	int woken, wake_fd;       /* the library's */
	struct pktio_info info;   /* open fills it */
	struct pktio_stats stats; /* the backend counts, except `filtered` */
	struct pktio_bpf *filter; /* the library runs it on received frames */
	void *conf;               /* the library's: the configuration */
	/* The library's: written by pktio_fail() and pktio_note(). */
	char error[PKTIO_TEXT];
	char notices[4][PKTIO_TEXT];
	unsigned notices_written, notices_read;
};

/* The arguments of pktio_open(). */
struct pktio_open_ctx {
	const char *target;              /* decoded; "" if the URI has none */
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
	/* PKTIO_BACKEND_SIZES sets these. The library checks them first. */
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
	 * ready: returns 1 if recv has frames, the end or an error, and 0 if
	 * not. The library calls it before it polls fd, and with `polled` set
	 * after poll(2) found fd readable. In that case it must also clear the
	 * event that made fd readable, unless that was a frame. If NULL, the
	 * result of poll(2) decides.
	 *
	 * set_filter: if NULL, the library filters in user space. A backend
	 * that filters elsewhere can set ring->filter for as long as it returns
	 * frames that the previous filter let in. The library has checked the
	 * program; it may be one for which pktio_bpf_new() returns -ENOTSUP.
	 *
	 * get_info, get_stats: update info and stats.
	 *
	 * meta_get, meta_set: as pktio_meta_get() and pktio_meta_set(). The
	 * library has checked the scope and whether `id` is 0 where it must be.
	 *
	 * interfaces: adds each interface that the backend can open with
	 * pktio_interfaces_add(). The library calls it without a ring, from any
	 * thread. It returns 0 or a negative errno value.
	 *
	 * finish: if NULL, pktio_finish() calls flush. The application may call
	 * close without finish.
	 *
	 * inject: if NULL, core implements it with alloc and send, limited by
	 * `tailroom`. A backend with its own inject writes the tags of vlan[]
	 * into the bytes itself.
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

/* The first initializer of a struct pktio_backend. */
#define PKTIO_BACKEND_SIZES                           \
	.abi = PKTIO_BACKEND_ABI,                     \
	.backend_size = sizeof(struct pktio_backend), \
	.ring_size = sizeof(struct pktio_ring),       \
	.frame_size = sizeof(struct pktio_frame),     \
	.opt_size = sizeof(struct pktio_opt_decl)

/*
 * Begins the definition of a backend:
 *      PKTIO_BACKEND(mine) = { PKTIO_BACKEND_SIZES, .name = "mine", ... };
 * With PKTIO_MODULE defined, it becomes the only symbol that a shared object
 * exports. Without, it becomes `mine_backend`, for the list of built-in ones.
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
 * pktio_fail - set the last error of a ring
 *
 *      return pktio_fail(r, -EINVAL, "no interface '%s'", name);
 *
 * Returns `code`. The message starts with the name of the backend.
 */
PKTIO_API int pktio_fail(struct pktio_ring *r, int code, const char *format,
			 ...) __attribute__((format(printf, 3, 4)));

/*
 * pktio_note - add a notice for pktio_next_notice()
 *
 *      pktio_note(r, "the ring has only %u bytes, not %u", size, wanted);
 *
 * The message starts with the name of the backend.
 */
PKTIO_API void pktio_note(struct pktio_ring *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * pktio_interfaces_add - add a copy of `interface` to a list
 *
 * Returns 0 or -ENOMEM. The function ignores interface->next.
 */
PKTIO_API int pktio_interfaces_add(struct pktio_interfaces *list,
				   const struct pktio_interface *interface);

/* ---- Frame slots, for backends that copy frames ------------------------- */

struct pktio_slab;

/*
 * pktio_slab_new - allocate a slab: `slots` frame slots of `size` bytes
 *
 * The kernel provides the memory of a slot when the slot is first used. Returns
 * NULL if there is not enough memory.
 */
PKTIO_API struct pktio_slab *pktio_slab_new(uint32_t slots, uint32_t size);

/* pktio_slab_free - free all slots; `slab` may be NULL; returns NULL */
PKTIO_API struct pktio_slab *pktio_slab_free(struct pktio_slab *slab);

/*
 * pktio_slab_get - take a free slot
 *
 * Returns a pointer to the bytes of the slot and sets *slot to its number.
 * Returns NULL if no slot is free.
 */
PKTIO_API uint8_t *pktio_slab_get(struct pktio_slab *slab, uint64_t *slot);

/* pktio_slab_put - release a slot that is in use */
PKTIO_API void pktio_slab_put(struct pktio_slab *slab, uint64_t slot);

/* ---- Wrapping other rings ----------------------------------------------- */

/*
 * A backend can wrap rings of other backends, or of the same backend. The
 * wrapper's open() opens these inner rings. The wrapper's operations call
 * public functions such as pktio_recv(), pktio_release() and pktio_meta_get()
 * on the inner rings. The wrapper's close() calls pktio_close() for each inner
 * ring. The inner rings belong to the wrapper; no other code may use them.
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
