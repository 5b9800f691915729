/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PKTIO_H
#define PKTIO_PKTIO_H

/*
 * pktio - packet input and output through one small ring interface
 *
 *      struct pktio_ring *ring;
 *      struct pktio_error error;
 *      struct pktio_frame frames[64];
 *
 *      if (pktio_open(&ring, "af_packet:eth0", NULL, &error) < 0)
 *              return fprintf(stderr, "%s\n", error.text), 1;
 *      while (pktio_wait(ring, -1) >= 0) {
 *              int n = pktio_recv(ring, frames, 64);
 *              if (n < 0)
 *                      break;
 *              for (int i = 0; i < n; i++)
 *                      look_at(frames[i].data, frames[i].caplen);
 *              pktio_release(ring, frames, n);
 *      }
 *      ring = pktio_close(ring);
 *
 * Results. A function returns 0 or a count if it succeeds, and a negative errno
 * value if it fails. The variable errno has no meaning after a call. A function
 * that fails does not change its `ret` arguments. The library prints nothing.
 * pktio_open() puts the message of an error into a struct pktio_error; the
 * message of a later error comes from pktio_last_error().
 *
 * Arguments. A pointer must not be NULL, unless the function allows NULL. The
 * library does not check this: the behaviour with NULL is undefined.
 *
 * Threads. Only one thread at a time may use a ring and its frames. For n
 * threads, open n rings. Any thread may call pktio_wake() at any time before
 * pktio_close(). The functions without a ring argument may run in several
 * threads at the same time.
 *
 * Ownership. The bytes of a frame belong to the ring until pktio_release(). The
 * struct belongs to the caller, who may copy and keep it. A string that the
 * library returns stays valid until the process ends, unless the function gives
 * another lifetime.
 *
 * Blocking. pktio_recv() and pktio_alloc() do not wait for frames or for space.
 * Receiving from a file waits for the disk. pktio_wait() waits at most for its
 * timeout. These functions can block without a limit: pktio_open() of a pipe,
 * until another process opens it; pktio_send(), pktio_inject(), pktio_flush(),
 * pktio_finish() and pktio_close() of a ring that sends, until the kernel takes
 * the frames or the disk or pipe takes the bytes. Opening and closing a ring of
 * a fanout group can also wait for other processes, up to 10 s.
 *
 * Processes. All descriptors are close-on-exec, except those of libpcap. After
 * fork(2), only the parent may use its rings. The child must not use or close
 * them, and should exec or exit soon: its copies keep the sockets of the rings
 * open.
 *
 * Kernel. af_packet needs Linux 4.20, and fanout=ebpf needs Linux 5.5,
 * according to the features that they use. pktio was tested on Linux 6.18 only.
 */

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PKTIO_VERSION_MAJOR 0
#define PKTIO_VERSION_MINOR 1
#define PKTIO_VERSION_PATCH 0
#define PKTIO_VERSION "0.1.0"

/*
 * Initialises a struct whose first member is its size:
 *      struct pktio_info info = PKTIO_INFO_INIT;
 */
#ifdef __cplusplus
#define PKTIO_INIT(type)                  \
	[] {                              \
		type init = {};           \
		init.size = sizeof(init); \
		return init;              \
	}()
#else
#define PKTIO_INIT(type)             \
	{                            \
		.size = sizeof(type) \
	}
#endif
#define PKTIO_OPEN_ARGS_INIT PKTIO_INIT(struct pktio_open_args)
#define PKTIO_INFO_INIT PKTIO_INIT(struct pktio_info)
#define PKTIO_STATS_INIT PKTIO_INIT(struct pktio_stats)
#define PKTIO_OPT_INIT PKTIO_INIT(struct pktio_opt)

#if defined(__GNUC__)
#define PKTIO_API __attribute__((visibility("default")))
#else
#define PKTIO_API
#endif

struct sock_fprog; /* <linux/filter.h> */
struct pktio_ring;
struct pktio_backend;

/* No more frames: the end of a file, or the count of a generator. */
#define PKTIO_EOF (-ENODATA)

/* ---- Frames ------------------------------------------------------------- */

/*
 * Link types: what the first bytes of a frame are. The numbers are those of
 * https://www.tcpdump.org/linktypes.html, which lists more.
 */
