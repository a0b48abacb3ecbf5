/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The block stage: is this address to be dropped? For IPv4 the bitmap of /24s first, then the exact set, then prefixes,
 * and the allowlist only after a hit.
 * Stages that hold nothing are skipped.
 */
#ifndef IDSD_BLOCK_H
#define IDSD_BLOCK_H

#include "counters.h"
#include "parse.h"

enum verdict {
	VERDICT_PASS = 0,
	VERDICT_DROP = 1,
	/* Would have been dropped, but for the panic: no other entry is asked. */
	VERDICT_SPARED = 2,
};

static __always_inline __u32 mix(__u32 h)
{
	h *= 0x85ebca6b;
	h ^= h >> 15;
	return h;
}

/* Tag of an address: itself for IPv4, a seeded fold for IPv6, which is never 0. */
static __always_inline __u32 block_tag(const __u32 *address, int is_v4)
{
	__u32 tag = address[3];

	if (is_v4)
		return tag;
	tag ^= mix(mix(mix(config.hash_seed ^ address[0]) ^ address[1]) ^ address[2]);
	return tag ? tag : 1;
}

static __always_inline __u32 block_bucket_index(__u32 tag)
{
	__u32 h = (tag ^ config.hash_seed) * 0x9e3779b1;

	h ^= h >> 15;
	h *= 0xc2b2ae35;
	h ^= h >> 13;
	return h & config.bucket_mask;
}

/*
 * The entry of exactly this address. An IPv4 tag is the address: the entry itself is not looked at. 0.0.0.0 is never in
 * the set.
 */
static __always_inline struct block_entry *find_exact(const __u32 *address, int is_v4)
{
	__u32 tag = block_tag(address, is_v4);
	__u32 index = block_bucket_index(tag);
	struct block_bucket *bucket = bpf_map_lookup_elem(&block_tags, &index);
	struct block_entry *entry;
	__u32 way = BUCKET_WAYS;

	if (!bucket || tag == 0)
		return NULL;
	UNROLL
	for (int i = 0; i < BUCKET_WAYS; i++) {
		if (bucket->tags[i] == tag) {
			way = i;
			break;
		}
	}
	if (way == BUCKET_WAYS || (bucket->families >> way & 1) == (__u32)is_v4)
		return NULL;
	index += way * (config.bucket_mask + 1);
	entry = bpf_map_lookup_elem(&block_entries, &index);
	if (!entry || is_v4)
		return entry;
	if (entry->address[3] != address[3] || entry->address[2] != address[2] || entry->address[1] != address[1] ||
	    entry->address[0] != address[0])
		return NULL;
	return entry;
}

/* Does a blocked address or prefix touch the /24 of this IPv4 address? Keeps everybody else out of set and trie. */
static __always_inline int block_bit(__u32 address)
{
	__u32 block = NET32(address) >> 8;
	__u32 index = block >> 6;
	__u64 *word = bpf_map_lookup_elem(&block_bits, &index);

	return word && (*word >> (block & 63) & 1);
}

static __always_inline int is_allowed(const __u32 *address, int is_v4)
{
	if (is_v4) {
		struct lpm_key4 key = {.prefix = 32, .address = address[3]};

		return bpf_map_lookup_elem(&allows4, &key) != NULL;
	} else {
		struct lpm_key6 key = {.prefix = 128};

		__builtin_memcpy(key.address, address, 16);
		return bpf_map_lookup_elem(&allows6, &key) != NULL;
	}
}

/* Is the entry in force? Reads the clock only for entries that end or are leased. */
static __always_inline int in_force(struct cpu_state *cs, const struct settings *loaded,
				    const struct block_entry *entry)
{
	__u64 now_ns;

	if (entry->expires_ns == 0 && entry->leased_from == NEVER_LEASED)
		return 1;
	now_ns = boot_clock_ns(cs);
	if (entry->expires_ns != 0 && now_ns >= entry->expires_ns) {
		cs->counters.expired_hits++;
		return 0;
	}
	if (now_ns >> 30 < entry->leased_from || loaded->lease_ns == 0 || now_ns < loaded->beat_ns + loaded->lease_ns)
		return 1;
	cs->counters.lapsed_hits++;
	return 0;
}

/* Did an operator stop all enforcement? Asked only before a drop. */
static __always_inline int is_panic(struct cpu_state *cs, const struct settings *loaded)
{
	return loaded->panic_until_ns != 0 && boot_clock_ns(cs) < loaded->panic_until_ns;
}

static __always_inline void count_hit(struct cpu_state *cs, struct block_entry *entry, __u32 bytes)
{
	__u64 now_ns = boot_clock_ns(cs);

	__sync_fetch_and_add(&entry->packets, 1);
	__sync_fetch_and_add(&entry->bytes, bytes);
	/* The clock stands still for a jiffy: most hits of a flood leave the line as it is. */
	if (entry->last_seen_ns != now_ns)
		entry->last_seen_ns = now_ns;
}

/* What an entry in force does to a packet. Counts the hit. */
static __always_inline enum verdict enforce_entry(struct cpu_state *cs, const struct settings *loaded,
						  struct block_entry *entry, __u32 bytes, __u32 exempt)
{
	if (entry->action != ACTION_DROP) {
		count_hit(cs, entry, bytes);
		cs->counters.would_drop++;
		return VERDICT_PASS;
	}
	if (exempt) {
		cs->counters.exempt_nd++;
		return VERDICT_PASS;
	}
	count_hit(cs, entry, bytes);
	if (is_panic(cs, loaded)) {
		cs->counters.would_drop++;
		return VERDICT_SPARED;
	}
	cs->counters.dropped[(entry->origin & 7) * 8 + (entry->reason & 7)]++;
	return VERDICT_DROP;
}

