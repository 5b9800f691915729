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
 * Results. A function returns 0 or a count when it worked and a negative errno
 * value when it did not; errno itself is not part of the interface. After a
 * failure the `ret` arguments are as they were. The library prints nothing:
 * words come with pktio_open() in a struct pktio_error, later from
 * pktio_last_error().
 *
 * Threads. A ring and its frames belong to one thread at a time; n threads open
 * n rings. Only pktio_wake() may be called from elsewhere.
 *
 * Ownership. The bytes of a frame belong to the ring until pktio_release(); the
 * struct is the caller's to copy and to keep. Text that the library returns is
 * constant or lives as long as the ring it was asked of.
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

/* No frame will ever come: the end of a file, or the count of a generator. */
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

/* A VLAN tag that was taken out of the bytes, in host byte order. */
struct pktio_vlan {
	uint16_t tpid; /* 0x8100, 0x88a8, ... */
	uint16_t tci;  /* priority, DEI and the 12-bit id */
};

enum pktio_frame_flag {
	PKTIO_F_WRITABLE = 1,    /* the bytes may be changed until release */
	PKTIO_F_HASH = 2,        /* `hash` is set */
	PKTIO_F_LOSS = 4,        /* frames were lost shortly before this one */
	PKTIO_F_GRO = 8,         /* several wire frames merged by the kernel */
	PKTIO_F_TRUNCATED = 16,  /* caplen < wirelen */
	PKTIO_F_PKTTYPE = 32,    /* `pkttype` is known, not only assumed */
	PKTIO_F_META = 64,       /* pktio_meta_get() knows more about it */
	PKTIO_F_SYNTHETIC = 128, /* cut out of a merged frame, with its time */
};

/* What is known of the layer-4 checksum. Unknown does not mean bad. */
enum pktio_csum {
	PKTIO_CSUM_UNKNOWN,
	PKTIO_CSUM_VALID,   /* checked by the NIC or the kernel */
	PKTIO_CSUM_PARTIAL, /* not filled in yet: local or virtual sender */
	PKTIO_CSUM_BAD,
};

/* Who took the time of a frame. */
enum pktio_clock {
	PKTIO_CLOCK_UNKNOWN,
	PKTIO_CLOCK_RING,     /* the kernel, as it put the frame in the ring */
	PKTIO_CLOCK_SOFTWARE, /* the kernel, as the frame reached it */
	PKTIO_CLOCK_HARDWARE, /* the NIC */
	PKTIO_CLOCK_FILE,     /* whoever wrote the file */
};

enum pktio_pkttype {
	PKTIO_PKT_HOST,
	PKTIO_PKT_BROADCAST,
	PKTIO_PKT_MULTICAST,
	PKTIO_PKT_OTHERHOST,
	PKTIO_PKT_OUTGOING,
};

/*
 * One frame. 64 bytes, fixed for good. Lengths count the bytes at `data`, not
 * the tags that were taken out into `vlan`.
 */
struct pktio_frame {
	const uint8_t *data;
	uint64_t ts;      /* ns since 1970-01-01 UTC */
	uint64_t cookie;  /* the ring's: do not change it */
	uint32_t caplen;  /* bytes at `data` */
	uint32_t wirelen; /* bytes there were before truncation */
	uint32_t flags;   /* PKTIO_F_ bits */
	uint32_t hash;    /* the kernel's or NIC's flow hash, if F_HASH */
	uint32_t ifindex; /* where it was seen, 0: unknown */
	struct pktio_vlan vlan[2]; /* outermost first, `nvlan` of them */
	uint16_t linktype;         /* LINKTYPE_ value of tcpdump.org */
	uint16_t headroom;         /* usable bytes before `data` */
	uint16_t tailroom;         /* usable bytes after the last */
	uint8_t nvlan;
	uint8_t pkttype; /* enum pktio_pkttype, surely so if F_PKTTYPE */
	uint8_t csum;    /* enum pktio_csum */
	uint8_t clock;   /* enum pktio_clock */
	uint8_t reserved[2];
};

/*
 * pktio_frame_wdata - the bytes of a frame, to be written to
 *
 * NULL when they may only be read (no PKTIO_F_WRITABLE).
 */
static inline uint8_t *pktio_frame_wdata(const struct pktio_frame *f)
{
	return f->flags & PKTIO_F_WRITABLE ? (uint8_t *)(uintptr_t)f->data :
					     NULL;
}