enum pktio_linktype {
	PKTIO_LINKTYPE_NULL = 0, /* BSD loopback */
	PKTIO_LINKTYPE_ETHERNET = 1,
	PKTIO_LINKTYPE_PPP = 9,
	PKTIO_LINKTYPE_RAW = 101, /* IPv4 or IPv6 */
	PKTIO_LINKTYPE_C_HDLC = 104,
	PKTIO_LINKTYPE_IEEE802_11 = 105,
	PKTIO_LINKTYPE_LOOP = 108, /* OpenBSD loopback */
	PKTIO_LINKTYPE_LINUX_SLL = 113,
	PKTIO_LINKTYPE_PFLOG = 117,
	PKTIO_LINKTYPE_IEEE802_11_RADIOTAP = 127,
	PKTIO_LINKTYPE_USB_LINUX = 189,
	PKTIO_LINKTYPE_MPLS = 219,
	PKTIO_LINKTYPE_USB_LINUX_MMAPPED = 220,
	PKTIO_LINKTYPE_CAN_SOCKETCAN = 227,
	PKTIO_LINKTYPE_IPV4 = 228,
	PKTIO_LINKTYPE_IPV6 = 229,
	PKTIO_LINKTYPE_NFLOG = 239,
	PKTIO_LINKTYPE_IPOIB = 242,
	PKTIO_LINKTYPE_NETLINK = 253,
	PKTIO_LINKTYPE_VSOCK = 271,
	PKTIO_LINKTYPE_LINUX_SLL2 = 276,
};

/*
 * pktio_linktype_name - get the name of a link type, for example "ETHERNET"
 *
 * Returns NULL if the library does not know the number.
 */
PKTIO_API const char *pktio_linktype_name(uint32_t linktype);

/*
 * pktio_linktype_value - get the number of a link type
 *
 * Takes a name of tcpdump.org or of libpcap in any case ("ETHERNET", "EN10MB",
 * "linux_sll2") or a decimal number. Returns the number, or -ENOENT.
 */
PKTIO_API int pktio_linktype_value(const char *name);

/* A VLAN tag that the kernel removed from the bytes, in host byte order. */
struct pktio_vlan {
	uint16_t tpid; /* 0x8100, 0x88a8, ... */
	uint16_t tci;  /* priority, DEI and the 12-bit id */
};

enum pktio_frame_flag {
	PKTIO_F_WRITABLE = 1,   /* the bytes may be changed until release */
	PKTIO_F_HASH = 2,       /* `hash` is set */
	PKTIO_F_LOSS = 4,       /* frames were lost shortly before this one */
	PKTIO_F_GRO = 8,        /* several wire frames, merged by the kernel */
	PKTIO_F_TRUNCATED = 16, /* caplen < wirelen */
	PKTIO_F_PKTTYPE = 32,   /* the source reported `pkttype` */
	PKTIO_F_META = 64,      /* pktio_meta_get() has metadata of the frame */
	PKTIO_F_SYNTHETIC = 128, /* split from a merged frame, with its time */
};

/* The state of the layer-4 checksum. UNKNOWN does not mean that it is bad. */
enum pktio_csum {
	PKTIO_CSUM_UNKNOWN,
	PKTIO_CSUM_VALID,   /* verified by the NIC or the kernel */
	PKTIO_CSUM_PARTIAL, /* not computed yet: local or virtual sender */
	PKTIO_CSUM_BAD,
};

/* Who took the timestamp of a frame. */
enum pktio_clock {
	PKTIO_CLOCK_UNKNOWN,
	PKTIO_CLOCK_RING,     /* the kernel, when the frame entered the ring */
	PKTIO_CLOCK_SOFTWARE, /* the kernel, when it received the frame */
	PKTIO_CLOCK_HARDWARE, /* the NIC */
	PKTIO_CLOCK_FILE,     /* the program that wrote the file */
};

enum pktio_pkttype {
	PKTIO_PKT_HOST,
	PKTIO_PKT_BROADCAST,
	PKTIO_PKT_MULTICAST,
	PKTIO_PKT_OTHERHOST,
	PKTIO_PKT_OUTGOING,
};

/*
 * One frame. The size is 64 bytes and will never change. `caplen` and `wirelen`
 * do not include the tags in `vlan`.
 */
struct pktio_frame {
	const uint8_t *data;
	uint64_t ts;      /* ns since 1970-01-01 UTC */
	uint64_t cookie;  /* for the ring only; do not change it */
	uint32_t caplen;  /* number of bytes at `data` */
	uint32_t wirelen; /* number of bytes before truncation */
	uint32_t flags;   /* PKTIO_F_ bits */
	uint32_t hash;    /* flow hash by kernel or NIC; with PKTIO_F_HASH */
	uint32_t ifindex; /* interface of the frame, 0: unknown */
	struct pktio_vlan vlan[2]; /* `nvlan` are valid; outermost tag first */
	uint16_t linktype;         /* enum pktio_linktype, or another number */
	uint16_t headroom;         /* usable bytes before `data` */
	uint16_t tailroom;         /* usable bytes after the last byte */
	uint8_t nvlan;
	uint8_t pkttype; /* enum pktio_pkttype; exact with PKTIO_F_PKTTYPE */
	uint8_t csum;    /* enum pktio_csum */
	uint8_t clock;   /* enum pktio_clock */
	uint8_t reserved[2];
};

