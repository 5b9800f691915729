/* SPDX-License-Identifier: BSD-3-Clause */
/* See bpf_module.h. */
#include "group/bpf_module.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <steer.skel.h>

/* The log of the verifier; its last lines have the reason. */
#define LOG_SIZE (UINT32_C(1) << 20)

/* Without this, libbpf prints to stderr. */
static int keep_quiet(enum libbpf_print_level level, const char *format,
		      va_list args)
{
	(void)level;
	(void)format;
	(void)args;
	return 0;
}

/* ---- Messages ---------------------------------------------------------------
 */

static int fail(struct bpf_message *message, int code, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static int fail(struct bpf_message *message, int code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(message->text, sizeof(message->text), format, args);
	va_end(args);
	return code;
}

/* Statistics, which follow the last message of the verifier. */
static bool is_statistics(const char *line)
{
	return !*line || !strncmp(line, "processed ", 10) ||
	       !strncmp(line, "verification time", 17) ||
	       !strncmp(line, "stack depth", 11);
}

/* The last message in a log; cuts the log. */
static const char *last_message(char *log)
{
	char *line = log;

	for (;;) {
		char *end = strrchr(log, '\n');

		line = end ? end + 1 : log;
		if (!is_statistics(line) || !end)
			return line;
		*end = '\0';
	}
}

static int fail_load(struct bpf_message *message, int code, const char *what,
		     char *log)
{
	const char *why = last_message(log);

	/* The kernel refused it before the verifier ran. */
	if (code == -EPERM && !*why)
		return fail(
			message, code,
			"no privilege to load it; loading takes CAP_BPF outside of user namespaces");
	if (*why)
		return fail(message, code, "%s: the verifier reports: %s", what,
			    why);
	return fail(message, code, "%s: %s", what, strerror(-code));
}

/* ---- Programs ------------------------------------------------------------ */

static int is_table(int map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &size) == 0 &&
	       info.type == BPF_MAP_TYPE_ARRAY &&
	       info.map_flags & BPF_F_MMAPABLE &&
	       info.value_size == sizeof(struct steer_table) &&
	       !strcmp(info.name, STEER_MAP_NAME);
}

static struct steer_table *map_table(int map)
{
	struct steer_table *table = mmap(NULL, sizeof(*table),
					 PROT_READ | PROT_WRITE, MAP_SHARED,
					 map, 0);

	return table == MAP_FAILED ? NULL : table;
}

static __u32 map_id(int map)
{
	struct bpf_map_info info = { 0 };
	__u32 size = sizeof(info);

	return bpf_obj_get_info_by_fd(map, &info, &size) == 0 ? info.id : 0;
}

/* The mapping and the descriptor keep what they need of the object. */
static int new_steer(struct steering_object *ret, struct bpf_message *message,
		     char *log)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .kernel_log_buf = log,
		    .kernel_log_size = LOG_SIZE);
	struct steering_object made = { NULL, -1 };
	struct steer *object = steer__open_opts(&options);
	int code = object ? steer__load(object) : -errno;

	if (code < 0) {
		code = fail_load(message, code, "the steering program", log);
	} else {
		int map = bpf_map__fd(object->maps.pktio_steer);

		made.table = map_table(map);
		made.program =
			fcntl(bpf_program__fd(object->progs.pktio_steer_frame),
			      F_DUPFD_CLOEXEC, 0);
		if (!made.table || made.program < 0)
			code = fail(message, -errno, "cannot map its table: %s",
				    strerror(errno));
		else
			made.table->id = map_id(map);
	}
	steer__destroy(object);
	if (code >= 0) {
		*ret = made;
		return 0;
	}
	if (made.table)
		munmap(made.table, sizeof(*made.table));
	if (made.program >= 0)
		close(made.program);
	return code;
}

static int steer(struct steering_object *ret, struct bpf_message *message)
{
	libbpf_print_fn_t before = libbpf_set_print(keep_quiet);
	char *log = calloc(1, LOG_SIZE);
	int code = log ? new_steer(ret, message, log) :
			 fail(message, -ENOMEM, "out of memory");

	free(log);
	libbpf_set_print(before);
	return code;
}

static bool uses_map(int program, __u32 map)
{
	__u32 maps[8] = { 0 };
	struct bpf_prog_info info = { .nr_map_ids = 8 };
	__u32 size = sizeof(info);

	info.map_ids = (uintptr_t)maps;
	if (bpf_obj_get_info_by_fd(program, &info, &size) < 0 ||
	    info.type != BPF_PROG_TYPE_SOCKET_FILTER)
		return false;
	for (__u32 i = 0; i < info.nr_map_ids && i < 8; i++)
		if (maps[i] == map)
			return true;
	return false;
}

