/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* What is true of every flow after every packet, whatever the packets were. */
#ifndef IDSD_FUZZ_INVARIANTS_H
#define IDSD_FUZZ_INVARIANTS_H

#include "../flow.h"
#include "../wire.h"
#include "check.h"

typedef unsigned __int128 wide;

/* `count` values between `min` and `max` whose sum and sum of squares are these. */
static inline void check_moments(__u64 count, __u64 sum, __u64 sq, __u64 min, __u64 max)
{
	CHECK(min <= max);
	CHECK((wide)min * count <= sum && sum <= (wide)max * count);
	/* No sum of squares is below that of equal values (Cauchy and Schwarz), or above that of the largest. */
	CHECK((wide)sum * sum <= (wide)count * sq);
	CHECK(sq <= (wide)max * sum);
	CHECK(sq >= (wide)max * max);
}

/* The gaps of `packets` packets that span `span_us`. */
static inline void check_gaps(__u64 packets, __u64 span_us, __u64 sq, __u32 min, __u32 max)
{
	if (packets > 1)
		check_moments(packets - 1, span_us, sq, min, max);
	else
		CHECK(span_us == 0 && sq == 0 && max == 0);
}

static inline void check_direction(const struct flow *f, const struct direction *d, __u8 protocol)
{
	static const struct direction empty;

	if (d->packets == 0) {
		CHECK(memcmp(d, &empty, sizeof(*d)) == 0);
		return;
	}
	check_moments(d->packets, d->bytes, d->bytes_sq, d->len_min, d->len_max);
	CHECK(d->first_us <= d->last_us && d->last_us <= f->last_us);
	check_gaps(d->packets, d->last_us - d->first_us, d->iat_sq, d->iat_min, d->iat_max);
	/* The gaps of a direction are sums of gaps of the flow. */
	CHECK(d->packets == 1 || d->iat_min >= f->iat_min);
	CHECK(d->data_packets <= d->packets && (d->data_packets > 0) == (d->bytes > 0));
	CHECK((d->data_packets == d->packets) == (d->len_min > 0));
	CHECK(d->psh <= d->packets && d->urg <= d->packets && d->rst <= d->packets);
	if (protocol == PROTOCOL_TCP) {
		CHECK(d->seg_min >= 20 && d->seg_min <= 60);
		CHECK(d->header_bytes >= (wide)d->seg_min * d->packets && d->header_bytes <= (wide)60 * d->packets);
	} else {
		CHECK(d->seg_min == (protocol == PROTOCOL_UDP ? 8 : 0));
		CHECK(d->header_bytes == (wide)d->seg_min * d->packets);
		CHECK(d->psh == 0 && d->urg == 0 && d->rst == 0 && d->init_win == 0);
	}
}

static inline void check_bulk(const struct flow *f, const struct bulk *b, const struct direction *d)
{
	CHECK(b->pad == 0);
	CHECK(b->packets >= (wide)BULK_PACKETS * b->count && (b->packets > 0) == (b->count > 0));
	CHECK(b->packets <= d->data_packets && b->run_packets <= d->data_packets);
	CHECK(b->size >= b->packets && b->size <= d->bytes);
	CHECK(b->duration_us <= f->last_us && b->last_us <= f->last_us + 1);
	CHECK(b->start_us <= b->last_us);
}

static inline void check_periods(const struct periods *p)
{
	if (p->count)
		check_moments(p->count, p->sum, p->sq, p->min, p->max);
	else
		CHECK(p->sum == 0 && p->sq == 0 && p->max == 0);
}

static inline void check_activity(const struct flow *f)
{
	check_periods(&f->active);
	check_periods(&f->idle);
	CHECK((wide)f->idle.count * ACTIVITY_GAP_US <= f->idle.sum);
	CHECK(f->idle.count == 0 || (f->idle.min > ACTIVITY_GAP_US && f->idle.max == f->iat_max));
	CHECK((f->idle.count > 0) == (f->iat_max > ACTIVITY_GAP_US));
	CHECK(f->active.count <= f->idle.count && f->idle.count <= f->gaps);
	/* What is active and what is idle lie end to end up to where the present activity began. */
	CHECK((__u64)f->active.sum + f->idle.sum == f->active_start_us && f->active_start_us <= f->last_us);
	CHECK((wide)f->gaps * SUBFLOW_GAP_US <= f->last_us && (f->gaps > 0) == (f->iat_max > SUBFLOW_GAP_US));
}

static inline void check_state(const struct flow *f, __u8 protocol)
{
	__u32 packets = flow_packets(f);
	__u32 resets = f->dir[0].rst + f->dir[1].rst;

	CHECK(f->orientation <= 1 && f->fin_seen <= 3 && f->state <= STATE_READY && f->pad == 0);
	CHECK(!(f->marks & MARK_DEAD));
	CHECK(f->fin <= packets && f->syn <= packets && f->ack <= packets && f->ece <= packets && f->cwr <= packets);
	if (protocol != PROTOCOL_TCP) {
		CHECK(f->state == STATE_NONE && f->fin_seen == 0);
		CHECK((f->fin | f->syn | f->ack | f->ece | f->cwr) == 0 && !(f->marks & MARK_PATH_PROVEN));
		return;
	}
	CHECK((f->fin_seen != 0) == (f->fin != 0));
	CHECK(f->fin_seen != 3 || f->fin >= 2);
	CHECK(f->state != STATE_FIN1 || f->fin >= 1);
	CHECK(f->state != STATE_FIN2 || f->fin_seen == 3);
	CHECK(f->state != STATE_READY || resets >= 1 || f->fin_seen == 3);
}

/* The smaller end stands first, and nothing but the ends and the protocol is in a key. */
static inline void check_key(const struct flow_key *key)
{
	wide a, b;

	memcpy(&a, key->a, 16);
	memcpy(&b, key->b, 16);
	CHECK(a < b || (a == b && key->port_a <= key->port_b));
	CHECK((key->pad[0] | key->pad[1] | key->pad[2]) == 0);
	if (key->protocol != PROTOCOL_TCP && key->protocol != PROTOCOL_UDP)
		CHECK(key->port_a == 0 && key->port_b == 0);
}

UNTRACED static void check_flow(const struct flow_key *key, const struct flow *f)
{
	__u64 packets = (__u64)f->dir[0].packets + f->dir[1].packets;
	__u32 last_us = 0;

	check_key(key);
	CHECK(packets >= 1);
	CHECK(f->last_us <= FLOW_TIMEOUT_US);
	check_gaps(packets, f->last_us, f->iat_sq, f->iat_min, f->iat_max);
	for (int i = 0; i < 2; i++) {
		check_direction(f, &f->dir[i], key->protocol);
		check_bulk(f, &f->bulk[i], &f->dir[i]);
		if (f->dir[i].packets && f->dir[i].last_us > last_us)
			last_us = f->dir[i].last_us;
	}
	CHECK(last_us == f->last_us);
	CHECK((f->dir[0].packets && f->dir[0].first_us == 0) || (f->dir[1].packets && f->dir[1].first_us == 0));
	check_activity(f);
	check_state(f, key->protocol);
	/* A part of a connection has a past only when it continues one, and never one of before time began. */
	CHECK(f->connection_us == 0 || f->marks & MARK_CONTINUATION);
	CHECK(f->connection_us < 1ull << 62);
}

#endif
