/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * When a flow begins, continues, changes state and ends: the state machine of the corrected CICFlowMeter. Pure: the
 * caller finds the flow, holds its lock, and does with the answer what its side does (a ring here, a file there).
 */
#ifndef IDSD_FLOW_H
#define IDSD_FLOW_H

#include "cic.h"
#include "parse.h"
#include "wire.h"

#define FLOW_TIMEOUT_US 120000000
/*
 * A flow of so many packets is split as one of 120 s is, so that none of its counts passes 2^32: one packet adds at most
 * 2^20 segments. The sums of 64 bits have room for as many packets of 65,535 bytes.
 */
#define FLOW_PACKETS 0xfff00000u
/* How long a silent connection keeps its proof of path after its flow ended. */
#define PROOF_QUIET_US 600000000

/* Fold of the packet's key: two keys in one slot at different times are told apart by it. */
static __always_inline __u32 key_fold(const struct packet *p)
{
	__u64 words[5], fold;

	__builtin_memcpy(words, &p->key, sizeof(words));
	fold = words[0] ^ words[1] ^ words[2] << 1 ^ words[3] << 1 ^ words[4];
	return (__u32)fold ^ (__u32)(fold >> 32);
}

static __always_inline int is_backward(const struct flow *f, const struct packet *p)
{
	return p->same_address ? 0 : p->swapped != f->orientation;
}

/* Orientation of a flow that begins with this packet: a SYN-ACK comes from the server. */
static __always_inline __u8 first_orientation(const struct packet *p)
{
	if (p->protocol == PROTOCOL_TCP && (p->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | TCP_ACK))
		return !p->swapped;
	return p->swapped;
}

/*
 * Marks that follow from the packet alone: the sequence number to be acknowledged, and its acknowledgement. Of a connection
 * whose handshake was not seen, the end of the last data that went out stands for it: who sends blindly knows neither.
 */
static __always_inline void path_observe(struct flow *f, const struct packet *p)
{
	if (p->protocol != PROTOCOL_TCP || (f->marks & MARK_PATH_PROVEN))
		return;
	if (p->egress) {
		if (p->flags & TCP_SYN) {
			f->egress_isn = p->seq;
			f->marks &= (__u8) ~(MARK_EGRESS_SYN | MARK_EGRESS_SYNACK);
			f->marks |= p->flags & TCP_ACK ? MARK_EGRESS_SYNACK : MARK_EGRESS_SYN;
		} else if (f->syn == 0 && p->payload > 0 && !(p->flags & TCP_RST) && !(f->marks & MARK_EGRESS_SYN)) {
			f->egress_isn = p->seq + p->payload - 1;
			f->marks |= MARK_EGRESS_SYNACK;
		}
		return;
	}
	if (!(p->flags & TCP_ACK) || (p->flags & TCP_RST) || p->ack_seq != f->egress_isn + 1)
		return;
	if (f->marks & MARK_EGRESS_SYNACK && !(p->flags & TCP_SYN))
		f->marks |= MARK_PATH_PROVEN;
	if (f->marks & MARK_EGRESS_SYN && p->flags & TCP_SYN)
		f->marks |= MARK_PATH_PROVEN;
}

/* Clears everything but the lock. */
static __always_inline void flow_clear(struct flow *f)
{
	__u32 lock = f->lock;

	__builtin_memset(f, 0, sizeof(*f));
	f->lock = lock;
}

static __always_inline __u32 flow_packets(const struct flow *f)
{
	return f->dir[0].packets + f->dir[1].packets;
}

/* Does this packet end the flow before it is added? Returns enum end_reason. */
static __always_inline __u8 flow_ends(const struct flow *f, const struct packet *p, __u64 now_us)
{
	if ((__s64)(now_us - f->start_us) > FLOW_TIMEOUT_US || flow_packets(f) >= FLOW_PACKETS)
		return END_TIMEOUT;
	if (p->protocol == PROTOCOL_TCP) {
		if (f->state == STATE_READY && (p->flags & TCP_SYN))
			return END_SYN;
	} else if (p->protocol != PROTOCOL_UDP) {
		if (p->icmp_type != f->icmp_type && p->icmp_code != f->icmp_code)
			return END_ICMP;
	}
	return END_NONE;
}

/* What the part that just ended hands to the next one with the same key. */
struct inheritance {
	__u64 connection_us;
	__u32 egress_isn;
	__u8 orientation;
	__u8 marks;
	__u8 continues;
};

/*
 * A continuing TCP connection or UDP dialogue keeps its direction, its connection time and its proof of path.
 * `start_us` and `last_us` are absolute times of the part that ended.
 */
