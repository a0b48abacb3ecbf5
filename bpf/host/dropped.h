/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * How many flows found no room, at least: a bit for each, by the hash of its key. Two flows may share a bit, so there
 * are never fewer than are counted.
 */
#ifndef IDSD_HOST_DROPPED_H
#define IDSD_HOST_DROPPED_H

#include <linux/types.h>

#define DROPPED_BITS (1u << 24)

struct dropped {
	__u64 count;
	__u64 words[DROPPED_BITS / 64];
};

static inline void dropped_note(struct dropped *d, __u64 hash)
{
	/* The low bits of the hash choose a bucket of the table: others are used here. */
	__u32 bit = (__u32)(hash >> 40);
	__u64 mask = 1ull << bit % 64;

	d->count += (d->words[bit / 64] & mask) == 0;
	d->words[bit / 64] |= mask;
}

#endif