/*
 * pktio_frame_wdata - get a pointer to the bytes of a frame for writing
 *
 * Returns NULL if the bytes are read-only (no PKTIO_F_WRITABLE).
 */
static inline uint8_t *pktio_frame_wdata(const struct pktio_frame *f)
{
	return f->flags & PKTIO_F_WRITABLE ? (uint8_t *)(uintptr_t)f->data :
					     NULL;
}

/*
 * pktio_frame_copy - copy a frame with its bytes, to keep it after release
 *
 * Copies up to `size` bytes to `buf` and fills *ret with a frame that points to
 * `buf`. If not all bytes fit, *ret has the flag PKTIO_F_TRUNCATED. Returns the
 * number of copied bytes. The function cannot fail. The copy belongs to the
 * caller. Do not pass it to pktio_release() or pktio_send(); use pktio_inject()
 * to send it.
 */
PKTIO_API int pktio_frame_copy(struct pktio_frame *ret,
			       const struct pktio_frame *f, void *buf,
			       size_t size);

/* ---- Metadata ----------------------------------------------------------- */

/*
 * Metadata is what a source knows besides the frames: comments, the name of an
 * interface, how many frames an interface lost. A ring that writes a pcapng
 * file stores it.
 *
 *      char text[256];
 *      int size = pktio_meta_get(ring, PKTIO_META_FRAME, f->cookie,
 *                                PKTIO_META_FRAME_COMMENT, 0, text,
 *                                sizeof(text));
 *
 * The codes are those of the options in pcapng blocks. Both functions also take
 * codes that have no name here. Numbers are in host byte order. Text does not
 * end with a NUL.
 */

/* What the metadata describes, and which `id` selects it. */
enum pktio_meta_scope {
	PKTIO_META_FRAME,     /* get: `cookie` of a held frame; set: 0 */
	PKTIO_META_INTERFACE, /* `ifindex` of its frames */
	PKTIO_META_SECTION,   /* 0: the source itself */
};

enum pktio_meta_frame {
	PKTIO_META_FRAME_COMMENT = 1,  /* text */
	PKTIO_META_FRAME_FLAGS = 2,    /* u32, epb_flags of the file */
	PKTIO_META_FRAME_HASH = 3,     /* u8 algorithm, then the hash */
	PKTIO_META_FRAME_DROPS = 4,    /* u64, frames lost since the previous */
	PKTIO_META_FRAME_PACKETID = 5, /* u64, equal for the same packet */
	PKTIO_META_FRAME_QUEUE = 6,    /* u32 */
	PKTIO_META_FRAME_VERDICT = 7,  /* u8 type, then the verdict */
};

enum pktio_meta_interface {
	PKTIO_META_INTERFACE_COMMENT = 1,      /* text */
	PKTIO_META_INTERFACE_NAME = 2,         /* text */
	PKTIO_META_INTERFACE_DESCRIPTION = 3,  /* text */
	PKTIO_META_INTERFACE_MAC = 6,          /* 6 bytes */
	PKTIO_META_INTERFACE_SPEED = 8,        /* u64, bits per second */
	PKTIO_META_INTERFACE_RESOLUTION = 9,   /* u8, as in if_tsresol */
	PKTIO_META_INTERFACE_FILTER = 11,      /* u8 kind, then the filter */
	PKTIO_META_INTERFACE_OS = 12,          /* text */
	PKTIO_META_INTERFACE_FCS_LENGTH = 13,  /* u8, bits per frame */
	PKTIO_META_INTERFACE_TIME_OFFSET = 14, /* i64, seconds; part of `ts` */
	PKTIO_META_INTERFACE_HARDWARE = 15,    /* text */
	/* Not an option of pcapng: from the interface's statistics. */
	PKTIO_META_INTERFACE_DROPPED = 0xffff, /* u64, frames lost so far */
};

enum pktio_meta_section {
	PKTIO_META_SECTION_COMMENT = 1,     /* text */
	PKTIO_META_SECTION_HARDWARE = 2,    /* text, the capturing machine */
	PKTIO_META_SECTION_OS = 3,          /* text */
	PKTIO_META_SECTION_APPLICATION = 4, /* text, what wrote the file */
};

