/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fanout by a program of ours, which finds the ring of each frame in a table
 * that the rings of a group have in common, in however many processes.
 *
 * The program answers with a position among the group's members. The kernel
 * puts who joins at the end, and the last member in the place of one that
 * leaves; it does not tell. So the table has the members in their order, and
 * whoever joins or leaves keeps it right, under a lock: an abstract address of
 * AF_UNIX, that ends with its owner. Who died could not, so the list of members
 * is compared with the kernel's every now and then.
 *
 * When a member leaves, the last one moves from n - 1 to its place p, and at
 * that moment the kernel begins to take answers modulo n - 1 instead of n. The
 * answer (n - 1) + p * n is n - 1 modulo n and p modulo n - 1, so it is right
 * before and after, and no frame goes astray.
 *
 * Each slot belongs to a ring for good, as long as that one is there; else it
 * goes to a ring by lot, the first of a sequence that is the slot's own. Thus
 * only a ring's own slots move when it comes or goes.
 */
#include "group/ebpf.h"

#include "af_packet.h"
#include "group/bpf_loader.h"
#include "group/bpf_module.h"
#include "group/fanout.h"
#include "group/sock_diag.h"
#include "interface.h"
#include "netns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <unistd.h>

#define MS UINT64_C(1000000)
#define LOCK_TRIES 10000U /* a millisecond each */
#define LOOK_EVERY (250 * MS)

/* What the rings of a group in this process have together. */
struct af_packet_group {
	struct af_packet_group *next;
	struct steer_table *table;
	unsigned rings;
};

static struct af_packet_group *groups;
static pthread_mutex_t groups_lock = PTHREAD_MUTEX_INITIALIZER;

/* The members of a group as the kernel lists them: in the order in which their
 * sockets were made, whatever the order they joined in. */
struct listing {
	uint64_t cookies[STEER_MEMBERS];
	unsigned n;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 * MS + (uint64_t)now.tv_nsec;
}

/* ---- The lock ------------------------------------------------------------ */

/* Between threads; and between processes, an address that one may have. */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static int bind_lock(const struct af_packet *p, unsigned tries)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int n = snprintf(address.sun_path + 1, sizeof(address.sun_path) - 1,
			 "pktio/fanout/%d", p->ifindex);
	socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				     1 + (size_t)n);
	int fd = af_packet_socket(p->conf->netns, AF_UNIX, SOCK_DGRAM, 0);

	for (unsigned i = 0; fd >= 0 && i < tries; i++) {
		struct timespec ms = { 0, MS };

		if (bind(fd, (const void *)&address, size) == 0)
			return fd;
		if (errno != EADDRINUSE)
			break;
		if (i + 1 < tries)
			nanosleep(&ms, NULL);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Of all groups on the interface; `tries` milliseconds. -1: not got. */
static int lock(const struct af_packet *p, unsigned tries)
{
	int fd;

	if (tries > 1)
		pthread_mutex_lock(&table_lock);
	else if (pthread_mutex_trylock(&table_lock) != 0)
		return -1;
	fd = bind_lock(p, tries);
	if (fd < 0)
		pthread_mutex_unlock(&table_lock);
	return fd;
}

static int lock_or_fail(struct af_packet *p)
{
	int fd = lock(p, LOCK_TRIES);

	return fd < 0 ?
		       pktio_fail(
			       &p->ring, -EBUSY,
			       "another process keeps the fanout groups of the interface locked") :
		       fd;
}

static void unlock(int fd)
{
	if (fd < 0)
		return;
	close(fd);
	pthread_mutex_unlock(&table_lock);
}

/* ---- Slots --------------------------------------------------------------- */

static uint64_t mix(uint64_t h)
{
	h ^= h >> 32;
	h *= UINT64_C(0x9fb21c651e98df25);
	h ^= h >> 29;
	h *= UINT64_C(0xd6e8feb86659fd93);
	return h ^ h >> 32;
}

/* The rings one after the other, each as long as its weight. */
struct shares {
	uint32_t end[STEER_RINGS];
	uint32_t count;
};

static uint32_t share_at(const struct shares *s, uint64_t at)
{
	uint32_t low = 0;
	uint32_t high = s->count - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (at < s->end[middle])
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

static uint32_t owner_of(const struct steer_table *t, const struct shares *s,
			 uint32_t slot)
{
	uint64_t total = s->end[s->count - 1];
	uint32_t ring = share_at(s, slot * total / STEER_SLOTS);

	for (uint64_t lot = 0; lot < STEER_RINGS && !t->live[ring]; lot++)
		ring = share_at(s, (mix((uint64_t)slot << 32 | lot) >> 32) *
						   total >>
					   32);
	/* With very few rings left no lot may have fallen on one. */
	for (uint32_t i = 0; i < t->count && !t->live[ring]; i++)
		ring = i;
	return ring;
}

static void share_out(struct steer_table *t)
{
	struct shares s = { .count = t->count };
	uint32_t end = 0;

	for (uint32_t i = 0; i < t->count; i++) {
		end += t->weights[i];
		s.end[i] = end;
	}
	/* Nobody left to have them: whoever comes does this again. */
	if (!memchr(t->live, 1, t->count))
		return;
	for (uint32_t slot = 0; slot < STEER_SLOTS; slot++) {
		uint16_t owner = (uint16_t)owner_of(t, &s, slot);

		__atomic_store_n(&t->slots[slot], owner, __ATOMIC_RELAXED);
	}
}

/* ---- Members ------------------------------------------------------------- */

static void set_position(struct steer_table *t, const struct steer_member *m,
			 uint32_t position)
{
	if (m->ring < STEER_RINGS)
		__atomic_store_n(&t->position[m->ring], position,
				 __ATOMIC_RELAXED);
}

static bool is_listed(const struct listing *l, uint64_t cookie)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->cookies[i] == cookie)
			return true;
	return false;
}