/*
 * pktio_frame_copy - copy a frame and its bytes, to keep it after release
 *
 * Up to `size` bytes go to `buf`; `ret` then describes them there, flagged
 * PKTIO_F_TRUNCATED if they did not all fit. Such a frame is the caller's
 * altogether and is never released. Returns the bytes copied.
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
 * PKTIO_META_FRAME: of the next frame that the ring takes, by pktio_send() or
 * pktio_inject(). Each call adds one more value. If the ring refuses the frame,
 * it drops these values. PKTIO_META_FRAME_FLAGS replaces the flags that the
 * ring derives from the frame itself.
 *
 * PKTIO_META_INTERFACE: of an interface, before its first frame (later:
 * -EBUSY). PKTIO_META_INTERFACE_DROPPED may be set at any time; the last value
 * counts. The resolution is 10^-0 to 10^-9 s. A time offset is refused, because
 * `ts` of a frame is its whole time.
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
	PKTIO_OPT_POW2 = 2,     /* a power of two */
	PKTIO_OPT_EXPERT = 4,   /* the default is right for nearly everyone */
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
 * pktio_backend_next - walk the backends: the first after NULL, NULL after the
 * last
 *
 * Lists the built-in ones, and those found in shared objects: in the
 * directories of $PKTIO_BACKEND_PATH (ignored in set-uid and file-capability
 * programs), then in the installed module directory.
 */
PKTIO_API const struct pktio_backend *
pktio_backend_next(const struct pktio_backend *b);

/* pktio_backend_find - a backend by name, NULL if there is none */
PKTIO_API const struct pktio_backend *pktio_backend_find(const char *name);

PKTIO_API const char *pktio_backend_name(const struct pktio_backend *b);
PKTIO_API const char *pktio_backend_doc(const struct pktio_backend *b);

/*
 * pktio_backend_opt - get the option number `index` of a backend
 *
 * Set ret->size first, for example with PKTIO_OPT_INIT. Returns 0, or -ENOENT
 * if the backend has no more options.
 */
PKTIO_API int pktio_backend_opt(const struct pktio_backend *b, unsigned index,
				struct pktio_opt *ret);

/*
 * pktio_backend_load - load a backend from a shared object
 *
 * 0, or: -ENOENT no such file, -ENOEXEC not a backend, -EPROTO built for
 * another ABI, -EEXIST the name is taken. What was loaded stays until the
 * process ends.
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
 * are no interfaces. The list is a snapshot. Interfaces of other network
 * namespaces are not in it. Returns 0. -ENOTSUP: the backend does not open
 * interfaces; another error of the system.
 */
PKTIO_API int pktio_interfaces(struct pktio_interface **ret,
			       const struct pktio_backend *b,
			       struct pktio_error *reterr);

/* pktio_interfaces_free - free a list, which may be NULL; returns NULL */
PKTIO_API struct pktio_interface *
pktio_interfaces_free(struct pktio_interface *list);

/* ---- Open and close ----------------------------------------------------- */

/* What a ring is for. */
enum pktio_mode {
	PKTIO_RECV = 1,
	PKTIO_SEND = 2,
};

/* An option, as in a URI, but with nothing to quote. */
struct pktio_setting {
	const char *name, *value;
};

/* Zero, but for `size`, is a good default throughout. */
struct pktio_open_args {
	size_t size;           /* sizeof(struct pktio_open_args) */
	unsigned mode;         /* PKTIO_RECV and PKTIO_SEND; 0: receive */
	unsigned index, count; /* ring `index` of `count` on one source */
	size_t nsettings;
	const struct pktio_setting *settings; /* on top of the URI's */
	const struct sock_fprog *filter; /* in force from the first frame on */
};

/*
 * pktio_open - open a ring
 *
 * The URI is `backend:target?option=value&option=value`. In target and values
 * `%XX` stands for the byte of that hexadecimal code, so that `%3F` is a `?`
 * that is part of a file's name. `args` and `reterr` may be NULL. Either all of
 * it works, or nothing is left behind and `reterr` tells what, on what, why,
 * and what would do.
 */
PKTIO_API int pktio_open(struct pktio_ring **ret, const char *uri,
			 const struct pktio_open_args *args,
			 struct pktio_error *reterr);

/*
 * pktio_close - close a ring, and give up its frames
 *
 * What was sent but not flushed is flushed first, and a file gets its end; call
 * pktio_finish() before to learn of the errors. Takes NULL; returns NULL.
 */
PKTIO_API struct pktio_ring *pktio_close(struct pktio_ring *r);

/* ---- Receive ------------------------------------------------------------ */

/*
 * pktio_recv - receive up to n frames, without waiting
 *
 * Returns how many, 0 for none now, PKTIO_EOF for none ever again, or an error;
 * -ENOBUFS: frames that are held leave no room for any more, release some.
 * Frames may be held while others come, but not for long: see max_held and
 * max_hold in struct pktio_info, and pktio_frame_copy().
 */
