/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fanout by the steering program (ebpf.bpf.c). Its table (table.h) is shared by
 * the rings of a group, in all their processes.
 *
 * The table contains its lock. Only a process that may open BPF maps can take
 * it. The first ring of a group has no table to lock yet: it loads a program
 * with a table and claims the group with that. Then it searches for other
 * claims. Two rings that claim at the same time see each other, because each
 * claims before it searches; one of them withdraws.
 *
 * Loading a program takes 0.1 s. A process loads one per group: when the
 * interface is replaced, the group that follows gets the program and the table
 * of the group before.
 */
#include "group/ebpf.h"

#include "af_packet.h"
#include "background.h"
#include "group/bpf_loader.h"
#include "group/bpf_module.h"
#include "group/fanout.h"
#include "group/sock_diag.h"
#include "group/table.h"
#include "interface.h"
#include "lifecycle.h"
#include "netns.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/if_packet.h>
#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/clock.h"

#define CHECK_EVERY (250 * NS_PER_MS)
#define CLAIM_TRIES 100
#define LEAVE_TRIES 1000U /* a millisecond each */

/* A table of this process, with its program. */
struct steering {
	struct steering *next;
	struct steering_object object;
	unsigned rings; /* that use it */
};

static struct steering *steerings;
static bool steerings_busy; /* a lock, held for a few instructions */

static uint64_t now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static uint64_t cookie_of(int sock)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	getsockopt(sock, SOL_SOCKET, SO_COOKIE, &cookie, &size);
	return cookie;
}

/* ---- The tables of this process ------------------------------------------ */

