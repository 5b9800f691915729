/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKTIO_PCAP_FILE_REPLAY_H
#define PKTIO_PCAP_FILE_REPLAY_H

/* A selected part of a file, several times, at its own pace. */
#include <stdbool.h>

#include <pktio/backend.h>

#include "replay_parse.h"

/* Reads a file by the options of pcap_file, and replays it. */
extern const struct pktio_backend replay_backend;

/* replay_wanted - whether an option is set that needs replay_backend */
bool replay_wanted(const struct replay_conf *conf);

#endif