/*
 * pktio_meta_get - read one value of the metadata
 *
 * Copies up to `size` bytes to `buf`, and returns the length of the whole
 * value, which may be more than `size`. If a value occurs several times,
 * `index` selects the occurrence, from 0. A file numbers its interfaces from 1,
 * across all of its sections; a file without interfaces has only interface 0.
 * If a file has several sections, PKTIO_META_SECTION is the first.
 *
 * -ENOENT: there is no such value; -EBADMSG: the metadata is damaged; -EINVAL:
 * there is no such scope, or it has no such id; -ENOTSUP: the ring never has
 * metadata.
 */
PKTIO_API int pktio_meta_get(struct pktio_ring *r, enum pktio_meta_scope scope,
			     uint64_t id, uint16_t code, unsigned index,
			     void *buf, size_t size);

/*
 * pktio_meta_set - add one value to the metadata of what is sent
 *
 * PKTIO_META_FRAME: the value belongs to the next frame that the ring takes in
 * pktio_send() or pktio_inject(). Each call adds one more value. If the ring
 * refuses the frame, it drops these values. PKTIO_META_FRAME_FLAGS replaces the
 * flags that the ring derives from the frame itself.
 *
 * PKTIO_META_INTERFACE: the value belongs to interface `id`. Set it before the
 * first frame of the interface; later, the call returns -EBUSY.
 * PKTIO_META_INTERFACE_DROPPED may be set at any time; the last value counts.
 * The resolution is 10^-0 to 10^-9 s. The call refuses a time offset, because
 * `ts` of a frame already contains the full time.
 *
 * PKTIO_META_SECTION: -ENOTSUP. Options of the ring describe the whole file.
 *
 * Returns 0. -EINVAL: invalid scope, id, code or value; -EMSGSIZE: the value or
 * the sum of all values is too long; -ENOTSUP: the ring does not store
 * metadata.
 */
PKTIO_API int pktio_meta_set(struct pktio_ring *r, enum pktio_meta_scope scope,
			     uint64_t id, uint16_t code, const void *value,
			     size_t size);

/* ---- Backends and their options ----------------------------------------- */

/* What a user types for an option of each type. */
enum pktio_opt_type {
	PKTIO_OPT_BOOL,   /* yes/no, true/false, on/off, 1/0 */
	PKTIO_OPT_UINT,   /* decimal, or hexadecimal with 0x */
	PKTIO_OPT_SIZE,   /* bytes; 64K, 1M, 2G: powers of 1024 */
	PKTIO_OPT_TIME,   /* 100ns, 250us, 10ms, 1s */
	PKTIO_OPT_ENUM,   /* one of `values` */
	PKTIO_OPT_FLAGS,  /* one or more of `values`, as a+b; or none */
	PKTIO_OPT_STRING, /* any text */
};

enum pktio_opt_flag {
	PKTIO_OPT_REQUIRED = 1, /* has no default */
	PKTIO_OPT_POW2 = 2,     /* must be a power of two */
	PKTIO_OPT_EXPERT = 4,   /* the default is right for most users */
};

struct pktio_opt_value {
	const char *name; /* NULL ends the list */
	uint64_t value;
	const char *doc;
};

/* An option of a backend. */
struct pktio_opt {
	size_t size;         /* sizeof(struct pktio_opt), set by the caller */
	const char *name;    /* kebab-case */
	const char *doc;     /* one line */
	const char *initial; /* the default, as a user types it; may be NULL */
	enum pktio_opt_type type;
	unsigned flags;    /* PKTIO_OPT_ bits */
	uint64_t min, max; /* both included; for UINT, SIZE and TIME */
	const struct pktio_opt_value *values; /* for ENUM and FLAGS */
};

/* The size of a message with its NUL. A longer message is truncated. */
#define PKTIO_TEXT 252

struct pktio_error {
	int code; /* negative errno value */
	char text[PKTIO_TEXT];
};

/*
 * pktio_backend_next - iterate over the backends
 *
 * Returns the backend after `b`, the first one if `b` is NULL, and NULL after
 * the last one. The built-in backends come first. Then come the backends from
 * shared objects in the directories of $PKTIO_BACKEND_PATH and in the installed
 * module directory. Set-uid programs and programs with file capabilities ignore
 * $PKTIO_BACKEND_PATH. The first call loads the shared objects.
 */
PKTIO_API const struct pktio_backend *
pktio_backend_next(const struct pktio_backend *b);

/* pktio_backend_find - find a backend by its name; returns NULL if none has it
 */
