/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The backends: a constant array of the built-in ones, and a list of those that
 * were loaded from shared objects. Nothing is ever removed from the list, so
 * reading needs no lock.
 */
#include "registry.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opt.h"
#include "sized.h"
#include "util/error.h"
#include "util/nearest.h"

struct loaded {
	const struct pktio_backend *backend;
	struct loaded *next;
};

static struct loaded *loaded_first;
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

/* Pairs with the release in append(): the entry is complete. */
static struct loaded *list_next(struct loaded *const *link)
{
	return __atomic_load_n(link, __ATOMIC_ACQUIRE);
}

/* Finds a backend that is built in or was loaded. */
static const struct pktio_backend *find_present(const char *name)
{
	for (const struct pktio_backend *const *b = backends_builtin; *b; b++)
		if (!strcmp((*b)->name, name))
			return *b;
	for (struct loaded *l = list_next(&loaded_first); l;
	     l = list_next(&l->next))
		if (!strcmp(l->backend->name, name))
			return l->backend;
	return NULL;
}

/* The caller holds the lock. */
static int append(const struct pktio_backend *b)
{
	struct loaded **link = &loaded_first;
	struct loaded *l = malloc(sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct loaded){ .backend = b };
	while (*link)
		link = &(*link)->next;
	__atomic_store_n(link, l, __ATOMIC_RELEASE);
	return 0;
}

static int check_abi(const struct pktio_backend *b, const char *path,
		     struct pktio_error *reterr)
{
	static const struct pktio_backend here = { PKTIO_BACKEND_SIZES };

	if (b->abi != here.abi)
		return error_set(
			reterr, -EPROTO,
			"'%s' is built for backend ABI %u, this library has %u; rebuild it against pktio %s",
			path, b->abi, here.abi, pktio_version());
	if (b->backend_size != here.backend_size ||
	    b->ring_size != here.ring_size ||
	    b->frame_size != here.frame_size || b->opt_size != here.opt_size)
		return error_set(
			reterr, -EPROTO,
			"'%s' has structs of other sizes than this library; rebuild it against pktio %s",
			path, pktio_version());
	return 0;
}

static int check_backend(const struct pktio_backend *b, const char *path,
			 struct pktio_error *reterr)
{
	struct opt_parser parser;
	size_t nopts = 0;
	void *conf;
	int r;

	if (!b->name || !*b->name || !b->doc || !b->modes || !b->open ||
	    !b->close || !b->recv || !b->release ||
	    b->handle_size < sizeof(struct pktio_ring))
		return error_set(
			reterr, -ENOEXEC,
			"'%s' is an incomplete backend: it needs a name, doc, modes, handle_size, open, close, recv and release",
			path);
	while (b->opts && b->opts[nopts].name)
		nopts++;
	if (nopts > OPT_MAX)
		return error_set(reterr, -ENOEXEC,
				 "'%s' has %zu options; the maximum is %d",
				 path, nopts, OPT_MAX);
	conf = calloc(1, b->conf_size + 1);
	if (!conf)
		return error_set(reterr, -ENOMEM, "out of memory");
	r = opt_begin(&parser, b, conf, reterr);
	free(conf);
	return r;
}

static int load(const char *path, struct pktio_error *reterr)
{
	const struct pktio_backend *b;
	const struct pktio_backend *present;
	void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	int r;

	if (!object)
		return error_set(reterr, -ENOEXEC, "cannot load '%s': %s", path,
				 dlerror());
	b = dlsym(object, PKTIO_BACKEND_SYMBOL);
	if (!b) {
		r = error_set(
			reterr, -ENOEXEC,
			"'%s' is not a backend: it has no symbol " PKTIO_BACKEND_SYMBOL,
			path);
		goto fail;
	}
	r = check_abi(b, path, reterr);
	if (r == 0)
		r = check_backend(b, path, reterr);
	if (r < 0)
		goto fail;
	present = find_present(b->name);
	if (present == b) {
		dlclose(object); /* loaded before */
		return 0;
	}
	if (present)
		r = error_set(
			reterr, -EEXIST,
			"'%s' contains a backend '%s', but another backend has this name",
			path, b->name);
	else
		r = append(b);
	if (r == 0)
		return 0;
fail:
	dlclose(object);
	return r;
}

int pktio_backend_load(const char *path, struct pktio_error *reterr)
{
	char absolute[PATH_MAX];
	int r;

	/* dlopen() searches other directories for a name without a slash. */
	if (!realpath(path, absolute))
		return error_set(reterr, -errno, "cannot load '%s': %s", path,
				 strerror(errno));
	pthread_mutex_lock(&loading);
	r = load(absolute, reterr);
	pthread_mutex_unlock(&loading);
	return r;
}

