/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/expect.h"

#define MAX_WORDS 32

struct program {
	pid_t pid;
	FILE *out, *err;
};

/* Splits a line into words, in place. */
static void split(char **ret, char *line)
{
	size_t n = 0;

	while (n < MAX_WORDS - 1) {
		char end = ' ';

		line += strspn(line, " ");
		if (!*line)
			break;
		if (*line == '\'') {
			end = '\'';
			line++;
		}
		ret[n++] = line;
		line = strchr(line, end);
		if (!line)
			break;
		*line++ = '\0';
	}
	ret[n] = NULL;
}

static FILE *output_file(void)
{
	FILE *file = tmpfile();

	REQUIRE(file, "no temporary file");
	return file;
}

static void exec_program(const char *path, char **words, struct program *p,
			 const struct program_setup *setup)
{
	int in = setup->in < 0 ? open("/dev/null", O_RDONLY | O_CLOEXEC) :
				 setup->in;
	int out = setup->out < 0 ? fileno(p->out) : setup->out;

	if ((setup->directory && chdir(setup->directory) < 0) ||
	    dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(fileno(p->err), STDERR_FILENO) < 0)
		_exit(126);
	if (setup->prepare)
		setup->prepare();
	execv(path, words);
	_exit(127);
}

struct program *program_start(const char *path, const char *line,
			      const struct program_setup *setup)
{
	const char *slash = strrchr(path, '/');
	struct program *p = calloc(1, sizeof(*p));
	char *name = strdup(slash ? slash + 1 : path);
	char *copy = strdup(line);
	char *words[MAX_WORDS + 1] = { name };

	REQUIRE(p && name && copy, "out of memory");
	split(words + 1, copy);
	p->out = output_file();
	p->err = output_file();
	p->pid = fork();
	REQUIRE(p->pid >= 0, "fork");
	if (p->pid == 0)
		exec_program(path, words, p, setup);
	free(copy);
	free(name);
	return p;
}

pid_t program_pid(const struct program *p)
{
	return p->pid;
}

static size_t read_back(char *ret, FILE *file)
{
	size_t n;

	rewind(file);
	n = fread(ret, 1, PROGRAM_TEXT - 1, file);
	ret[n] = '\0';
	fclose(file);
	return n;
}

void program_finish(struct program *p, struct outcome *ret)
{
	int status;

	while (waitpid(p->pid, &status, 0) < 0)
		REQUIRE(errno == EINTR, "waitpid");
	*ret = (struct outcome){ .status = -1 };
	if (WIFEXITED(status))
		ret->status = WEXITSTATUS(status);
	else
		ret->signal = WTERMSIG(status);
	ret->out_size = read_back(ret->out, p->out);
	read_back(ret->err, p->err);
	free(p);
}