PKTIO_API int pktio_recv(struct pktio_ring *r, struct pktio_frame *frames,
			 unsigned n);

/* pktio_release - give frames back: any of the ring's, each once, in any order
 */
PKTIO_API void pktio_release(struct pktio_ring *r,
			     const struct pktio_frame *frames, unsigned n);

/*
 * pktio_wait - wait until pktio_recv() has something to say
 *
 * `timeout_ms` as in poll(2): -1 waits for ever, 0 not at all. Returns 1 when
 * frames, EOF or an error are there, 0 on timeout, -EINTR after pktio_wake(),
 * which also ends the next wait if none is under way. Other signals do not
 * end it. It never spins, whatever the state of the interface. -ENOTSUP: the
 * ring does not receive.
 */
PKTIO_API int pktio_wait(struct pktio_ring *r, int timeout_ms);

/* pktio_wake - end a wait; from any thread, and from a signal handler */
PKTIO_API void pktio_wake(struct pktio_ring *r);

/*
 * pktio_fd - a descriptor to poll for reading, for programs with an event loop
 *
 * Once after open, and whenever it is readable, call pktio_recv() until it
 * returns 0: the descriptor does not tell of what the library has read already.
 * (With a filter in user space 0 may only mean that thousands were refused;
 * pktio_wait() without a timeout then returns 1.) -ENOTSUP: the ring never runs
 * dry, so there is nothing to wait for. The descriptor stays the ring's.
 *
 * It may be one of epoll(7). For a loop that takes none of those, `socket` of
 * struct pktio_info is as good once all frames were received and released; it
 * is another one after the interface was replaced, and watching it does not
 * tell that the interface is there again.
 */
PKTIO_API int pktio_fd(const struct pktio_ring *r);

/*
 * pktio_set_filter - replace the filter of a receiving ring
 *
 * NULL takes it away. The program is copied. A frame for which it returns 0 is
 * not received; otherwise it gives the most bytes to be kept. Frames that the
 * filter before let in and that wait already have to pass the new one, too.
 */
PKTIO_API int pktio_set_filter(struct pktio_ring *r,
			       const struct sock_fprog *prog);

/* ---- Classic BPF, run in user space ------------------------------------- */

struct pktio_bpf;

/*
 * pktio_bpf_new - check a program like the kernel does, and copy it
 *
 * Returns 0, or: -EINVAL the program is invalid; -ENOTSUP the program is valid
 * but loads data that only the kernel has (the payload offset, netlink
 * attributes); -ENOMEM.
 */
PKTIO_API int pktio_bpf_new(struct pktio_bpf **ret,
			    const struct sock_fprog *prog);
PKTIO_API struct pktio_bpf *pktio_bpf_free(struct pktio_bpf *bpf);

/*
 * pktio_bpf_run - bytes to keep of the frame, 0: refuse it
 *
 * A program sees the frame as one in the kernel would: with the outermost of
 * the tags in vlan[] among the ancillary data, and an inner one in the bytes.
 */
PKTIO_API uint32_t pktio_bpf_run(const struct pktio_bpf *bpf,
				 const struct pktio_frame *f);

/* ---- Send --------------------------------------------------------------- */

/*
 * pktio_alloc - get up to n empty frames to fill
 *
 * Each has caplen 0, PKTIO_F_WRITABLE, and `tailroom` bytes of space. Fill
 * them through pktio_frame_wdata(), set caplen, and give them to pktio_send(),
 * or back with pktio_release(). Returns how many; 0 when there is no space just
 * now (pktio_flush() makes some).
 */
PKTIO_API int pktio_alloc(struct pktio_ring *r, struct pktio_frame *frames,
			  unsigned n);

/*
 * pktio_send - queue frames that came from pktio_alloc()
 *
 * Takes a prefix and returns its length: those frames are the ring's again.
 * They may wait for more, or for pktio_flush(), before they leave. Tags of
 * vlan[] go into the bytes; on an interface, a checksum that csum calls PARTIAL
 * is filled in.
 */
PKTIO_API int pktio_send(struct pktio_ring *r, const struct pktio_frame *frames,
			 unsigned n);

/* pktio_flush - let everything that was queued leave now */
PKTIO_API int pktio_flush(struct pktio_ring *r);

/*
 * pktio_finish - flush, and end what is sent; before pktio_close()
 *
 * A file gets what stands at its end, and is closed, of which there may be
 * errors, too. Send nothing after it; a file refuses that with -ESHUTDOWN.
 */