/* The position of a member, or nmembers. */
static uint32_t find_member(const struct steer_table *t, uint64_t cookie)
{
	uint32_t i = 0;

	while (i < t->nmembers && t->members[i].cookie != cookie)
		i++;
	return i;
}

static void add_member(struct steer_table *t, uint64_t cookie, uint32_t ring)
{
	struct steer_member m = { .cookie = cookie, .ring = ring };

	if (t->nmembers < STEER_MEMBERS)
		t->members[t->nmembers++] = m;
}

/* As the kernel did it. Of several that went at once the last joined first,
 * which is how a process's sockets are closed when it ends. */
static void remove_dead(struct steer_table *t, const struct listing *l)
{
	for (uint32_t i = t->nmembers; i-- > 0;)
		if (!is_listed(l, t->members[i].cookie))
			t->members[i] = t->members[--t->nmembers];
}

/* An interface that came up has its members in the order of the listing. */
static void sort_members(struct steer_table *t, const struct listing *l)
{
	uint32_t sorted = 0;

	for (unsigned i = 0; i < l->n; i++) {
		uint32_t at = find_member(t, l->cookies[i]);
		struct steer_member m;

		if (at >= t->nmembers)
			continue;
		m = t->members[at];
		t->members[at] = t->members[sorted];
		t->members[sorted++] = m;
	}
}

static bool has_ring(const struct steer_table *t, uint32_t ring)
{
	for (uint32_t i = 0; i < t->nmembers; i++)
		if (t->members[i].ring == ring)
			return true;
	return false;
}

/* Rings whose socket is not there any more lose their slots. */
static bool bury(struct steer_table *t)
{
	bool changed = false;

	for (uint32_t i = 0; i < t->count; i++) {
		if (!t->live[i] || has_ring(t, i))
			continue;
		t->live[i] = 0;
		changed = true;
	}
	return changed;
}

/* Makes the table what the kernel has; `sorted`: it has sorted its members. */
static void heal(struct steer_table *t, const struct listing *l, bool sorted)
{
	remove_dead(t, l);
	for (unsigned i = 0; i < l->n; i++)
		if (find_member(t, l->cookies[i]) >= t->nmembers)
			add_member(t, l->cookies[i], STEER_OTHER);
	if (sorted)
		sort_members(t, l);
	for (uint32_t i = 0; i < t->nmembers; i++)
		set_position(t, &t->members[i], i);
	if (bury(t))
		share_out(t);
	__atomic_store_n(&t->looked_at, now_ns(), __ATOMIC_RELAXED);
}

static int list(const struct af_packet *p, uint32_t id, uint32_t ifindex,
		struct listing *ret)
{
	int n = af_packet_diag_members(p, (uint16_t)id, ifindex, ret->cookies,
				       STEER_MEMBERS);

	ret->n = n < 0 ? 0 : (unsigned)n;
	return n < 0 ? n : 0;
}

