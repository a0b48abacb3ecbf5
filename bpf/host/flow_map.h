/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * What the host keeps by the key of a flow: open flows, and what swept ones left behind. A hash of chains, and beside
 * it one list of all, in the order in which they were put in.
 */
#ifndef IDSD_HOST_FLOW_MAP_H
#define IDSD_HOST_FLOW_MAP_H

#include <stdlib.h>
#include <string.h>

#include "../wire.h"

#define MAP_BUCKETS (1u << 20)

/* The first member of what is kept. */
struct map_entry {
	struct map_entry *chain;
	struct map_entry *before;
	struct map_entry *after;
	struct flow_key key;
};

struct flow_map {
	struct map_entry *buckets[MAP_BUCKETS];
	struct map_entry *first;
	struct map_entry *last;
	size_t count;
};

static inline struct map_entry **map_bucket(struct flow_map *map, const struct flow_key *key)
{
	__u64 words[sizeof(*key) / 8], hash = 0;

	memcpy(words, key, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		hash = (hash ^ words[i]) * 0x9e3779b97f4a7c15ull;
		hash ^= hash >> 29;
	}
	return &map->buckets[hash % MAP_BUCKETS];
}

static inline struct map_entry *map_find(struct flow_map *map, const struct flow_key *key)
{
	struct map_entry *entry = *map_bucket(map, key);

	while (entry && memcmp(&entry->key, key, sizeof(*key)) != 0)
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

/* A zeroed entry of `bytes` under a key that is not in the map; NULL without memory. */
static inline void *map_insert(struct flow_map *map, const struct flow_key *key, size_t bytes)
{
	struct map_entry **bucket = map_bucket(map, key);
	struct map_entry *entry = calloc(1, bytes);

	if (!entry)
		return NULL;
	entry->key = *key;
	entry->chain = *bucket;
	*bucket = entry;
	map_append(map, entry);
	map->count++;
	return entry;
}

static inline void map_remove(struct flow_map *map, struct map_entry *entry)
{
	struct map_entry **link = map_bucket(map, &entry->key);

	while (*link != entry)
		link = &(*link)->chain;
	*link = entry->chain;
	map_take_out(map, entry);
	map->count--;
	free(entry);
}

#endif