PKTIO_API const struct pktio_backend *pktio_backend_find(const char *name);

/* pktio_backend_name - get the name of a backend, as in a URI */
PKTIO_API const char *pktio_backend_name(const struct pktio_backend *b);

/* pktio_backend_doc - get the description of a backend, in one line */
PKTIO_API const char *pktio_backend_doc(const struct pktio_backend *b);

/*
 * pktio_backend_opt - get the option number `index` of a backend
 *
 * Set ret->size first, for example with PKTIO_OPT_INIT. Returns 0, -ENOENT if
 * the backend has no more options, or -EINVAL if ret->size is not set.
 */
PKTIO_API int pktio_backend_opt(const struct pktio_backend *b, unsigned index,
				struct pktio_opt *ret);

/*
 * pktio_backend_load - load a backend from a shared object
 *
 * Returns 0, also if the backend was loaded before. -ENOENT: there is no such
 * file; -ENOEXEC: the file is not a backend; -EPROTO: the backend was built for
 * another ABI; -EEXIST: another backend has the same name; -ENOMEM. The backend
 * stays loaded until the process ends. `reterr` may be NULL.
 */
PKTIO_API int pktio_backend_load(const char *path, struct pktio_error *reterr);

/* ---- Interfaces --------------------------------------------------------- */

/* An interface that a backend can open. */
struct pktio_interface {
	struct pktio_interface *next; /* NULL: the last one */
	char name[128];               /* the target in a URI: backend:name */
	char description[128];        /* "" if there is none */
	uint32_t link;                /* enum pktio_link */
	uint32_t ifindex;             /* 0: unknown */
	int32_t linktype;             /* as in struct pktio_info; -1: unknown */
	uint32_t mtu;                 /* bytes, 0: unknown */
	uint64_t speed;               /* bits per second, 0: unknown */
};

/*
 * pktio_interfaces - list the interfaces that a backend can open
 *
 * Sets *ret to a list that pktio_interfaces_free() frees, or to NULL if there
 * are no interfaces. The list is a snapshot of the network namespace of the
 * process. Returns 0. -ENOTSUP: the backend does not open interfaces; or an
 * error of the system. `reterr` may be NULL.
 */
PKTIO_API int pktio_interfaces(struct pktio_interface **ret,
			       const struct pktio_backend *b,
			       struct pktio_error *reterr);

/* pktio_interfaces_free - free a list, which may be NULL; returns NULL */
PKTIO_API struct pktio_interface *
pktio_interfaces_free(struct pktio_interface *list);

/* ---- Open and close ----------------------------------------------------- */

enum pktio_mode {
	PKTIO_RECV = 1,
	PKTIO_SEND = 2,
};

/* An option, as in a URI, but without %XX. */
struct pktio_setting {
	const char *name, *value;
};

/* All zeros except `size` is a valid default: PKTIO_OPEN_ARGS_INIT. */
struct pktio_open_args {
	size_t size;           /* sizeof(struct pktio_open_args) */
	unsigned mode;         /* PKTIO_RECV | PKTIO_SEND; 0: receive */
	unsigned index, count; /* ring `index` of `count` on one source */
	size_t nsettings;
	const struct pktio_setting *settings; /* in addition to the URI */
	const struct sock_fprog *filter; /* in force from the first frame */
};

/*
 * pktio_open - open a ring
 *
 * The URI is `backend:target?option=value&option=value`. In the target and in
 * values, `%XX` stands for the byte with that hexadecimal code: `%3F` is a `?`
 * in a file name. The library copies what it needs of the arguments. `args` and
 * `reterr` may be NULL.
 *
 * Returns 0. If it fails, it releases everything that it allocated, and
 * *reterr says what failed, on what, why, and what to do. -ENOENT: no such
 * backend; -EINVAL, -ERANGE: an invalid option, target or filter; -ENOTSUP: the
 * backend cannot do this; -E2BIG: `args` has members that this library does not
 * know; -ENOMEM; and the errors of the backend.
 */
PKTIO_API int pktio_open(struct pktio_ring **ret, const char *uri,
			 const struct pktio_open_args *args,
			 struct pktio_error *reterr);

/*
 * pktio_close - close a ring and its frames
 *
 * `r` may be NULL. Returns NULL. The function first flushes the queued frames
 * and writes the trailer of a file. To get the errors of these steps, call
 * pktio_finish() before pktio_close(). All frames of the ring become invalid,
 * also those that are still held.
 */
PKTIO_API struct pktio_ring *pktio_close(struct pktio_ring *r);

/* ---- Receive ------------------------------------------------------------ */