/*
 * With the lock, which is a socket, too, and there when the ring's is not. On
 * an interface that is down nobody takes a place: all will be sorted.
 */
static void look(struct af_packet *p, int locked)
{
	struct steer_table *t = p->group.table->table;
	bool sorted = p->group.unsorted || !af_packet_is_up(locked, p->ifindex);
	struct listing *l = malloc(sizeof(*l));

	if (l && list(p, t->group, t->ifindex, l) == 0) {
		heal(t, l, sorted);
		p->group.unsorted = false;
	}
	free(l);
}

static uint64_t cookie_of(int sock)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	getsockopt(sock, SOL_SOCKET, SO_COOKIE, &cookie, &size);
	return cookie;
}

/* ---- Groups -------------------------------------------------------------- */

struct identity {
	uint64_t netns;
	uint32_t group, ifindex;
	const struct listing *listing;
};

/* A table of this group, and not of one that had its number before. */
static bool is_it(const struct steer_table *t, void *arg)
{
	const struct identity *id = arg;

	if (t->version != STEER_VERSION || t->netns != id->netns ||
	    t->group != id->group || t->ifindex != id->ifindex)
		return false;
	for (uint32_t i = 0; i < t->nmembers && i < STEER_MEMBERS; i++)
		if (is_listed(id->listing, t->members[i].cookie))
			return true;
	return false;
}

static void unmap(struct steer_table *t)
{
	if (t)
		munmap(t, sizeof(*t));
}

static struct af_packet_group *find_here(struct identity *id)
{
	struct af_packet_group *g;

	pthread_mutex_lock(&groups_lock);
	for (g = groups; g; g = g->next)
		if (is_it(g->table, id))
			break;
	if (g)
		g->rings++;
	pthread_mutex_unlock(&groups_lock);
	return g;
}

static struct af_packet_group *add_group(struct steer_table *table)
{
	struct af_packet_group *g = malloc(sizeof(*g));

	if (!g)
		return NULL;
	*g = (struct af_packet_group){ .table = table, .rings = 1 };
	pthread_mutex_lock(&groups_lock);
	g->next = groups;
	groups = g;
	pthread_mutex_unlock(&groups_lock);
	return g;
}

/* One ring less; true: it was the last, and the group is out of the list. */
static bool drop_group(struct af_packet_group *g)
{
	struct af_packet_group **link = &groups;
	bool last;

	pthread_mutex_lock(&groups_lock);
	last = --g->rings == 0;
	if (last) {
		while (*link != g)
			link = &(*link)->next;
		*link = g->next;
	}
	pthread_mutex_unlock(&groups_lock);
	return last;
}

static void free_group(struct af_packet_group *g)
{
	unmap(g->table);
	free(g);
}

static void init_table(struct steer_table *t, const struct af_packet *p,
		       const struct identity *id)
{
	t->netns = id->netns;
	t->group = id->group;
	t->ifindex = id->ifindex;
	t->version = STEER_VERSION;
	t->count = p->count;
	t->seed = (uint32_t)p->conf->fanout_seed;
	t->addresses = p->conf->fanout_key == AF_PACKET_FANOUT_KEY_ADDRESSES;
	t->ethernet = p->linktype == 1;
	af_packet_fanout_weights(p, t->weights);
}

int af_packet_fanout_weights(const struct af_packet *p, uint32_t *ret)
{
	const char *at = p->conf->fanout_weights;

	for (uint32_t i = 0; i < p->count; i++) {
		char *end = (char *)at;
		unsigned long value = *at ? strtoul(at, &end, 10) : 1;

		if (value < 1 || value > UINT16_MAX || (*at && end == at))
			return -EINVAL;
		if (*end && *end != ':')
			return -EINVAL;
		at = *end ? end + 1 : end;
		if (ret)
			ret[i] = (uint32_t)value;
	}
	return *at ? -EINVAL : 0;
}

/* The table has what the first ring was given. */
static bool has_same_options(const struct af_packet *p,
			     const struct steer_table *t)
{
	uint32_t weights[STEER_RINGS];

	af_packet_fanout_weights(p, weights);
	return t->seed == p->conf->fanout_seed &&
	       t->addresses == (p->conf->fanout_key ==
				AF_PACKET_FANOUT_KEY_ADDRESSES) &&
	       !memcmp(t->weights, weights, p->count * sizeof(*weights));
}