/*
 * The prefix stage: the longest prefix in force that covers the address decides. A count-only entry for a single
 * address does not hide a shorter prefix that drops; an expired entry hides nothing. Global functions, so that the
 * verifier looks at them once.
 * `address` is struct packet's src or dst. Returns enum verdict.
 */
#define PREFIX_STAGE(name, map, key_type, bits, SET_KEY)                                                               \
	__weak __noinline int name(const struct address *a, const struct settings *loaded, __u32 bytes, __u32 exempt)  \
	{                                                                                                              \
		struct cpu_state *cs = this_cpu();                                                                     \
		struct key_type key = {.prefix = bits};                                                                \
                                                                                                                       \
		if (!a || !loaded || !cs)                                                                              \
			return VERDICT_PASS;                                                                           \
		SET_KEY;                                                                                               \
		/* Each round looks for a shorter one: there are bits + 1 lengths. */                                  \
		for (int i = 0; i <= bits; i++) {                                                                      \
			struct block_entry *entry = bpf_map_lookup_elem(&map, &key);                                   \
			enum verdict verdict;                                                                          \
			__u32 length;                                                                                  \
                                                                                                                       \
			if (!entry)                                                                                    \
				return VERDICT_PASS;                                                                   \
			length = entry->prefix;                                                                        \
			if (in_force(cs, loaded, entry)) {                                                             \
				if (is_allowed(a->words, bits == 32)) {                                                \
					cs->counters.allowed++;                                                        \
					return VERDICT_PASS;                                                           \
				}                                                                                      \
				verdict = enforce_entry(cs, loaded, entry, bytes, exempt);                             \
				if (verdict != VERDICT_PASS)                                                           \
					return verdict;                                                                \
				if (exempt || length < bits)                                                           \
					return VERDICT_PASS;                                                           \
			}                                                                                              \
			if (length == 0 || length > bits)                                                              \
				return VERDICT_PASS;                                                                   \
			key.prefix = length - 1;                                                                       \
		}                                                                                                      \
		return VERDICT_PASS;                                                                                   \
	}

PREFIX_STAGE(block_by_prefix4, prefixes4, lpm_key4, 32, key.address = a->words[3])
PREFIX_STAGE(block_by_prefix6, prefixes6, lpm_key6, 128, __builtin_memcpy(key.address, a->words, 16))

/*
 * Neighbour discovery keeps the link itself alive: never dropped. ICMPv6 133 to 137, hop limit 255, link scope
 * (RFC 4861 section 4). The cursor stands behind the fixed IPv6 header.
 */
static __always_inline int is_neighbour_discovery(const struct cursor *c, const struct packet *p)
{
	__u8 type;

	if (p->is_v4 || p->protocol != PROTOCOL_ICMPV6 || p->hop_limit != 255 || c->pos + 4 > c->end)
		return 0;
	type = LOAD8(c->pos);
	if (type < 133 || type > 137)
		return 0;
	if ((p->src.words[0] & NET32(0xffc00000)) == NET32(0xfe800000) ||
	    (p->src.words[0] | p->src.words[1] | p->src.words[2] | p->src.words[3]) == 0)
		return 1;
	return (p->dst.words[0] & NET32(0xffc00000)) == NET32(0xfe800000) ||
	       (p->dst.words[0] & NET32(0xffff0000)) == NET32(0xff020000);
}

/*
 * Judges the packet by one address: the source on ingress, the destination on egress.
 * Counts the hit on the entry and in the totals, not the packet itself.
 */
static __always_inline enum verdict block_stage(struct cpu_state *cs, const struct cursor *c, const struct packet *p,
						const struct address *a)
{
	struct settings *loaded;
	struct block_entry *hit;
	enum verdict verdict;
	__u32 zero = 0;

	loaded = bpf_map_lookup_elem(&settings, &zero);
	if (!loaded)
		return VERDICT_PASS;
	if (p->is_v4 && !((loaded->exact4 || loaded->prefixes4) && block_bit(a->words[3])))
		return VERDICT_PASS;
	if (p->is_v4 ? loaded->exact4 : loaded->exact6) {
		hit = find_exact(a->words, p->is_v4);
		if (hit && in_force(cs, loaded, hit)) {
			__u32 exempt = is_neighbour_discovery(c, p);

			if (loaded->allows && is_allowed(a->words, p->is_v4)) {
				cs->counters.allowed++;
				return VERDICT_PASS;
			}
			verdict = enforce_entry(cs, loaded, hit, p->frame_bytes, exempt);
			if (verdict != VERDICT_PASS)
				return verdict;
			if (exempt)
				return VERDICT_PASS;
		}
	}
	/* A count-only entry for the address does not hide a prefix that drops. */
	if (p->is_v4) {
		if (loaded->prefixes4)
			return block_by_prefix4(a, loaded, p->frame_bytes, 0);
	} else if (loaded->prefixes6) {
		return block_by_prefix6(a, loaded, p->frame_bytes, is_neighbour_discovery(c, p));
	}
	return VERDICT_PASS;
}

#endif