/*
 * pktio_recv - receive up to n frames, without waiting
 *
 * Returns the number of frames. 0: no frame is available now; PKTIO_EOF: no
 * frame will ever come; -ENOTSUP: the ring was not opened to receive; -ENOBUFS:
 * the caller holds so many frames that the ring has no space for another, and
 * must release some; or an error of the backend.
 *
 * The caller may hold frames while it receives others. Their bytes do not
 * change until pktio_release(). But a held frame occupies space of the ring: a
 * caller that holds more than max_held frames, or one for longer than max_hold,
 * can lose new frames (see struct pktio_info). Such losses are counted in
 * `dropped`. To keep a frame for long, use pktio_frame_copy().
 */
PKTIO_API int pktio_recv(struct pktio_ring *r, struct pktio_frame *frames,
			 unsigned n);

/*
 * pktio_release - return frames to the ring
 *
 * Takes any frames that pktio_recv() or pktio_alloc() of this ring returned, in
 * any order. After this call their bytes are invalid. Releasing a frame twice,
 * a frame of another ring, or one made by pktio_frame_copy() is undefined
 * behaviour: it can make the bytes of other held frames invalid.
 */
PKTIO_API void pktio_release(struct pktio_ring *r,
			     const struct pktio_frame *frames, unsigned n);

/*
 * pktio_wait - wait until pktio_recv() has frames, the end or an error
 *
 * `timeout_ms` is as in poll(2): -1 waits without a limit, 0 does not wait.
 * Returns 1 if pktio_recv() has something to return; 0 after the timeout;
 * -EINTR after pktio_wake(); -ENOTSUP if the ring was not opened to receive; or
 * an error of poll(2). Signals do not end the wait. In any state of the
 * interface it sleeps, unless the option busy-wait is set.
 *
 * After pktio_recv() returned -ENOBUFS, the wait can return 1 at once. Release
 * frames first, or the loop uses a whole CPU core.
 */
PKTIO_API int pktio_wait(struct pktio_ring *r, int timeout_ms);

/*
 * pktio_wake - end a wait
 *
 * Ends the current pktio_wait() of the ring, or the next one if none is
 * running. Several calls before a wait end only one wait. May be called from
 * any thread and from a signal handler.
 */
PKTIO_API void pktio_wake(struct pktio_ring *r);

/*
 * pktio_fd - get a descriptor for an event loop
 *
 * Call pktio_recv() until it returns 0, once after open and then each time the
 * descriptor is readable. The descriptor does not report frames that the
 * library has read already. If the library runs the filter in user space, 0 can
 * also mean that thousands of frames did not match; then pktio_wait() with
 * timeout 0 returns 1.
 *
 * Returns the descriptor, which the ring closes. -ENOTSUP: the ring always has
 * frames, the end or an error, so there is nothing to wait for.
 *
 * The descriptor can be an epoll(7) instance. An event loop that cannot poll
 * such a descriptor can use `socket` of struct pktio_info, if it has received
 * and released all frames before it waits. This socket changes when the
 * interface is replaced, and it does not report that the interface is back.
 */
PKTIO_API int pktio_fd(const struct pktio_ring *r);

/*
 * pktio_set_filter - replace the filter of a ring that receives
 *
 * The library copies the program; NULL removes the filter. If the program
 * returns 0 for a frame, the frame is not received; otherwise the result is the
 * maximum number of bytes to keep. Frames that passed the previous filter but
 * were not received yet must pass the new filter too.
 *
 * Returns 0. If it fails, the previous filter stays in force. -EINVAL: the
 * program is invalid; -ENOTSUP: the ring was not opened to receive, or cannot
 * run the program; -ENOMEM; or an error of the backend.
 */
PKTIO_API int pktio_set_filter(struct pktio_ring *r,
			       const struct sock_fprog *prog);

/* ---- Classic BPF, run in user space ------------------------------------- */

struct pktio_bpf;

/*
 * pktio_bpf_new - check a program like the kernel does, and copy it
 *
 * Returns 0. -EINVAL: the program is invalid; -ENOTSUP: the program is valid
 * but loads data that only the kernel has (the payload offset, netlink
 * attributes); -ENOMEM.
 */
PKTIO_API int pktio_bpf_new(struct pktio_bpf **ret,
			    const struct sock_fprog *prog);

/* pktio_bpf_free - free a program, which may be NULL; returns NULL */
PKTIO_API struct pktio_bpf *pktio_bpf_free(struct pktio_bpf *bpf);

/*
 * pktio_bpf_run - run a program on a frame
 *
 * Returns the number of bytes to keep; 0: the frame does not match. The program
 * sees the frame as in the kernel: the outermost tag of vlan[] is in the
 * ancillary data, an inner tag is in the bytes.
 */
