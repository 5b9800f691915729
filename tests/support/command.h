/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_TESTS_COMMAND_H
#define PKTIO_TESTS_COMMAND_H

/* The command pktio, run in scratch_directory(). */

#include "support/program.h"

/* Starts the command with the words of `line`; in and out as program_setup. */
struct program *command_start(const char *line, int in, int out);
/* Starts the command, and waits until it ends. */
void command_run(struct outcome *ret, const char *line);

/* Counts the frames of a file in scratch_directory(); -1 if it is damaged. */
int command_frames(const char *name);
/* Creates a file with this number of frames of the backend gen there. */
void command_make(const char *name, unsigned frames);

#endif
