/* SPDX-License-Identifier: BSD-3-Clause */
#include "group/table.h"

#include <errno.h>
#include <string.h>

#include <pthread.h>

_Static_assert(sizeof(pthread_mutex_t) <=
		       sizeof(((struct steer_table *)0)->lock),
	       "the lock fits");

/* ---- The lock ------------------------------------------------------------ */

static pthread_mutex_t *mutex_of(struct steer_table *t)
{
	return (void *)t->lock;
}

int table_init_lock(struct steer_table *t)
{
	pthread_mutexattr_t attributes;
	int error;

	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
	error = pthread_mutex_init(mutex_of(t), &attributes);
	pthread_mutexattr_destroy(&attributes);
	return -error;
}

/* Never pthread_mutex_lock(): the kernel has no futex on the memory of a map.
 */
bool table_lock(struct steer_table *t)
{
	int error = pthread_mutex_trylock(mutex_of(t));

	if (error == EOWNERDEAD) {
		pthread_mutex_consistent(mutex_of(t));
		/* The owner may have died half way through this. */
		table_share_out(t);
		return true;
	}
	return error == 0;
}

void table_unlock(struct steer_table *t)
{
	pthread_mutex_unlock(mutex_of(t));
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

/* The rings side by side, each as wide as its weight. */
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
			 uint32_t bucket)
{
	uint64_t total = s->end[s->count - 1];
	uint32_t ring = share_at(s, bucket * total / STEER_BUCKETS);

	for (uint64_t draw = 0; draw < STEER_RINGS && !t->live[ring]; draw++)
		ring = share_at(s, (mix((uint64_t)bucket << 32 | draw) >> 32) *
						   total >>
					   32);
	/* If very few rings are left, the draws may have found none. */
	for (uint32_t i = 0; i < t->count && !t->live[ring]; i++)
		ring = i;
	return ring;
}

void table_share_out(struct steer_table *t)
{
	struct shares s = { .count = t->count };
	uint32_t end = 0;

	/* Without a ring there is no owner. The next ring shares out again. */
	if (t->count == 0 || !memchr(t->live, 1, t->count))
		return;
	for (uint32_t i = 0; i < t->count; i++) {
		end += t->weights[i];
		s.end[i] = end;
	}
	for (uint32_t bucket = 0; bucket < STEER_BUCKETS; bucket++) {
		uint16_t owner = (uint16_t)owner_of(t, &s, bucket);

		__atomic_store_n(&t->buckets[bucket], owner, __ATOMIC_RELAXED);
	}
}

bool table_is_complete(const struct steer_table *t)
{
	for (uint32_t i = 0; i < t->count; i++)
		if (!t->live[i])
			return false;
	return true;
}

/* ---- Members ------------------------------------------------------------- */

bool listing_has(const struct listing *l, uint64_t cookie)
{
	for (unsigned i = 0; i < l->n; i++)
		if (l->cookies[i] == cookie)
			return true;
	return false;
}

void table_clear(struct steer_table *t)
{
	__atomic_store_n(&t->state, STEER_FREE, __ATOMIC_RELAXED);
	t->nmembers = 0;
	t->complete = 0;
	t->downs = 0;
	memset(t->live, 0, sizeof(t->live));
}

static void set_position(struct steer_table *t, const struct steer_member *m,
			 uint32_t position)
{
	if (m->ring < STEER_RINGS)
		__atomic_store_n(&t->position[m->ring], position,
				 __ATOMIC_RELAXED);
}

uint32_t table_find(const struct steer_table *t, uint64_t cookie)
{
	uint32_t i = 0;

	while (i < t->nmembers && t->members[i].cookie != cookie)
		i++;
	return i;
}

void table_add(struct steer_table *t, uint64_t cookie, uint32_t ring)
{
	struct steer_member m = { .cookie = cookie,
				  .ring = ring,
				  .downs = t->downs };

	if (t->nmembers < STEER_MEMBERS)
		t->members[t->nmembers++] = m;
}

/* As the kernel does it. If several left at once, the last to join was the
 * first: a process that ends closes its descriptors in that order. */
static void remove_dead(struct steer_table *t, const struct listing *l)
{
	for (uint32_t i = t->nmembers; i-- > 0;)
		if (!listing_has(l, t->members[i].cookie))
			t->members[i] = t->members[--t->nmembers];
}

static void sort_members(struct steer_table *t, const struct listing *l)
{
	uint32_t sorted = 0;

	for (unsigned i = 0; i < l->n; i++) {
		uint32_t at = table_find(t, l->cookies[i]);
		struct steer_member m;

		if (at >= t->nmembers)
			continue;
		m = t->members[at];
		t->members[at] = t->members[sorted];
		t->members[sorted++] = m;
	}
}

bool table_has_ring(const struct steer_table *t, uint32_t ring)
{
	for (uint32_t i = 0; i < t->nmembers; i++)
		if (t->members[i].ring == ring)
			return true;
	return false;
}

/* Rings without a socket lose their buckets. True: there were such. */
static bool mark_dead(struct steer_table *t)
{
	bool changed = false;

	for (uint32_t i = 0; i < t->count; i++) {
		if (!t->live[i] || table_has_ring(t, i))
			continue;
		t->live[i] = 0;
		changed = true;
	}
	return changed;
}

void table_reconcile(struct steer_table *t, const struct listing *l,
		     bool sorted)
{
	remove_dead(t, l);
	for (unsigned i = 0; i < l->n; i++)
		if (table_find(t, l->cookies[i]) >= t->nmembers)
			table_add(t, l->cookies[i], STEER_OTHER);
	if (sorted)
		sort_members(t, l);
	for (uint32_t i = 0; i < t->nmembers; i++)
		set_position(t, &t->members[i], i);
	if (mark_dead(t))
		table_share_out(t);
}

void table_prepare_leave(struct steer_table *t, uint64_t cookie)
{
	uint32_t at = table_find(t, cookie);
	uint32_t n = t->nmembers;

	if (at + 1 < n)
		set_position(t, &t->members[n - 1], n - 1 + at * n);
}

bool table_link_down(struct steer_table *t, uint64_t cookie, bool reported,
		     bool pending)
{
	uint32_t at = table_find(t, cookie);
	struct steer_member *m = &t->members[at];
	bool first;

	if (at >= t->nmembers || (pending && !reported))
		return false;
	/* A member that had no error since the last event reports a new one. */
	first = reported && m->downs == t->downs;
	if (first)
		__atomic_store_n(&t->downs, t->downs + 1, __ATOMIC_RELAXED);
	m->downs = t->downs;
	return first;
}