/* The program of a table; -1: it ended meanwhile. */
static int find_program(__u32 map)
{
	__u32 id = 0;

	while (bpf_prog_get_next_id(id, &id) == 0) {
		int program = bpf_prog_get_fd_by_id(id);

		if (program >= 0 && uses_map(program, map))
			return program;
		if (program >= 0)
			close(program);
	}
	return -1;
}

static int find(bool (*visit)(struct steer_table *table, void *arg), void *arg,
		struct steering_object *ret, struct bpf_message *message)
{
	__u32 id = 0;

	while (bpf_map_get_next_id(id, &id) == 0) {
		struct steer_table *table = NULL;
		int map = bpf_map_get_fd_by_id(id);

		if (map >= 0 && is_table(map))
			table = map_table(map);
		if (map >= 0)
			close(map);
		if (table && visit(table, arg)) {
			*ret = (struct steering_object){ table,
							 find_program(id) };
			return 0;
		}
		if (table)
			munmap(table, sizeof(*table));
	}
	return errno == EPERM ?
		       fail(message, -EPERM,
			    "finding the table of another process takes CAP_SYS_ADMIN") :
		       fail(message, -ENOENT, "no process has a table of it");
}

/* ---- Object files -------------------------------------------------------- */

/* Selects the program of that name, or the first one, as a socket filter. */
static struct bpf_program *choose(struct bpf_object *object, const char *name)
{
	struct bpf_program *chosen = NULL;
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
	{
		bool is_it =
			!name ||
			!strcmp(name, bpf_program__section_name(program)) ||
			!strcmp(name, bpf_program__name(program));

		bpf_program__set_autoload(program, is_it && !chosen);
		if (is_it && !chosen) {
			bpf_program__set_type(program,
					      BPF_PROG_TYPE_SOCKET_FILTER);
			chosen = program;
		}
	}
	return chosen;
}

static int load_from(const char *file, const char *name,
		     struct bpf_message *message, char *log)
{
	LIBBPF_OPTS(bpf_object_open_opts, options, .kernel_log_buf = log,
		    .kernel_log_size = LOG_SIZE);
	struct bpf_object *object = bpf_object__open_file(file, &options);
	struct bpf_program *program;
	int code;

	/* libbpf has its own error numbers for invalid files. */
	if (!object && errno < LIBBPF_ERRNO__LIBELF)
		return fail(message, -errno, "'%s': %s", file, strerror(errno));
	if (!object)
		return fail(message, -EINVAL, "'%s' is not an eBPF object file",
			    file);
	program = choose(object, name);
	if (!program)
		code = fail(message, -ENOENT,
			    "'%s' has no program, section or function, '%s'",
			    file, name ? name : "");
	else
		code = bpf_object__load(object);
	if (program && code < 0)
		code = fail_load(message, code, file, log);
	if (code == 0) {
		code = fcntl(bpf_program__fd(program), F_DUPFD_CLOEXEC, 0);
		if (code < 0)
			code = fail(message, -errno, "%s", strerror(errno));
	}
	bpf_object__close(object);
	return code;
}

static int load_named(const char *file, struct bpf_message *message, char *log)
{
	const char *colon = strrchr(file, ':');
	char *path;
	int code;

	/* A file name may contain a colon. */
	if (!colon || access(file, F_OK) == 0)
		return load_from(file, NULL, message, log);
	path = strndup(file, (size_t)(colon - file));
	if (!path)
		return fail(message, -ENOMEM, "out of memory");
	code = load_from(path, colon + 1, message, log);
	free(path);
	return code;
}

static int load(const char *file, struct bpf_message *message)
{
	libbpf_print_fn_t before = libbpf_set_print(keep_quiet);
	char *log = calloc(1, LOG_SIZE);
	int code = log ? load_named(file, message, log) :
			 fail(message, -ENOMEM, "out of memory");

	free(log);
	libbpf_set_print(before);
	return code;
}

extern __attribute__((visibility("default")))
const struct af_packet_bpf pktio_af_packet_bpf;

const struct af_packet_bpf pktio_af_packet_bpf = {
	.version = AF_PACKET_BPF_VERSION,
	.steer = steer,
	.find = find,
	.load = load,
};