static void lock_steerings(void)
{
	while (__atomic_test_and_set(&steerings_busy, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_steerings(void)
{
	__atomic_clear(&steerings_busy, __ATOMIC_RELEASE);
}

static void close_object(struct steering_object *o)
{
	munmap(o->table, sizeof(*o->table));
	if (o->program >= 0)
		close(o->program);
}

/* A table that was loaded or found; NULL: no memory, and it is closed. */
static struct steering *add_steering(struct steering_object *object)
{
	struct steering *s = malloc(sizeof(*s));

	if (!s) {
		close_object(object);
		return NULL;
	}
	*s = (struct steering){ .object = *object, .rings = 1 };
	lock_steerings();
	s->next = steerings;
	steerings = s;
	unlock_steerings();
	return s;
}

static void drop_steering(struct steering *s)
{
	struct steering **link = &steerings;
	bool last;

	if (!s)
		return;
	lock_steerings();
	last = --s->rings == 0;
	if (last) {
		while (*link != s)
			link = &(*link)->next;
		*link = s->next;
	}
	unlock_steerings();
	if (!last)
		return;
	close_object(&s->object);
	free(s);
}

static void use_steering(struct af_packet *p, struct steering *s)
{
	struct steering *before = p->group.steering;

	p->group.steering = s;
	drop_steering(before);
}

static struct steer_table *table_of(const struct af_packet *p)
{
	return p->group.steering->object.table;
}

/* ---- Groups -------------------------------------------------------------- */

struct identity {
	uint64_t netns;
	uint32_t group, ifindex;
	struct listing *listing;
	uint32_t self;        /* the map of the ring's own claim */
	bool contested, lost; /* another ring claims; with a lower map */
	bool busy;            /* a table that may be the group's was locked */
};

static uint32_t version_of(void)
{
	return STEER_VERSION | (uint32_t)sizeof(pthread_mutex_t) << 16;
}

/* Without the lock: the result is certain only if that is taken later. */
static enum steer_state state_for(const struct steer_table *t,
				  const struct identity *id)
{
	enum steer_state state = STEER_FREE;

	if (__atomic_load_n(&t->version, __ATOMIC_ACQUIRE) == version_of())
		state = __atomic_load_n(&t->state, __ATOMIC_ACQUIRE);
	if (__atomic_load_n(&t->netns, __ATOMIC_RELAXED) != id->netns ||
	    __atomic_load_n(&t->group, __ATOMIC_RELAXED) != id->group ||
	    __atomic_load_n(&t->ifindex, __ATOMIC_RELAXED) != id->ifindex)
		return STEER_FREE;
	return state;
}

/* Whether a member of the table is a member of the group now. */
static bool has_listed(const struct steer_table *t, const struct listing *l)
{
	for (uint32_t i = 0; i < t->nmembers && i < STEER_MEMBERS; i++)
		if (listing_has(l, t->members[i].cookie))
			return true;
	return false;
}

/* The table of the group, and not of one that had its number before. */
static bool is_table(struct steer_table *t, void *arg)
{
	struct identity *id = arg;
	enum steer_state state = state_for(t, id);
	bool found;

	if (state != STEER_JOINED)
		return state == STEER_CLAIMED;
	if (!table_lock(t)) {
		id->busy = true;
		return false;
	}
	found = has_listed(t, id->listing);
	table_unlock(t);
	return found;
}

static struct steering *find_here(struct identity *id)
{
	struct steering *s;

	lock_steerings();
	for (s = steerings; s; s = s->next)
		if (is_table(s->object.table, id))
			break;
	if (s)
		s->rings++;
	unlock_steerings();
	return s;
}

static int list_members(struct af_packet *p, uint32_t group, uint32_t ifindex,
			struct listing *ret)
{
	int n = diag_members(p, (uint16_t)group, ifindex, ret->cookies,
			     STEER_MEMBERS);

	ret->n = n < 0 ? 0 : (unsigned)n;
	return n < 0 ? n : 0;
}

int ebpf_weights(const struct af_packet *p, uint32_t *ret)
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

static bool hashes_addresses(const struct af_packet *p)
{
	return p->conf->fanout_key == AF_PACKET_FANOUT_KEY_ADDRESSES;
}

static bool has_same_options(const struct af_packet *p,
			     const struct steer_table *t)
{
	uint32_t weights[STEER_RINGS];

	ebpf_weights(p, weights);
	return t->seed == p->conf->fanout_seed &&
	       t->addresses == hashes_addresses(p) &&
	       !memcmp(t->weights, weights, p->count * sizeof(*weights));
}

static int check(struct af_packet *p, const struct steer_table *t)
{
	if (t->count != p->count)
		return pktio_fail(
			&p->ring, -EINVAL,
			"fanout group %u is for %u rings, and this one is of %u",
			t->group, t->count, p->count);
	if (!has_same_options(p, t))
		return pktio_fail(
			&p->ring, -EINVAL,
			"fanout group %u has another fanout-key, fanout-seed or fanout-weights; all rings of a group need the same",
			t->group);
	if (table_has_ring(t, p->index))
		return pktio_fail(
			&p->ring, -EEXIST,
			"ring %u of fanout group %u is open already; give each ring its own index, and all of them their count",
			p->index, t->group);
	return 0;
}

/* ---- The members --------------------------------------------------------- */

static bool has_error(const struct af_packet *p)
{
	struct pollfd poller = { .fd = p->sock };

	return poll(&poller, 1, 0) > 0 && poller.revents & POLLERR;
}

/* Reads whether the interface went down since the table was last compared. */
static void note_link(struct af_packet *p)
{
	struct group *g = &p->group;

	if (table_link_down(table_of(p), cookie_of(p->sock), g->link_down,
			    has_error(p)))
		g->unsorted = true;
	g->link_down = false;
	g->downs = table_of(p)->downs;
}

/*
 * Compares the table with the kernel's list. While the interface is down the
 * kernel has no members in order; it will have them in the order of the list.
 * The interface is asked for through the netlink socket, which is there when
 * the ring's own is closed.
 */
static void reconcile(struct af_packet *p)
{
	struct steer_table *t = table_of(p);
	struct listing *l = malloc(sizeof(*l));

	if (l && list_members(p, t->group, t->ifindex, l) == 0) {
		bool sorted = p->group.unsorted ||
			      !af_packet_is_up(p->group.diag, (int)t->ifindex);

		table_reconcile(t, l, sorted);
		p->group.unsorted = false;
		__atomic_store_n(&t->checked_at, now_ns(), __ATOMIC_RELAXED);
	}
	free(l);
}

static bool is_member(const struct af_packet *p)
{
	const struct steer_table *t = table_of(p);

	return table_find(t, cookie_of(p->sock)) < t->nmembers;
}

static int attach(struct af_packet *p, int program)
{
	if (setsockopt(p->sock, SOL_PACKET, PACKET_FANOUT_DATA, &program,
		       sizeof(program)) < 0)
		return pktio_fail(&p->ring, -errno,
				  "cannot attach the steering program: %s",
				  strerror(errno));
	return 0;
}

/* With the lock of p->group.steering. `program`: to attach, or -1. */
static int become_member(struct af_packet *p, uint32_t id, uint16_t type_flags,
			 int program)
{
	struct steer_table *t = table_of(p);
	int ret = check(p, t);

	if (ret == 0)
		ret = fanout_join_kernel(p, id, type_flags);
	if (ret < 0)
		return ret;
	table_add(t, cookie_of(p->sock), p->index);
	__atomic_store_n(&t->group, p->ring.info.fanout_id, __ATOMIC_RELAXED);
	__atomic_store_n(&t->state, STEER_JOINED, __ATOMIC_RELEASE);
	/* An error that is there already is of no event to come: a socket also
	 * gets one when it is bound to an interface that is down. */
	p->group.link_down = false;
	p->group.downs = t->downs;
	if (program >= 0)
		ret = attach(p, program);
	if (ret < 0)
		return ret;
	reconcile(p);
	if (is_member(p))
		return 0;
	return pktio_fail(
		&p->ring, -ENOTSUP,
		"fanout=ebpf: the kernel does not list the socket in this network namespace; name its namespace with netns");
}

/* ---- The first ring ------------------------------------------------------ */

struct steering_loader {
	struct background thread;
	const struct af_packet_bpf *bpf;
	struct steering_object object;
	struct bpf_message message;
	int result;
};

static void *load(void *arg)
{
	struct steering_loader *l = arg;
	struct steer_table *t;

	l->result = l->bpf->steer(&l->object, &l->message);
	if (l->result < 0)
		return NULL;
	t = l->object.table;
	l->result = table_init_lock(t);
	if (l->result < 0)
		close_object(&l->object);
	else
		__atomic_store_n(&t->version, version_of(), __ATOMIC_RELEASE);
	return NULL;
}

/* Loads a program: at once in open, otherwise in a thread. */
static int start_loading(struct af_packet *p)
{
	struct steering_loader *l = calloc(1, sizeof(*l));
	int ret = 0;

	if (!l)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	l->bpf = bpf_loader_module(p, &ret);
	if (ret == 0 && p->group.may_wait)
		load(l);
	else if (ret == 0)
		ret = background_start(&l->thread, load, l);
	if (ret < 0) {
		free(l);
		return ret;
	}
	p->group.loader = l;
	return 0;
}

/* 0: the ring uses a new table. */
static int get_new_table(struct af_packet *p)
{
	struct steering_loader *l;
	struct steering *s;
	int ret = p->group.loader ? 0 : start_loading(p);

	if (ret < 0)
		return ret;
	l = p->group.loader;
	if (!background_done(&l->thread))
		return -EAGAIN;
	p->group.loader = NULL;
	if (l->result < 0) {
		ret = pktio_fail(
			&p->ring, l->result,
			"fanout=ebpf: %s; fanout=cbpf needs no privilege",
			*l->message.text ? l->message.text :
					   strerror(-l->result));
		free(l);
		return ret;
	}
	s = add_steering(&l->object);
	free(l);
	if (!s)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	use_steering(p, s);
	return 0;
}

static void drop_loader(struct af_packet *p)
{
	struct steering_loader *l = p->group.loader;

	if (!l)
		return;
	background_wait(&l->thread);
	if (l->result == 0)
		close_object(&l->object);
	free(l);
	p->group.loader = NULL;
}

/* Whether the table is of a group that has members. Under its lock. */
static bool is_in_use(struct af_packet *p, const struct steer_table *t)
{
	struct listing *l = malloc(sizeof(*l));
	bool used = true;

	if (l)
		used = t->state != STEER_FREE &&
		       (list_members(p, t->group, t->ifindex, l) < 0 ||
			l->n > 0);
	free(l);
	return used;
}

static void claim(struct af_packet *p, const struct identity *id)
{
	struct steer_table *t = table_of(p);

	table_clear(t);
	__atomic_store_n(&t->netns, id->netns, __ATOMIC_RELAXED);
	__atomic_store_n(&t->group, id->group, __ATOMIC_RELAXED);
	__atomic_store_n(&t->ifindex, id->ifindex, __ATOMIC_RELAXED);
	t->count = p->count;
	t->seed = (uint32_t)p->conf->fanout_seed;
	t->addresses = hashes_addresses(p);
	t->ethernet = p->linktype == 1;
	ebpf_weights(p, t->weights);
	/* Before the search for other claims. */
	__atomic_store_n(&t->state, STEER_CLAIMED, __ATOMIC_SEQ_CST);
}

static bool is_other_claim(struct steer_table *t, void *arg)
{
	struct identity *id = arg;

	if (t->id == id->self || state_for(t, id) != STEER_CLAIMED)
		return false;
	id->contested = true;
	id->lost |= t->id < id->self;
	return false;
}

static void find_claims(struct identity *id, const struct af_packet_bpf *bpf)
{
	struct steering_object none;
	struct bpf_message message;

	id->contested = false;
	id->lost = false;
	lock_steerings();
	for (struct steering *s = steerings; s; s = s->next)
		is_other_claim(s->object.table, id);
	unlock_steerings();
	/* A process without CAP_SYS_ADMIN finds no tables of others: then all
	 * rings of the group are in one process. */
	bpf->find(is_other_claim, id, &none, &message);
}

/*
 * Whether the ring is the first of its group. Of several that claim it at the
 * same time, the one with the lowest map remains: the others see its claim and
 * withdraw, or have seen none and join.
 */
static bool is_first(struct af_packet *p, struct identity *id,
		     const struct af_packet_bpf *bpf)
{
	if (id->group == 0)
		return true; /* the kernel will find a number */
	for (int i = 0; i < CLAIM_TRIES; i++) {
		find_claims(id, bpf);
		if (id->lost ||
		    list_members(p, id->group, id->ifindex, id->listing) < 0 ||
		    id->listing->n > 0)
			return false;
		if (!id->contested)
			return true;
		sched_yield();
	}
	return false;
}

static bool is_claimed(struct af_packet *p, struct identity *id,
		       const struct af_packet_bpf *bpf)
{
	id->self = table_of(p)->id;
	if (id->group)
		find_claims(id, bpf);
	return id->contested;
}

static int create_group(struct af_packet *p, struct identity *id,
			uint16_t type_flags, const struct af_packet_bpf *bpf)
{
	struct steer_table *t = NULL;
	int ret = 0;

	if (p->group.steering && p->group.steering->object.program >= 0) {
		t = table_of(p);
		if (!table_lock(t))
			return -EAGAIN;
		if (is_in_use(p, t)) {
			table_unlock(t);
			t = NULL;
		}
	}
	if (!t) {
		ret = get_new_table(p);
		if (ret < 0)
			return ret;
		t = table_of(p);
		if (!table_lock(t))
			return -EAGAIN;
	}
	/* A claim that is there already comes first: else rings that try again
	 * would keep each other from it. */
	if (is_claimed(p, id, bpf)) {
		table_unlock(t);
		return -EAGAIN;
	}
	claim(p, id);
	if (!is_first(p, id, bpf))
		ret = -EAGAIN;
	if (ret == 0)
		ret = become_member(p, id->group, type_flags,
				    p->group.steering->object.program);
	if (ret < 0)
		table_clear(t);
	table_unlock(t);
	return ret;
}

/* ---- The other rings ----------------------------------------------------- */

/* Finds the table of a group that has members. */
static int find_table(struct af_packet *p, struct identity *id,
		      const struct af_packet_bpf *bpf, struct steering **ret)
{
	struct steering_object object;
	struct bpf_message message = { "" };
	int code;

	*ret = find_here(id);
	if (*ret)
		return 0;
	code = bpf->find(is_table, id, &object, &message);
	if (code < 0 && id->busy)
		return -EAGAIN;
	if (code < 0)
		return pktio_fail(
			&p->ring, code,
			"fanout group %u has members, but not their table: %s; or choose another fanout-id",
			id->group, message.text);
	*ret = add_steering(&object);
	return *ret ? 0 : pktio_fail(&p->ring, -ENOMEM, "out of memory");
}

static int enter_group(struct af_packet *p, struct identity *id,
		       uint16_t type_flags, const struct af_packet_bpf *bpf)
{
	struct steering *s = NULL;
	struct steer_table *t;
	int ret = find_table(p, id, bpf, &s);

	if (ret < 0)
		return ret;
	t = s->object.table;
	if (!table_lock(t)) {
		drop_steering(s);
		return -EAGAIN;
	}
	/* The first ring may have failed, or the last one left. */
	if (state_for(t, id) != STEER_JOINED || !has_listed(t, id->listing)) {
		table_unlock(t);
		drop_steering(s);
		return -EAGAIN;
	}
	use_steering(p, s);
	p->group.unsorted = false;
	reconcile(p);
	ret = become_member(p, id->group, type_flags, -1);
	table_unlock(t);
	return ret;
}

static int try_join(struct af_packet *p, uint32_t id, uint16_t type_flags,
		    struct listing *l)
{
	struct identity identity = { .netns = af_packet_netns_of(p->sock),
				     .group = id,
				     .ifindex = (uint32_t)p->ifindex,
				     .listing = l };
	int ret = 0;
	const struct af_packet_bpf *bpf = bpf_loader_module(p, &ret);

	if (ret == 0 && id)
		ret = list_members(p, id, identity.ifindex, l);
	if (!bpf || ret == -EAGAIN)
		return ret;
	if (ret == -ENOENT)
		return pktio_fail(
			&p->ring, -ENOTSUP,
			"fanout=ebpf: this kernel does not list packet sockets (CONFIG_PACKET_DIAG); fanout=cbpf does not need that");
	if (ret < 0)
		return pktio_fail(&p->ring, ret,
				  "cannot list the members of group %u: %s", id,
				  strerror(-ret));
	if (l->n > 0)
		return enter_group(p, &identity, type_flags, bpf);
	return create_group(p, &identity, type_flags, bpf);
}

int ebpf_join(struct af_packet *p, uint32_t id, uint16_t type_flags)
{
	struct listing *l = calloc(1, sizeof(*l));
	int ret;

	if (!l)
		return pktio_fail(&p->ring, -ENOMEM, "out of memory");
	ret = try_join(p, id, type_flags, l);
	free(l);
	return ret;
}

int ebpf_join_program(struct af_packet *p, uint32_t id, uint16_t type_flags)
{
	struct group *g = &p->group;
	uint64_t member;
	/* The first to join attaches the program: each ring that finds the
	 * group empty does. */
	bool first = id == 0 ||
		     diag_members(p, (uint16_t)id, (uint32_t)p->ifindex,
				  &member, 1) <= 0;
	int ret = 0;

	/* A ring that is not the first may be when the interface was replaced,
	 * and has the program by then. */
	if (!g->has_program && (first || g->may_wait)) {
		ret = bpf_loader_program(p, "fanout-program",
					 p->conf->fanout_program);
		g->has_program = ret >= 0;
		g->program = ret;
	}
	if (first && !g->has_program)
		return ret;
	ret = fanout_join_kernel(p, id, type_flags);
	return ret == 0 && first ? attach(p, g->program) : ret;
}

/* ---- Members ------------------------------------------------------------- */

int ebpf_start(struct af_packet *p)
{
	struct steer_table *t;

	if (!p->group.steering)
		return 0;
	t = table_of(p);
	if (!table_lock(t))
		return -EAGAIN;
	note_link(p);
	reconcile(p);
	t->live[p->index] = 1;
	table_share_out(t);
	if (table_is_complete(t))
		__atomic_store_n(&t->complete, 1, __ATOMIC_RELEASE);
	table_unlock(t);
	return 0;
}

bool ebpf_is_complete(const struct af_packet *p)
{
	/* Who reads this also reads the buckets that were written before. */
	return !p->group.steering ||
	       __atomic_load_n(&table_of(p)->complete, __ATOMIC_ACQUIRE);
}

/* Whether the ring knows of an event that the table does not have, or the other
 * way round. */
static bool is_behind(const struct af_packet *p)
{
	return p->group.link_down || p->group.unsorted ||
	       p->group.downs !=
		       __atomic_load_n(&table_of(p)->downs, __ATOMIC_RELAXED);
}

void ebpf_tick(struct af_packet *p)
{
	struct steer_table *t;

	if (!p->group.steering || !p->group.member)
		return;
	t = table_of(p);
	if (!is_behind(p) &&
	    now_ns() - __atomic_load_n(&t->checked_at, __ATOMIC_RELAXED) <
		    CHECK_EVERY)
		return;
	/* If another ring holds the lock, this one tries again soon. */
	if (!table_lock(t))
		return;
	if (is_member(p)) {
		note_link(p);
		reconcile(p);
	}
	table_unlock(t);
}

/* ---- Leaving ------------------------------------------------------------- */

static bool lock_for_leaving(struct steer_table *t)
{
	const struct timespec ms = { 0, (long)NS_PER_MS };

	for (unsigned i = 0; i < LEAVE_TRIES; i++) {
		if (table_lock(t))
			return true;
		nanosleep(&ms, NULL);
	}
	return false;
}

int ebpf_leave(struct af_packet *p)
{
	struct steer_table *t;

	drop_loader(p);
	if (p->group.has_program)
		close(p->group.program);
	p->group.has_program = false;
	/* Without the lock, other rings find out, as if this one had crashed.
	 */
	if (!p->group.steering || p->sock < 0 || !lock_for_leaving(table_of(p)))
		return 0;
	t = table_of(p);
	if (!is_member(p)) {
		table_unlock(t);
		return 0;
	}
	/* An event that the ring did not read yet is read now: it is before
	 * the change that follows. */
	p->group.link_down |= has_error(p);
	note_link(p);
	reconcile(p);
	t->live[p->index] = 0;
	table_share_out(t);
	table_prepare_leave(t, cookie_of(p->sock));
	return 1;
}

void ebpf_left(struct af_packet *p, int locked)
{
	if (locked) {
		reconcile(p);
		table_unlock(table_of(p));
	}
	use_steering(p, NULL);
}