/* The directory beside the library, wherever that is installed. */
static void module_directory(char *ret, size_t size)
{
	Dl_info info;
	const char *slash = NULL;

	snprintf(ret, size, "%s", PKTIO_MODULE_DIR);
	if (PKTIO_SHARED && dladdr(&loaded_first, &info) && info.dli_fname)
		slash = strrchr(info.dli_fname, '/');
	if (slash)
		snprintf(ret, size, "%.*s/pktio", (int)(slash - info.dli_fname),
			 info.dli_fname);
}

/* Calls `visit` with each directory until it returns non-zero. */
static int each_directory(int (*visit)(const char *directory, void *arg),
			  void *arg)
{
	const char *path = secure_getenv("PKTIO_BACKEND_PATH");
	char directory[PATH_MAX];
	int r = 0;

	while (!r && path && *path) {
		size_t len = strcspn(path, ":");

		snprintf(directory, sizeof(directory), "%.*s", (int)len, path);
		if (len > 0)
			r = visit(directory, arg);
		path += len + (path[len] == ':');
	}
	if (r)
		return r;
	module_directory(directory, sizeof(directory));
	return visit(directory, arg);
}

struct wanted {
	const char *name;
	struct pktio_error *reterr;
};

static int load_wanted(const char *directory, void *arg)
{
	const struct wanted *wanted = arg;
	char *path;
	int r;

	if (asprintf(&path, "%s/%s.so", directory, wanted->name) < 0)
		return error_set(wanted->reterr, -ENOMEM, "out of memory");
	r = pktio_backend_load(path, wanted->reterr);
	free(path);
	return r == -ENOENT || r == -ENOTDIR ? 0 : r < 0 ? r : 1;
}

/* True for a name that cannot leave the module directories. */
static int is_name(const char *name)
{
	return *name && name[strspn(name, "abcdefghijklmnopqrstuvwxyz"
					  "0123456789_-")] == '\0';
}

const struct pktio_backend *registry_find(const char *name,
					  struct pktio_error *reterr)
{
	struct wanted wanted = { name, reterr };
	const struct pktio_backend *b = find_present(name);
	const char *names[OPT_MAX];
	const char *nearest;
	size_t n = 0;

	if (b)
		return b;
	if (is_name(name) && each_directory(load_wanted, &wanted) < 0)
		return NULL;
	b = find_present(name);
	if (b)
		return b;
	while (n < OPT_MAX && (b = pktio_backend_next(b)))
		names[n++] = b->name;
	nearest = nearest_name(name, names, n);
	if (nearest)
		error_set(reterr, -ENOENT,
			  "no backend '%s'; did you mean '%s'?", name, nearest);
	else
		error_set(reterr, -ENOENT, "no backend '%s'", name);
	return NULL;
}

static int load_all(const char *directory, void *arg)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	char *path;

	(void)arg;
	while (dir && (entry = readdir(dir))) {
		const char *end = strrchr(entry->d_name, '.');

		if (!end || strcmp(end, ".so") != 0 ||
		    asprintf(&path, "%s/%s", directory, entry->d_name) < 0)
			continue;
		pktio_backend_load(path, NULL);
		free(path);
	}
	if (dir)
		closedir(dir);
	return 0;
}

static void scan_directories(void)
{
	each_directory(load_all, NULL);
}

static const struct pktio_backend *backend_of(const struct loaded *l)
{
	return l ? l->backend : NULL;
}

const struct pktio_backend *pktio_backend_next(const struct pktio_backend *b)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const struct pktio_backend *const *builtin = backends_builtin;
	struct loaded *l;

	pthread_once(&once, scan_directories);
	if (!b && *builtin)
		return *builtin;
	l = list_next(&loaded_first);
	for (; *builtin; builtin++)
		if (*builtin == b)
			return builtin[1] ? builtin[1] : backend_of(l);
	if (!b)
		return backend_of(l);
	while (l && l->backend != b)
		l = list_next(&l->next);
	return l ? backend_of(list_next(&l->next)) : NULL;
}

const struct pktio_backend *pktio_backend_find(const char *name)
{
	return registry_find(name, NULL);
}

const char *pktio_backend_name(const struct pktio_backend *b)
{
	return b->name;
}

const char *pktio_backend_doc(const struct pktio_backend *b)
{
	return b->doc;
}

int pktio_backend_opt(const struct pktio_backend *b, unsigned index,
		      struct pktio_opt *ret)
{
	const struct pktio_opt_decl *o = b->opts;
	struct pktio_opt opt;

	for (unsigned i = 0; o && o->name && i < index; i++)
		o++;
	if (!o || !o->name)
		return -ENOENT;
	opt = (struct pktio_opt){ .name = o->name,
				  .doc = o->doc,
				  .initial = o->initial,
				  .type = o->type,
				  .flags = o->flags,
				  .min = o->min,
				  .max = o->max,
				  .values = o->values };
	return sized_copy(ret, ret->size, &opt, sizeof(opt));
}