static int check(struct af_packet *p, const struct steer_table *t)
{
	if (t->count != p->count)
		return pktio_fail(
			&p->ring, -EINVAL,
			"fanout group %u is of %u rings, and this is one of %u",
			t->group, t->count, p->count);
	if (!has_same_options(p, t))
		return pktio_fail(
			&p->ring, -EINVAL,
			"fanout group %u has another fanout-key, fanout-seed or fanout-weights; all rings of a group need the same",
			t->group);
	if (has_ring(t, p->index))
		return pktio_fail(
			&p->ring, -EEXIST,
			"ring %u of fanout group %u is open already; give each ring its own index, and all of them their count",
			p->index, t->group);
	return 0;
}

static int keep_group(struct af_packet *p, struct steer_table *table)
{
	p->group.table = add_group(table);
	if (p->group.table)
		return 0;
	unmap(table);
	return pktio_fail(&p->ring, -ENOMEM, "out of memory");
}

static int make_group(struct af_packet *p, const struct identity *id,
		      const struct af_packet_bpf *bpf, int *program)
{
	struct bpf_words words = { "" };
	struct steer_table *table = NULL;

	*program = bpf->steer(&table, &words);
	if (*program < 0)
		return pktio_fail(&p->ring, *program,
				  "fanout=ebpf: %s; fanout=cbpf does without",
				  words.text);
	init_table(table, p, id);
	return keep_group(p, table);
}

/* Finds the group; or makes it, and then has a program to be attached. */
static int get_group(struct af_packet *p, struct identity *id, int *program)
{
	struct bpf_words words = { "" };
	struct steer_table *table = NULL;
	int ret;
	const struct af_packet_bpf *bpf = af_packet_bpf(p, &ret);

	if (!bpf)
		return ret;
	if (id->listing->n == 0)
		return make_group(p, id, bpf, program);
	p->group.table = find_here(id);
	if (p->group.table)
		return 0;
	ret = bpf->find(is_it, id, &table, &words);
	if (ret < 0)
		return pktio_fail(
			&p->ring, ret,
			"fanout group %u has members, but not their table: %s; or choose another fanout-id",
			id->group, words.text);
	return keep_group(p, table);
}

/* ---- Joining ------------------------------------------------------------- */

static int attach(struct af_packet *p, int program)
{
	if (setsockopt(p->sock, SOL_PACKET, PACKET_FANOUT_DATA, &program,
		       sizeof(program)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot attach the steering program: %s",
				  strerror(errno));
	return 0;
}

/* With the group found or made. */
static int be_member(struct af_packet *p, uint32_t id, uint16_t type_flags)
{
	struct steer_table *t = p->group.table->table;
	int ret = check(p, t);

	if (ret == 0)
		ret = af_packet_join_group(p, id, type_flags);
	if (ret < 0)
		return ret;
	t->group = p->ring.info.fanout_id;
	add_member(t, cookie_of(p->sock), p->index);
	return 0;
}

static int enter(struct af_packet *p, int locked, struct listing *l,
		 uint32_t id, uint16_t type_flags)
{
	struct identity identity = { .netns = af_packet_netns_of(p->sock),
				     .group = id,
				     .ifindex = (uint32_t)p->ifindex,
				     .listing = l };
	int program = -1;
	/* A group that is unique has no number yet, and nobody in it. */
	int ret = id ? list(p, id, identity.ifindex, l) : 0;

	if (ret == -ENOENT)
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"fanout=ebpf: this kernel does not list packet sockets (CONFIG_PACKET_DIAG); fanout=cbpf does without");
	if (ret < 0)
		return pktio_fail(&p->ring, ret,
				  "cannot list the members of group %u: %s", id,
				  strerror(-ret));
	ret = get_group(p, &identity, &program);
	if (ret == 0) {
		heal(p->group.table->table, l, false);
		ret = be_member(p, id, type_flags);
	}
	if (ret == 0 && program >= 0)
		ret = attach(p, program);
	if (program >= 0)
		close(program);
	if (ret < 0)
		return ret;
	look(p, locked);
	if (!has_ring(p->group.table->table, p->index))
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"fanout=ebpf: the socket is not listed here; if it is of another network namespace, say so with netns");
	return 0;
}

void af_packet_steer_forget(struct af_packet *p)
{
	if (p->group.table && drop_group(p->group.table))
		free_group(p->group.table);
	p->group.table = NULL;
	p->group.unsorted = false;
}

