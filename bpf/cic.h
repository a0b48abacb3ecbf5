/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * CICFlowMeter accumulators: what one packet adds to a flow. Integers and microseconds only; user space divides.
 * Every gap fits 32 bits, because a flow is split at 120 s (flow.h).
 */
#ifndef IDSD_CIC_H
#define IDSD_CIC_H

#include "parse.h"
#include "wire.h"

#define BULK_GAP_US 1000000
#define SUBFLOW_GAP_US 1000000
#define ACTIVITY_GAP_US 5000000
#define BULK_PACKETS 4

/* TCP flags that most packets do not carry: all but PSH and ACK. */
#define RARE_FLAGS 0xe7

static __always_inline void periods_add(struct periods *periods, __u32 us)
{
	if (periods->count == 0 || us < periods->min)
		periods->min = us;
	if (us > periods->max)
		periods->max = us;
	periods->count++;
	periods->sum += us;
	periods->sq += (__u64)us * us;
}

static __always_inline void bulk_add(struct bulk *b, const struct bulk *other, __u32 payload, __u32 us)
{
	__u32 at = us + 1;

	/* Data of the other side breaks the bulk; its pure ACKs do not. */
	if (other->last_us > b->start_us)
		b->start_us = 0;
	if (payload == 0)
		return;
	if (b->start_us == 0 || at - b->last_us > BULK_GAP_US) {
		b->start_us = at;
		b->last_us = at;
		b->run_packets = 1;
		b->run_bytes = payload;
		return;
	}
	b->run_packets++;
	b->run_bytes += payload;
	if (b->run_packets == BULK_PACKETS) {
		b->count++;
		b->packets += BULK_PACKETS;
		b->size += b->run_bytes;
		b->duration_us += at - b->start_us;
	} else if (b->run_packets > BULK_PACKETS) {
		b->packets++;
		b->size += payload;
		b->duration_us += at - b->last_us;
	}
	b->last_us = at;
}

static __always_inline void direction_add(struct direction *d, const struct packet *p, __u32 payload, __u32 us)
{
	if (d->packets) {
		__u32 gap = us - d->last_us;

		d->iat_sq += (__u64)gap * gap;
		if (gap < d->iat_min || d->packets == 1)
			d->iat_min = gap;
		if (gap > d->iat_max)
			d->iat_max = gap;
		if (payload < d->len_min)
			d->len_min = payload;
		if (payload > d->len_max)
			d->len_max = payload;
		if (p->header < d->seg_min)
			d->seg_min = p->header;
	} else {
		d->first_us = us;
		d->len_min = payload;
		d->len_max = payload;
		d->seg_min = p->header;
	}
	d->packets++;
	d->last_us = us;
	d->bytes += payload;
	d->bytes_sq += (__u64)payload * payload;
	d->header_bytes += p->header;
	d->psh += (p->flags >> 3) & 1;
	if (p->flags & RARE_FLAGS) {
		d->urg += (p->flags >> 5) & 1;
		d->rst += (p->flags >> 2) & 1;
	}
	d->data_packets += payload > 0;
}

/*
 * The other segments of a packet that the network card will cut up, all at the time of the first: gaps of 0.
 * `rest` packets, all of `size` bytes but the last, which carries `last` bytes. Closed form of rest calls of
 * direction_add and bulk_add.
 */
static __always_inline void segments_add(struct flow *f, struct direction *d, struct bulk *b, const struct packet *p,
					 __u32 rest, __u32 size, __u32 last)
{
	__u64 bytes = (__u64)(rest - 1) * size + last;

	d->iat_min = 0;
	if (last < d->len_min)
		d->len_min = last;
	d->packets += rest;
	d->bytes += bytes;
	d->bytes_sq += (__u64)(rest - 1) * size * size + (__u64)last * last;
	d->header_bytes += rest * p->header;
	d->data_packets += rest;
	d->urg += rest * ((p->flags >> 5) & 1);
	f->iat_min = 0;
	f->ack += rest * ((p->flags >> 4) & 1);
	f->ece += rest * ((p->flags >> 6) & 1);

	if (b->run_packets >= BULK_PACKETS) {
		b->packets += rest;
		b->size += bytes;
	} else if (b->run_packets + rest >= BULK_PACKETS) {
		b->count++;
		b->packets += b->run_packets + rest;
		b->size += b->run_bytes + bytes;
		b->duration_us += b->last_us - b->start_us;
	}
	b->run_packets += rest;
	b->run_bytes += bytes;
}

/* Adds one packet to the flow. `backward` is the packet's direction in the flow, `now_us` absolute. */
static __always_inline void flow_add(struct flow *f, const struct packet *p, __u64 now_us, int backward)
{
	struct direction *d = &f->dir[0];
	struct bulk *b = &f->bulk[0];
	const struct bulk *other = &f->bulk[1];
	__u32 payload = p->payload;
	__u32 us = 0;

	/* Clocks of two CPUs may disagree: time inside a flow never runs backward. */
	if ((__s64)(now_us - f->start_us) > 0)
		us = (__u32)(now_us - f->start_us);
	if (us < f->last_us)
		us = f->last_us;

	if ((f->dir[0].packets | f->dir[1].packets) == 0) {
		f->dir[0].init_win = backward ? 0 : p->window;
	} else {
		__u32 gap = us - f->last_us;

		f->iat_sq += (__u64)gap * gap;
		if (gap < f->iat_min || f->dir[0].packets + f->dir[1].packets == 1)
			f->iat_min = gap;
		if (gap > f->iat_max)
			f->iat_max = gap;
		if (gap > SUBFLOW_GAP_US) {
			f->gaps++;
			if (gap > ACTIVITY_GAP_US) {
				if (f->last_us > f->active_start_us)
					periods_add(&f->active, f->last_us - f->active_start_us);
				periods_add(&f->idle, gap);
				f->active_start_us = us;
			}
		}
	}
	f->last_us = us;
	f->ack += (p->flags >> 4) & 1;
	if (p->flags & RARE_FLAGS) {
		f->fin += p->flags & 1;
		f->syn += (p->flags >> 1) & 1;
		f->ece += (p->flags >> 6) & 1;
		f->cwr += (p->flags >> 7) & 1;
	}

	if (backward) {
		d = &f->dir[1];
		b = &f->bulk[1];
		other = &f->bulk[0];
		if (d->init_win == 0)
			d->init_win = p->window;
	}
	if (p->segments > 1) {
		payload = p->segment_bytes;
		direction_add(d, p, payload, us);
		bulk_add(b, other, payload, us);
		segments_add(f, d, b, p, p->segments - 1, payload, p->payload - (p->segments - 1) * payload);
	} else {
		direction_add(d, p, payload, us);
		bulk_add(b, other, payload, us);
	}
}

#endif
