// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Adds packets to a flow that is given: what the kernel programs do with a flow in their table, also for flows that no
 * capture could bring about. Usage: step < IN > OUT
 *
 * IN: struct flow_record of an open flow, then packets: struct step and the frame.
 * OUT: the record of each flow that ended, then the record of the one that is open.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../flow.h"
#include "../parse.h"
#include "../wire.h"

struct step {
	__u64 time_us;
	__u32 bytes;	     /* of the frame */
	__u16 segment_bytes; /* 0: one packet; else payload of the segments that the network card makes of it */
	__u8 egress;
	__u8 pad;
};

static __u8 frame[1 << 20];

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "step: %s: %s\n", what, why);
	exit(1);
}

static void tell(struct flow_record *record, __u64 now_us, enum record_type type)
{
	record->header = (struct record_header){.type = type, .version = WIRE_VERSION, .length = sizeof(*record)};
	record->time_us = now_us;
	if (fwrite(record, sizeof(*record), 1, stdout) != 1)
		fail("standard output", strerror(errno));
}

/* The same steps as idsd_egress and idsd_ingress take up to account(). */
static void parse(const struct step *step, struct packet *p)
{
	struct cursor c = {frame, frame + step->bytes};

	packet_begin(p, step->bytes, step->egress);
	if (step->segment_bytes) {
		p->segments = 2;
		p->segment_bytes = step->segment_bytes;
	}
	if (parse_network(&c, p, 1) != PARSED || parse_transport(&c, p) != PARSED)
		fail("frame", "of no flow");
	if (p->segments > 1)
		p->segments = p->payload > p->segment_bytes
				      ? (p->payload + p->segment_bytes - 1) / p->segment_bytes
				      : 1;
}

/* The same steps as account() in table.h, without locks, budget and rings. */
static void account(struct flow_record *record, const struct packet *p, __u64 now_us)
{
	struct flow *f = &record->flow;
	__u8 reason = flow_ends(f, p, now_us);
	int is_first = reason != END_NONE, changed;
	__u32 before;

	if (is_first) {
		f->end_reason = reason;
		tell(record, now_us, RECORD_ENDED);
		flow_renew(f, p, now_us, reason);
	}
	before = flow_packets(f);
	changed = flow_step(f, p, now_us, is_first);
	if (is_first)
		f->seq = 1;
	else if (changed || snapshot_due(before, flow_packets(f)))
		f->seq++;
}

int main(void)
{
	struct flow_record record;
	struct step step = {};

	if (fread(&record, sizeof(record), 1, stdin) != 1)
		fail("standard input", "no flow");
	while (fread(&step, sizeof(step), 1, stdin) == 1) {
		struct packet p = {};

		if (step.bytes > sizeof(frame) || fread(frame, 1, step.bytes, stdin) != step.bytes)
			fail("standard input", "a frame cut short");
		parse(&step, &p);
		if (memcmp(&p.key, &record.key, sizeof(p.key)) != 0)
			fail("frame", "of another flow");
		account(&record, &p, step.time_us);
	}
	tell(&record, step.time_us, RECORD_SNAPSHOT);
	if (fflush(stdout))
		fail("standard output", strerror(errno));
	return 0;
}