int af_packet_steer_join(struct af_packet *p, uint32_t id, uint16_t type_flags)
{
	struct listing *l = calloc(1, sizeof(*l));
	int locked;
	int ret;

	if (!l)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	/* Of an interface that was replaced. */
	af_packet_steer_forget(p);
	locked = lock_or_fail(p);
	ret = locked < 0 ? locked : enter(p, locked, l, id, type_flags);
	unlock(locked);
	free(l);
	if (ret < 0)
		af_packet_steer_forget(p);
	return ret;
}

/* The program of a group is the user's. The first to join brings it. */
int af_packet_program_join(struct af_packet *p, uint32_t id,
			   uint16_t type_flags)
{
	uint64_t first;
	int locked = lock_or_fail(p);
	int program = -1;
	int ret = locked < 0 ? locked : 0;

	if (ret == 0 && (id == 0 || af_packet_diag_members(p, (uint16_t)id,
							   (uint32_t)p->ifindex,
							   &first, 1) <= 0)) {
		program = af_packet_load_program(p, "fanout-program",
						 p->conf->fanout_program);
		ret = program < 0 ? program : 0;
	}
	if (ret == 0)
		ret = af_packet_join_group(p, id, type_flags);
	if (ret == 0 && program >= 0)
		ret = attach(p, program);
	if (program >= 0)
		close(program);
	unlock(locked);
	return ret;
}

static bool is_complete(const struct steer_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (!t->live[i])
			return false;
	return true;
}

/* It takes its slots. */
int af_packet_steer_start(struct af_packet *p)
{
	struct steer_table *t;
	int locked;

	if (!p->group.table)
		return 0;
	locked = lock_or_fail(p);
	if (locked < 0)
		return locked;
	t = p->group.table->table;
	look(p, locked);
	t->live[p->index] = 1;
	share_out(t);
	if (is_complete(t))
		__atomic_store_n(&t->complete, 1, __ATOMIC_RELEASE);
	unlock(locked);
	return 0;
}

bool af_packet_steer_complete(const struct af_packet *p)
{
	/* Who sees it sees the slots that were given out before. */
	return !p->group.table ||
	       __atomic_load_n(&p->group.table->table->complete,
			       __ATOMIC_ACQUIRE);
}

/* ---- Leaving ------------------------------------------------------------- */

/* Before a member's socket is closed: prepares the one that will move. */
static void prepare_leave(struct steer_table *t, uint64_t cookie)
{
	uint32_t at = find_member(t, cookie);
	uint32_t n = t->nmembers;

	if (at + 1 < n)
		set_position(t, &t->members[n - 1], n - 1 + at * n);
}

int af_packet_steer_leave(struct af_packet *p)
{
	struct steer_table *t;
	int locked;

	if (!p->group.table)
		return -1;
	locked = lock(p, LOCK_TRIES);
	/* Without it another ring buries this one, as if it had been killed. */
	if (locked < 0)
		return -1;
	t = p->group.table->table;
	look(p, locked);
	t->live[p->index] = 0;
	share_out(t);
	prepare_leave(t, cookie_of(p->sock));
	return locked;
}

void af_packet_steer_left(struct af_packet *p, int locked)
{
	if (!p->group.table)
		return;
	if (locked >= 0)
		look(p, locked);
	af_packet_steer_forget(p);
	unlock(locked);
}

/* ---- Meanwhile ----------------------------------------------------------- */

/* One of the rings sees now and then whether all are still there; at once if
 * they are to be sorted. Who has the lock may keep it: the next look is near.
 */
void af_packet_steer_look(struct af_packet *p)
{
	uint64_t now;
	int locked;

	if (!p->group.table || !lifecycle_is_attached(&p->life))
		return;
	now = now_ns();
	if (!p->group.unsorted &&
	    now - __atomic_load_n(&p->group.table->table->looked_at,
				  __ATOMIC_RELAXED) <
		    LOOK_EVERY)
		return;
	locked = lock(p, 1);
	if (locked >= 0)
		look(p, locked);
	unlock(locked);
}

/* The interface was down. Its members were taken out, and are put back, or will
 * be, in the order of the listing. */
void af_packet_steer_sort(struct af_packet *p)
{
	p->group.unsorted = p->group.table;
	af_packet_steer_look(p);
}