static __always_inline void inherit(struct inheritance *out, const struct packet *p, __u64 now_us, __u8 state,
				    __u8 orientation, __u8 marks, __u32 egress_isn, __u64 start_us, __u64 last_us,
				    __u64 connection_us)
{
	out->continues = 0;
	if (p->protocol == PROTOCOL_TCP)
		out->continues = !(state == STATE_READY && (p->flags & TCP_SYN));
	else if (p->protocol == PROTOCOL_UDP)
		out->continues = (__s64)(now_us - last_us) <= FLOW_TIMEOUT_US;
	if (out->continues) {
		out->orientation = orientation;
		out->marks = (marks & MARK_TRANSIT) | MARK_CONTINUATION;
		out->egress_isn = 0;
		/* A new attempt to connect, or one after a long silence, has to prove its path anew. */
		if (!(p->flags & TCP_SYN) && (__s64)(now_us - last_us) <= PROOF_QUIET_US) {
			out->marks |= marks & (MARK_PATH_PROVEN | MARK_EGRESS_SYN | MARK_EGRESS_SYNACK);
			out->egress_isn = egress_isn;
		}
		out->connection_us = connection_us;
		/* A clock that went back to before the part that ended adds nothing. */
		if ((__s64)(now_us - start_us) > 0)
			out->connection_us += now_us - start_us;
	} else {
		out->orientation = first_orientation(p);
		out->marks = 0;
		out->egress_isn = 0;
		out->connection_us = 0;
	}
}

/* Begins a flow in a cleared one; the packet itself is added by flow_step. `marks` as in struct inheritance. */
static __always_inline void flow_begin(struct flow *f, const struct packet *p, __u64 now_us,
				       const struct inheritance *from)
{
	f->start_us = now_us;
	f->connection_us = from->connection_us;
	f->egress_isn = from->egress_isn;
	f->orientation = from->orientation;
	f->icmp_type = p->icmp_type;
	f->icmp_code = p->icmp_code;
	f->key_fold = key_fold(p);
	f->marks = from->marks | (p->egress ? 0 : MARK_FIRST_INGRESS) |
		   (is_backward(f, p) ? MARK_FIRST_BACKWARD : 0);
}

/*
 * The flow is over for this reason, and told: the next one begins in its place with this packet, which is added by
 * flow_step. The caller gives it an id.
 */
static __always_inline void flow_renew(struct flow *f, const struct packet *p, __u64 now_us, __u32 reason)
{
	struct inheritance from = {};

	from.orientation = first_orientation(p);
	if (reason == END_TIMEOUT)
		inherit(&from, p, now_us, f->state, f->orientation, f->marks, f->egress_isn, f->start_us,
			f->start_us + f->last_us, f->connection_us);
	if (p->transit)
		from.marks |= MARK_TRANSIT;
	flow_clear(f);
	flow_begin(f, p, now_us, &from);
}

/*
 * Adds a packet. The first one does not move the TCP state. Returns 1 when the state changed.
 * Of several segments the first is the flow's first, and all but the last are without FIN.
 */
static __always_inline int flow_step(struct flow *f, const struct packet *p, __u64 now_us, int is_first)
{
	int backward = is_backward(f, p);
	__u8 before = f->state;

	path_observe(f, p);
	flow_add(f, p, now_us, backward);
	if (p->protocol != PROTOCOL_TCP)
		return 0;
	/* A FIN in the first packet is one of the two that close, though it does not move the state. */
	if (p->flags & TCP_FIN)
		f->fin_seen |= backward ? 2 : 1;
	if (is_first && p->segments == 1)
		return 0;
	if (p->flags & TCP_FIN) {
		if (p->segments > 1 && f->state == STATE_FIN2 && (p->flags & TCP_ACK))
			f->state = STATE_READY;
		if (f->state == STATE_NONE)
			f->state = STATE_FIN1;
		else if (f->state == STATE_FIN1 && f->fin_seen == 3)
			f->state = STATE_FIN2;
	} else if (p->flags & TCP_RST) {
		f->state = STATE_READY;
	} else if (p->flags & TCP_ACK) {
		if (f->state == STATE_FIN2)
			f->state = STATE_READY;
	}
	return f->state != before;
}

/*
 * Is a snapshot due after the packet that made the count `packets`, from `before`? (Segments may jump over one.) Up to 256
 * packets at growing distances; then every 256, and beyond 2,048 eight times in each doubling: the rate of a flow can be
 * read from them while it goes on, and a fast one costs few records.
 */
static __always_inline int snapshot_due(__u32 before, __u32 packets)
{
	__u32 below = packets >> 4;

	if (before < 256)
		return (before < 2 && packets >= 2) || (before < 4 && packets >= 4) || (before < 8 && packets >= 8) ||
		       (before < 16 && packets >= 16) || (before < 64 && packets >= 64) || packets >= 256;
	if (((before ^ packets) & ~255u) == 0)
		return 0;
	below |= below >> 1;
	below |= below >> 2;
	below |= below >> 4;
	below |= below >> 8;
	below |= below >> 16;
	return ((before ^ packets) & ~(below | 255)) != 0;
}

/* What is kept of a flow that has ended: its continuation takes direction and proof from it. */
static __always_inline struct tombstone tombstone_of(const struct flow *f)
{
	return (struct tombstone){
		.last_us = f->start_us + f->last_us,
		.start_us = f->start_us,
		.connection_us = f->connection_us,
		.egress_isn = f->egress_isn,
		.state = f->state,
		.orientation = f->orientation,
		.marks = f->marks,
	};
}

#endif
