/* SPDX-License-Identifier: BSD-3-Clause */
#include "support/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pktio/pktio.h>

#include "support/expect.h"
#include "support/files.h"

#define MOST_WORDS 32

struct command {
	pid_t pid;
	FILE *out, *err;
};

/* ---- Frames ------------------------------------------------------------- */

int command_frames(const char *name)
{
	struct pktio_frame frames[64];
	struct pktio_ring *ring = NULL;
	char uri[192];
	int total = 0;
	int n;

	snprintf(uri, sizeof(uri), "pcap_file:%s", scratch(name));
	if (pktio_open(&ring, uri, NULL, NULL) < 0)
		return -1;
	while ((n = pktio_recv(ring, frames, 64)) > 0) {
		total += n;
		pktio_release(ring, frames, (unsigned)n);
	}
	pktio_close(ring);
	return n == PKTIO_EOF ? total : -1;
}

void command_make(const char *name, unsigned frames)
{
	struct outcome o;
	char line[128];

	snprintf(line, sizeof(line), "copy -q gen:?count=%u ./%s", frames,
		 name);
	command_run(&o, line);
	REQUIRE(o.status == 0 && !*o.err, "%s: %s", line, o.err);
}

/* ---- Running it --------------------------------------------------------- */

/* Splits a line into words, in place. */
static void split(char **ret, char *line)
{
	static char name[] = "pktio";
	size_t n = 0;

	ret[n++] = name;
	while (n < MOST_WORDS - 1) {
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

static void exec_command(char **words, const char *directory, int in, int out,
			 int err)
{
	if (in < 0)
		in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (chdir(directory) < 0 || dup2(in, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(126);
	execv(CLI_PROGRAM, words);
	_exit(127);
}

struct command *command_start(const char *line, int in, int out)
{
	struct command *c = calloc(1, sizeof(*c));
	const char *directory = scratch_directory();
	char *copy = strdup(line);
	char *words[MOST_WORDS];

	REQUIRE(c && copy, "out of memory");
	split(words, copy);
	c->out = output_file();
	c->err = output_file();
	c->pid = fork();
	REQUIRE(c->pid >= 0, "fork");
	if (c->pid == 0)
		exec_command(words, directory, in,
			     out < 0 ? fileno(c->out) : out, fileno(c->err));
	free(copy);
	return c;
}

pid_t command_pid(const struct command *c)
{
	return c->pid;
}

static size_t read_back(char *ret, FILE *file)
{
	size_t n;

	rewind(file);
	n = fread(ret, 1, COMMAND_TEXT - 1, file);
	ret[n] = '\0';
	fclose(file);
	return n;
}

void command_finish(struct command *c, struct outcome *ret)
{
	int status;

	while (waitpid(c->pid, &status, 0) < 0)
		REQUIRE(errno == EINTR, "waitpid");
	*ret = (struct outcome){ .status = -1 };
	if (WIFEXITED(status))
		ret->status = WEXITSTATUS(status);
	else
		ret->signal = WTERMSIG(status);
	ret->out_size = read_back(ret->out, c->out);
	read_back(ret->err, c->err);
	free(c);
}

void command_run(struct outcome *ret, const char *line)
{
	command_finish(command_start(line, -1, -1), ret);
}