PKTIO_API uint32_t pktio_bpf_run(const struct pktio_bpf *bpf,
				 const struct pktio_frame *f);

/* ---- Send --------------------------------------------------------------- */

/*
 * pktio_alloc - get up to n empty frames
 *
 * Each frame has caplen 0, the flag PKTIO_F_WRITABLE, and space for `tailroom`
 * bytes. Write the bytes through pktio_frame_wdata() and set caplen. Then pass
 * the frame to pktio_send(), or return it with pktio_release().
 *
 * Returns the number of frames; 0: there is no space now, and pktio_flush()
 * makes some. -ENOTSUP: the ring was not opened to send.
 */
PKTIO_API int pktio_alloc(struct pktio_ring *r, struct pktio_frame *frames,
			  unsigned n);

/*
 * pktio_send - queue frames of pktio_alloc()
 *
 * Returns the number of frames taken, from the start of the array. These belong
 * to the ring again; the others still belong to the caller. The ring can delay
 * the frames until more frames are queued, or until pktio_flush(). It writes
 * the tags of vlan[] into the bytes. An interface also computes a checksum that
 * is PKTIO_CSUM_PARTIAL.
 *
 * -ENOTSUP: the ring was not opened to send; or the error of the first frame,
 * if the ring takes none. A frame that fails after it was queued is counted in
 * `send_failed`, and pktio_flush() returns the error.
 */
PKTIO_API int pktio_send(struct pktio_ring *r, const struct pktio_frame *frames,
			 unsigned n);

/*
 * pktio_flush - send all queued frames now
 *
 * Returns 0, or the error of a frame that was queued since the previous flush;
 * the other frames are sent nevertheless. -ENOTSUP: the ring was not opened to
 * send.
 */
PKTIO_API int pktio_flush(struct pktio_ring *r);

/*
 * pktio_finish - flush, and complete the output; call it before pktio_close()
 *
 * For a file, writes the trailer and closes the file. Returns 0, or the first
 * error of these steps. Do not send after this call; a file then returns
 * -ESHUTDOWN.
 */
PKTIO_API int pktio_finish(struct pktio_ring *r);

/*
 * pktio_inject - queue copies of any frames
 *
 * The frames can come from another ring or from the caller. The ring reads
 * data, caplen, wirelen, ts, linktype and vlan. A file also stores ifindex,
 * pkttype and csum; an interface also uses csum. The tags of vlan[] are written
 * into the bytes. The caller keeps the frames.
 *
 * Returns the number of frames taken, from the start of the array; 0: there is
 * no space now. -ENOTSUP: the ring was not opened to send; -EMSGSIZE: the first
 * frame is too long; -EINVAL: it is too short for a tag; or an error of the
 * backend.
 */
PKTIO_API int pktio_inject(struct pktio_ring *r,
			   const struct pktio_frame *frames, unsigned n);

/* ---- State and counters ------------------------------------------------- */

enum pktio_link {
	PKTIO_LINK_UNKNOWN, /* the source has no link: files, generators */
	PKTIO_LINK_UP,
	PKTIO_LINK_DOWN,
	PKTIO_LINK_GONE,       /* the interface no longer exists */
	PKTIO_LINK_NO_CARRIER, /* only in struct pktio_interface */
};

/*
 * The state of a ring whose interface can come and go. It changes when the
 * application waits or receives.
 */
enum pktio_state {
	PKTIO_STATE_NONE,    /* the source has no states: files, generators */
	PKTIO_STATE_ABSENT,  /* there is no interface; the ring waits for it */
	PKTIO_STATE_BLOCKED, /* drops all frames until it is in its group */
	PKTIO_STATE_WAITING_GROUP, /* joined its group; drops all frames until
				      the other rings have joined */
	PKTIO_STATE_RUNNING,
	PKTIO_STATE_LINK_DOWN, /* the interface is down */
	PKTIO_STATE_GONE,      /* the interface was removed; pktio_recv() still
				  returns its last frames */
};

/*
 * pktio_state_name - the name of a value of enum pktio_state: "none", "absent",
 * "blocked", "waiting-group", "running", "link-down" or "gone"
 *
 * Returns "unknown" for any other value.
 */
PKTIO_API const char *pktio_state_name(unsigned state);

