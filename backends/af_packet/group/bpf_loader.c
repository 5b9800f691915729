/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds and loads the module of bpf_module.h, and reports its errors. */
#include "group/bpf_loader.h"

#include "af_packet.h"
#include "group/bpf_module.h"

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODULE "af_packet/bpf.so"

/* Loaded once. A module that is missing may be installed later, so each call
 * searches again. */
static const struct af_packet_bpf *module;
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static const struct af_packet_bpf *load_module(const char *path,
					       struct bpf_message *message)
{
	const struct af_packet_bpf *found;
	void *object;

	if (access(path, F_OK) < 0)
		return NULL;
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	found = object ? dlsym(object, AF_PACKET_BPF_SYMBOL) : NULL;
	if (found && found->version == AF_PACKET_BPF_VERSION)
		return found;
	snprintf(message->text, sizeof(message->text), "%s",
		 object ? "the module is of another version of the library" :
			  dlerror());
	if (object)
		dlclose(object);
	return NULL;
}

static const struct af_packet_bpf *load_from(const char *directory, size_t len,
					     struct bpf_message *message)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%.*s/" MODULE, (int)len, directory);
	return len > 0 ? load_module(path, message) : NULL;
}

/* Like backends: first in PKTIO_BACKEND_PATH, then beside the shared library,
 * or in the installed directory if the library is an archive. */
static const struct af_packet_bpf *search(struct bpf_message *message)
{
	const char *list = secure_getenv("PKTIO_BACKEND_PATH");
	const struct af_packet_bpf *found = NULL;
	char beside[PATH_MAX] = PKTIO_MODULE_DIR;
	const char *slash = NULL;
	Dl_info info;

	while (!found && list && *list) {
		size_t len = strcspn(list, ":");

		found = load_from(list, len, message);
		list += len + (list[len] == ':');
	}
	if (PKTIO_SHARED && dladdr(&loading, &info) && info.dli_fname)
		slash = strrchr(info.dli_fname, '/');
	if (slash)
		snprintf(beside, sizeof(beside), "%.*s/pktio",
			 (int)(slash - info.dli_fname), info.dli_fname);
	return found ? found : load_from(beside, strlen(beside), message);
}

static const struct af_packet_bpf *find_module(struct bpf_message *message)
{
	const struct af_packet_bpf *found;

	pthread_mutex_lock(&loading);
	if (!module)
		module = search(message);
	found = module;
	pthread_mutex_unlock(&loading);
	return found;
}

const struct af_packet_bpf *bpf_loader_module(struct af_packet *p, int *ret)
{
	struct bpf_message message = {
		"the module is not there; building it takes clang, bpftool and libbpf-dev"
	};
	const struct af_packet_bpf *bpf = find_module(&message);

	*ret = 0;
	if (!bpf)
		*ret = pktio_fail(&p->ring, -ENOTSUP,
				  "eBPF needs module pktio/" MODULE
				  " and libbpf.so.1: %s",
				  message.text);
	return bpf;
}

int bpf_loader_program(struct af_packet *p, const char *option,
		       const char *file)
{
	struct bpf_message message = { "" };
	int ret;
	const struct af_packet_bpf *bpf = bpf_loader_module(p, &ret);

	if (!bpf)
		return ret;
	ret = bpf->load(file, &message);
	return ret < 0 ? pktio_fail(&p->ring, ret, "%s: %s", option,
				    message.text) :
			 ret;
}