PKTIO_API int pktio_finish(struct pktio_ring *r);

/*
 * pktio_inject - queue copies of frames from anywhere
 *
 * Only data, caplen, wirelen, ts, linktype and vlan are looked at, and ifindex,
 * pkttype and csum where a file can tell of them, or an interface fill them in;
 * tags that were taken out go back into the bytes. Takes a prefix, as
 * pktio_send() does.
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
	PKTIO_STATE_WAITING_GROUP, /* in its group; drops all frames until the
				      other rings are there */
	PKTIO_STATE_RUNNING,
	PKTIO_STATE_LINK_DOWN, /* the interface is down */
	PKTIO_STATE_GONE, /* the interface was removed; its last frames come */
};

/*
 * pktio_state_name - the name of a value of enum pktio_state: "none", "absent",
 * "blocked", "waiting-group", "running", "link-down" or "gone"
 *
 * Returns "unknown" for any other value.
 */
PKTIO_API const char *pktio_state_name(unsigned state);

/* How a ring is set up, and how it is. */
struct pktio_info {
	size_t size;         /* sizeof(struct pktio_info), set by the caller */
	uint32_t mode;       /* PKTIO_RECV, PKTIO_SEND */
	uint32_t linktype;   /* LINKTYPE_ value; frames have their own, too */
	uint32_t snaplen;    /* longest caplen to come, 0: not limited */
	uint32_t link;       /* enum pktio_link, just now */
	uint32_t ifindex;    /* 0: none */
	int32_t numa_node;   /* of the ring's memory, -1: unknown */
	uint64_t ring_size;  /* bytes, 0: not a ring of memory */
	uint64_t block_size; /* bytes handed over at once: a block, or a slot */
	uint32_t blocks;     /* ring_size / block_size */
	uint32_t fanout_id;  /* group shared with other rings */
	uint64_t
		block_timeout; /* ns until a part-filled block is handed over */
	uint32_t max_held;     /* frames that may surely be held, 0: no limit */
	int32_t socket;        /* see pktio_fd(); -1: none */
	uint64_t max_hold;     /* ns a frame may surely be held, 0: no limit */
	uint64_t ring_wanted; /* bytes; more than ring_size: memory was short */
	uint32_t state;       /* enum pktio_state */
	uint32_t reserved;
};

/*
 * pktio_get_info - how the ring is set up, with everything that the backend
 * chose itself
 *
 * Set ret->size first. What the library does not know is filled with zeros.
 */
PKTIO_API int pktio_get_info(const struct pktio_ring *r,
			     struct pktio_info *ret);

/*
 * Counters since open. They never go back (but for gauges) and do not wrap. For
 * a receiving ring that was drained: frames that came = received + dropped +
 * filtered, as far as the source tells (a kernel does not count what its filter
 * refused).
 */
struct pktio_stats {
	size_t size;             /* sizeof(struct pktio_stats), by the caller */
	uint64_t received;       /* frames returned by pktio_recv() */
	uint64_t received_bytes; /* their caplen */
	uint64_t dropped;        /* frames lost for want of room in the ring */
	uint64_t freezes;        /* times that the kernel found the ring full */
	uint64_t filtered;       /* frames refused by a filter in user space */
	uint64_t truncated;      /* received frames with caplen < wirelen */
	uint64_t
		stalls; /* times that held frames were in the way of new ones */
	uint64_t sent;  /* frames taken by the interface, file or sink */
	uint64_t sent_bytes;
	uint64_t send_failed; /* frames queued by pktio_send() and then lost */
	uint64_t link_downs;  /* times that the interface went down */
	uint64_t reattached;  /* times that it was replaced by a new one */
	uint64_t skipped;     /* blocks of a file that are no frames, unread */
	/* Gauges: the state at this moment. They also decrease. */
	uint64_t pending_blocks;     /* blocks with frames not yet received */
	uint64_t pending_blocks_max; /* the largest pending_blocks so far */
	uint64_t oldest_age; /* ns, age of the oldest frame not yet received */
};

/* pktio_get_stats - the counters; set ret->size first */
PKTIO_API int pktio_get_stats(struct pktio_ring *r, struct pktio_stats *ret);

/* A counter of struct pktio_stats, to list them all; a NULL name ends it. */
struct pktio_counter {
	const char *name;
	const char *unit; /* "frames", "bytes", "events", "blocks" or "ns" */
	const char *doc;
	size_t offset; /* of a uint64_t in struct pktio_stats */
	int gauge;     /* 1: a state, which also decreases; 0: a counter */
};

/* pktio_counters - what there is in struct pktio_stats, in order */
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
