/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What both programs that read captures write: records to standard output, counts and faults to standard error. */
#ifndef IDSD_HOST_TOLD_H
#define IDSD_HOST_TOLD_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow_table.h"

static inline void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static inline void write_out(const void *bytes, size_t size)
{
	if (fwrite_unlocked(bytes, size, 1, stdout) != 1)
		fail("standard output", strerror(errno));
}

static inline void flush_out(void)
{
	if (fflush(stdout))
		fail("standard output", strerror(errno));
}

static inline void fill_record(struct flow_record *record, const struct open_flow *open, __u64 now_us, __u8 type)
{
	record->header = (struct record_header){
		.type = type,
		.version = WIRE_VERSION,
		.length = sizeof(*record),
	};
	record->time_us = now_us;
	record->key = open->entry.key;
	record->flow = open->flow;
}

static inline void tell_unparsed(const __u64 unparsed[UNPARSED_MAX])
{
	static const char *const names[UNPARSED_MAX] = {
		"not_ip", "arp", "pppoe", "truncated", "malformed", "fragment", "protocol", "extensions",
	};

	for (int i = 0; i < UNPARSED_MAX; i++)
		fprintf(stderr, "unparsed_%s %llu\n", names[i], unparsed[i]);
}

#endif