/* The configuration and the present state of a ring. */
struct pktio_info {
	size_t size;            /* sizeof(struct pktio_info), by the caller */
	uint32_t mode;          /* PKTIO_RECV, PKTIO_SEND */
	uint32_t linktype;      /* of most frames; each frame has its own */
	uint32_t snaplen;       /* maximum caplen, 0: no limit */
	uint32_t link;          /* enum pktio_link */
	uint32_t ifindex;       /* 0: none */
	int32_t numa_node;      /* of the ring's memory, -1: unknown */
	uint64_t ring_size;     /* bytes of ring memory, 0: none */
	uint64_t block_size;    /* bytes of a block or of a frame slot */
	uint32_t blocks;        /* ring_size / block_size */
	uint32_t fanout_id;     /* id of the fanout group, 0: none */
	uint64_t block_timeout; /* ns until the kernel retires a block */
	uint32_t max_held;      /* frames that may be held, 0: no limit */
	int32_t socket;         /* see pktio_fd(); -1: none */
	uint64_t max_hold;      /* ns that a frame may be held, 0: no limit */
	uint64_t ring_wanted;   /* bytes; > ring_size if memory was short */
	uint32_t state;         /* enum pktio_state */
	uint32_t reserved;
};

/*
 * pktio_get_info - get the configuration and the present state of a ring
 *
 * Includes the values that the backend chose itself. Set ret->size first, for
 * example with PKTIO_INFO_INIT. Members that this library does not know become
 * 0. Returns 0, -EINVAL if ret->size is not set, or an error of the backend.
 */
PKTIO_API int pktio_get_info(const struct pktio_ring *r,
			     struct pktio_info *ret);

/*
 * The counters since open, and gauges. A counter does not decrease and does not
 * wrap. After the last frame, received + dropped + filtered is the number of
 * frames of the source. This sum does not include frames that a filter in the
 * kernel refused.
 */
struct pktio_stats {
	size_t size;             /* sizeof(struct pktio_stats), by the caller */
	uint64_t received;       /* frames that pktio_recv() returned */
	uint64_t received_bytes; /* sum of their caplen */
	uint64_t dropped;        /* frames lost because the ring was full */
	uint64_t freezes;        /* times that the kernel found the ring full */
	uint64_t filtered;       /* frames dropped by a filter in user space */
	uint64_t truncated;      /* received frames with caplen < wirelen */
	uint64_t stalls;         /* times that held frames blocked new ones */
	uint64_t sent;           /* frames that the interface or file took */
	uint64_t sent_bytes;
	uint64_t send_failed; /* frames that were queued and then lost */
	uint64_t link_downs;  /* times that the interface went down */
	uint64_t reattached;  /* times that a new interface replaced the old */
	uint64_t skipped;     /* blocks of a file without a frame */
	/* Gauges: the state at this moment. They also decrease. */
	uint64_t pending_blocks;     /* blocks with frames not yet received */
	uint64_t pending_blocks_max; /* the largest pending_blocks so far */
	uint64_t oldest_age; /* ns, age of the oldest frame not yet received */
};

/*
 * pktio_get_stats - get the counters of a ring
 *
 * Set ret->size first, for example with PKTIO_STATS_INIT. Members that this
 * library does not know become 0. Returns 0, -EINVAL if ret->size is not set,
 * or an error of the backend.
 */
PKTIO_API int pktio_get_stats(struct pktio_ring *r, struct pktio_stats *ret);

/* A member of struct pktio_stats. */
struct pktio_counter {
	const char *name; /* NULL ends the list */
	const char *unit; /* "frames", "bytes", "events", "blocks" or "ns" */
	const char *doc;
	size_t offset; /* of a uint64_t in struct pktio_stats */
	int gauge;     /* 1: a gauge; 0: a counter */
};

/* pktio_counters - get the list of the members of struct pktio_stats, in order
 */
PKTIO_API const struct pktio_counter *pktio_counters(void);

/*
 * pktio_last_error - get the message of the last error of this ring
 *
 * Returns "" if no call has failed. A call that succeeds does not change the
 * message. The text is valid until the next call with this ring.
 */
PKTIO_API const char *pktio_last_error(const struct pktio_ring *r);

/*
 * pktio_next_notice - get the oldest notice of this ring and remove it
 *
 * A notice reports what the user should know although no call failed, for
 * example that the ring is smaller than requested. Returns NULL if there is no
 * notice. The ring keeps the newest 4 notices. The text is valid until the next
 * call with this ring.
 */
PKTIO_API const char *pktio_next_notice(struct pktio_ring *r);

/*
 * pktio_version - get the version of the library that is loaded
 *
 * Returns PKTIO_VERSION of that library, for example "1.2.3".
 */
PKTIO_API const char *pktio_version(void);

#ifdef __cplusplus
}
#endif

#endif
