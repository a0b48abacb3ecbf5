/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the host keeps by the key of a flow: open flows, and what swept ones left behind. A hash of chains that grows,
 * and beside it one list of all, in the order in which they were put in.
 */
#ifndef IDSD_HOST_FLOW_MAP_H
#define IDSD_HOST_FLOW_MAP_H

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "../wire.h"

#define FIRST_BUCKETS 4096
#define CACHE_LINE 64
#define POOL_BYTES (1u << 18)

/* The first member of what is kept: a cache line, so that what follows fills its own. */
struct map_entry {
	struct map_entry *chain;
	struct map_entry *before;
	struct map_entry *after;
	struct flow_key key;
};

_Static_assert(sizeof(struct map_entry) == CACHE_LINE, "one line before a flow");

/* Memory for entries, in pieces that go back all together. */
struct pool_piece {
	struct pool_piece *next;
	__u8 pad[CACHE_LINE - sizeof(void *)];
};

struct flow_map {
	struct map_entry **buckets;
	size_t bucket_count; /* a power of two */
	struct map_entry *first;
	struct map_entry *last;
	size_t count;
	size_t entry_bytes;
	__u64 seed; /* drawn: who makes a capture cannot put all its flows into one chain */
	struct pool_piece *pieces;
	__u8 *fresh; /* entries of the last piece that were never used */
	size_t fresh_count;
	struct map_entry *free; /* by chain */
};

/* Readies a zeroed map of entries of this size. Returns -1 without memory. */
static inline int map_begin(struct flow_map *map, size_t entry_bytes, __u64 seed)
{
	map->entry_bytes = (entry_bytes + 15) & ~(size_t)15;
	map->seed = seed;
	map->bucket_count = FIRST_BUCKETS;
	map->buckets = calloc(FIRST_BUCKETS, sizeof(*map->buckets));
	return map->buckets ? 0 : -1;
}

static inline void map_end(struct flow_map *map)
{
	while (map->pieces) {
		struct pool_piece *piece = map->pieces;

		map->pieces = piece->next;
		free(piece);
	}
	free(map->buckets);
	memset(map, 0, sizeof(*map));
}

/* 0 where the system gives none: then chains are only as long as chance makes them. */
static inline __u64 draw_seed(void)
{
	__u64 seed = 0;

	if (getrandom(&seed, sizeof(seed), GRND_NONBLOCK) != sizeof(seed))
		return 0;
	return seed;
}

static inline __u64 mix(__u64 a, __u64 b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (__u64)product ^ (__u64)(product >> 64);
}

/*
 * A word of the key beside what only this run knows. A constant in its place could be met by a chosen word: that half
 * of the product, and with it the seed and the other word, would be 0.
 */
static inline __u64 map_masked(const struct flow_map *map, __u64 word, __u64 odd)
{
	return word ^ (map->seed ^ 0x46022013c071ed47ull) * odd;
}

static inline __u64 map_hash(const struct flow_map *map, const struct flow_key *key)
{
	/* Any odd numbers. */
	static const __u64 odd[] = {
		0xdb5cabaa21704e5d, 0xe9c7452d73c9a64d, 0x8abc04dfbd95760f, 0xe5351e12c9472805, 0xb37df6a1904c2e6b,
	};
	__u64 words[sizeof(*key) / 8];

	memcpy(words, key, sizeof(words));
	for (int i = 0; i < 5; i++)
		words[i] = map_masked(map, words[i], odd[i]);
	return mix(mix(words[0], words[1]) ^ mix(words[2], words[3]), words[4]);
}

static inline struct map_entry **map_bucket(const struct flow_map *map, __u64 hash)
{
	return &map->buckets[hash & (map->bucket_count - 1)];
}

static inline int is_same_key(const struct flow_key *a, const struct flow_key *b)
{
	__u64 x[sizeof(*a) / 8], y[sizeof(*a) / 8];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3]) | (x[4] ^ y[4])) == 0;
}

static inline void *map_find(const struct flow_map *map, const struct flow_key *key, __u64 hash)
{
	struct map_entry *entry = *map_bucket(map, hash);

	while (entry && !is_same_key(&entry->key, key))
		entry = entry->chain;
	return entry;
}

static inline void map_append(struct flow_map *map, struct map_entry *entry)
{
	entry->before = map->last;
	entry->after = NULL;
	*(map->last ? &map->last->after : &map->first) = entry;
	map->last = entry;
}

static inline void map_take_out(struct flow_map *map, struct map_entry *entry)
{
	*(entry->before ? &entry->before->after : &map->first) = entry->after;
	*(entry->after ? &entry->after->before : &map->last) = entry->before;
}

/* The list's last from now on. */
static inline void map_move_to_end(struct flow_map *map, struct map_entry *entry)
{
	map_take_out(map, entry);
	map_append(map, entry);
}

/* Twice as many buckets, if there is memory: without it chains grow longer. */
static inline void map_grow(struct flow_map *map)
{
	size_t count = map->bucket_count * 2;
	struct map_entry **buckets = calloc(count, sizeof(*buckets));

	if (!buckets)
		return;
	free(map->buckets);
	map->buckets = buckets;
	map->bucket_count = count;
	for (struct map_entry *entry = map->first; entry; entry = entry->after) {
		struct map_entry **bucket = map_bucket(map, map_hash(map, &entry->key));

		entry->chain = *bucket;
		*bucket = entry;
	}
}

static inline struct map_entry *pool_take(struct flow_map *map)
{
	struct map_entry *entry = map->free;
	struct pool_piece *piece;

	if (entry) {
		map->free = entry->chain;
		return entry;
	}
	if (map->fresh_count == 0) {
		piece = aligned_alloc(CACHE_LINE, POOL_BYTES);
		if (!piece)
			return NULL;
		piece->next = map->pieces;
		map->pieces = piece;
		map->fresh = (__u8 *)(piece + 1);
		map->fresh_count = (POOL_BYTES - sizeof(*piece)) / map->entry_bytes;
	}
	entry = (struct map_entry *)map->fresh;
	map->fresh += map->entry_bytes;
	map->fresh_count--;
	return entry;
}

/* A zeroed entry under a key that is not in the map; NULL without memory. */
static inline void *map_insert(struct flow_map *map, const struct flow_key *key, __u64 hash)
{
	struct map_entry *entry = pool_take(map);
	struct map_entry **bucket;

	if (!entry)
		return NULL;
	memset(entry, 0, map->entry_bytes);
	entry->key = *key;
	if (map->count == map->bucket_count)
		map_grow(map);
	bucket = map_bucket(map, hash);
	entry->chain = *bucket;
	*bucket = entry;
	map_append(map, entry);
	map->count++;
	return entry;
}

static inline void map_remove(struct flow_map *map, struct map_entry *entry)
{
	struct map_entry **link = map_bucket(map, map_hash(map, &entry->key));

	while (*link != entry)
		link = &(*link)->chain;
	*link = entry->chain;
	map_take_out(map, entry);
	map->count--;
	entry->chain = map->free;
	map->free = entry;
}

#endif
