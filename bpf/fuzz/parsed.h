/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Of a frame a packet as the kernel programs and extract.c would take it, held against what the parser promises. */
#ifndef IDSD_FUZZ_PARSED_H
#define IDSD_FUZZ_PARSED_H

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../parse.h"
#include "check.h"
#include "frames.h"

#define MAX_SEGMENTS 64

struct parse_options {
	__u8 is_lenient;
	__u8 takes_other_protocols;
	__u8 is_egress;
	__u16 segment_bytes; /* 0: one packet */
};

/* What the parser promises of a packet that it took. */
UNTRACED static void check_packet(const struct packet *p, int is_lenient)
{
	CHECK(p->payload <= p->ip_left && p->header <= 60);
	CHECK(p->key.protocol == p->protocol);
	CHECK(memcmp(p->key.a, p->swapped ? p->dst.words : p->src.words, 16) == 0);
	CHECK(memcmp(p->key.b, p->swapped ? p->src.words : p->dst.words, 16) == 0);
	CHECK(p->same_address == (memcmp(&p->src, &p->dst, 16) == 0));
	if (!is_lenient)
		CHECK(p->payload + p->header <= p->frame_bytes);
}

/* As flow_kern.c readies it. SYN and RST have no business in a packet of several segments: no kernel makes one. */
static inline void find_segments(struct packet *p)
{
	if (p->segments == 1)
		return;
	if (p->segment_bytes < p->payload / MAX_SEGMENTS + 1)
		p->segment_bytes = p->payload / MAX_SEGMENTS + 1;
	p->segments = p->payload > p->segment_bytes ? (p->payload + p->segment_bytes - 1) / p->segment_bytes : 1;
	if (p->segments > 1)
		p->flags &= (__u8) ~(TCP_SYN | TCP_RST);
}

/* Returns what the parser says of these bytes; `exact` holds them and nothing behind. */
static inline int parse_exact(const __u8 *exact, const struct frame *frame, struct packet *p, int is_lenient)
{
	struct cursor c = {exact, exact + frame->captured};
	int outcome = parse_network(&c, p, is_lenient);

	if (outcome == PARSED)
		outcome = parse_transport(&c, p);
	CHECK(outcome == PARSED || (outcome >= 0 && outcome < UNPARSED_MAX));
	return outcome;
}

/* Returns whether a packet came of it, ready to be added to its flow. */
static inline int parse_frame(const struct frame *frame, struct packet *p, const struct parse_options *options)
{
	int outcomes[2];
	__u8 *exact = malloc(frame->captured);
	struct packet packets[2];

	CHECK(exact);
	memcpy(exact, frame->data, frame->captured);
	/* What packet_begin() leaves out is set before it is read: what was there before makes no difference. */
	for (int i = 0; i < 2; i++) {
		memset(&packets[i], i ? 0xff : 0, sizeof(packets[i]));
		packet_begin(&packets[i], frame->bytes, options->is_egress);
		if (options->segment_bytes) {
			packets[i].segments = 2;
			packets[i].segment_bytes = options->segment_bytes;
		}
		outcomes[i] = parse_exact(exact, frame, &packets[i], options->is_lenient);
	}
	free(exact);
	CHECK(outcomes[0] == outcomes[1]);
	if (outcomes[0] == UNPARSED_PROTOCOL && options->takes_other_protocols) {
		/* As extract.c takes them. */
		for (int i = 0; i < 2; i++) {
			packets[i].payload = packets[i].ip_left;
			make_key(&packets[i], 0, 0);
		}
	} else if (outcomes[0] != PARSED) {
		return 0;
	}
	CHECK(memcmp(&packets[0], &packets[1], offsetof(struct packet, ip_bytes)) == 0);
	CHECK(packets[0].ip_bytes == packets[1].ip_bytes);
	*p = packets[0];
	check_packet(p, options->is_lenient);
	find_segments(p);
	return 1;
}

#endif
