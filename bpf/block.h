/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The block stage: is this address to be dropped? For IPv4 the bitmap of /24s first, then the exact set, then prefixes,
 * and the allowlist only after a hit.
 * Stages that hold nothing are skipped.
 */
#ifndef IDSD_BLOCK_H
#define IDSD_BLOCK_H

#include "counters.h"
#include "ladder.h"
#include "parse.h"

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

/*
 * Does a shorter allow entry than one of `prefix` bits hold in this generation? One that is not in it hides nothing.
 * Global functions, so that the verifier looks at them once.
 */
#define ALLOW_STAGE(name, map, key_type, bits, SET_KEY)                                                                \
	__weak __noinline int name(const struct address *a, __u32 prefix, __u32 trial)                                 \
	{                                                                                                              \
		struct key_type key = {};                                                                              \
                                                                                                                       \
		if (!a)                                                                                                \
			return 0;                                                                                      \
		SET_KEY;                                                                                               \
		for (int i = 0; i < bits; i++) {                                                                       \
			struct allow_entry *entry;                                                                     \
                                                                                                                       \
			if (prefix == 0 || prefix > bits)                                                              \
				return 0;                                                                              \
			key.prefix = prefix - 1;                                                                       \
			entry = bpf_map_lookup_elem(&map, &key);                                                       \
			if (!entry)                                                                                    \
				return 0;                                                                              \
			if (trial ? entry->trial : entry->confirmed)                                                   \
				return 1;                                                                              \
			/* An entry of another hand may say anything of itself. */                                     \
			prefix = entry->prefix < prefix ? entry->prefix : prefix - 1;                                  \
		}                                                                                                      \
		return 0;                                                                                              \
	}

ALLOW_STAGE(allowed_by_wider4, allows4, lpm_key4, 32, key.address = a->words[3])
ALLOW_STAGE(allowed_by_wider6, allows6, lpm_key6, 128, __builtin_memcpy(key.address, a->words, 16))

static __always_inline int is_allowed(const struct address *a, int is_v4, int trial)
{
	struct allow_entry *entry;

	if (is_v4) {
		struct lpm_key4 key = {.prefix = 32, .address = a->words[3]};

		entry = bpf_map_lookup_elem(&allows4, &key);
	} else {
		struct lpm_key6 key = {.prefix = 128};

		__builtin_memcpy(key.address, a->words, 16);
		entry = bpf_map_lookup_elem(&allows6, &key);
	}
	if (!entry)
		return 0;
	if (trial ? entry->trial : entry->confirmed)
		return 1;
	return is_v4 ? allowed_by_wider4(a, entry->prefix, trial) : allowed_by_wider6(a, entry->prefix, trial);
}

enum entry_state {
	ENTRY_IN_FORCE = 0,
	ENTRY_EXPIRED = 1,
	ENTRY_LAPSED = 2,
};

/* Reads the clock only for entries that end or are leased. */
static __always_inline enum entry_state entry_state(struct cpu_state *cs, const struct settings *loaded,
						    const struct block_entry *entry)
{
	__u64 now_ns;

	if (entry->expires_ns == 0 && entry->leased_from == NEVER_LEASED)
		return ENTRY_IN_FORCE;
	now_ns = boot_clock_ns(cs);
	if (entry->expires_ns != 0 && now_ns >= entry->expires_ns)
		return ENTRY_EXPIRED;
	if (now_ns >> 30 < entry->leased_from || loaded->lease_ns == 0 || now_ns < loaded->beat_ns + loaded->lease_ns)
		return ENTRY_IN_FORCE;
	return ENTRY_LAPSED;
}

/* Is the entry in force? One that is no longer is counted. */
static __always_inline int in_force(struct cpu_state *cs, const struct settings *loaded,
				    const struct block_entry *entry)
{
	enum entry_state state = entry_state(cs, loaded, entry);

	if (state == ENTRY_IN_FORCE)
		return 1;
	if (state == ENTRY_EXPIRED)
		cs->counters.expired_hits++;
	else
		cs->counters.lapsed_hits++;
	return 0;
}

/* What an entry in force does to a packet. Counts the hit. `action` is action_of the entry, and not ACTION_NONE. */
static __always_inline enum verdict enforce_entry(struct cpu_state *cs, const struct settings *loaded,
						  struct block_entry *entry, __u8 action, __u32 bytes, __u32 exempt)
{
	if (action != ACTION_DROP || (entry->flags & FLAG_SPARE_FLOWS))
		return climb(entry, loaded, exempt);
	if (exempt) {
		cs->counters.exempt_nd++;
		return VERDICT_PASS;
	}
	count_hit(cs, entry, bytes);
	if (is_panic(cs, loaded)) {
		cs->counters.would_drop++;
		return VERDICT_SPARED;
	}
	count_dropped(cs, entry);
	return VERDICT_DROP;
}

/* What judge_prefix says besides enum verdict. */
enum judgement {
	/* Not in force, or not in this generation: it hides nothing. */
	JUDGED_ABSENT = -1,
	/* An allow entry stands before it: it hides all that follows. */
	JUDGED_ALLOWED = -2,
};

/* One entry of the prefix stage. Out of its loop, because the verifier walks that once for every length. */
__weak __noinline int judge_prefix(struct block_entry *entry, const struct address *a, const struct settings *loaded,
				   __u32 exempt)
{
	struct cpu_slot *slot = this_cpu_slot();
	struct cpu_state *cs;
	__u8 action;

	if (!entry || !a || !loaded || !slot)
		return JUDGED_ALLOWED;
	cs = &slot->state;
	action = action_of(cs, loaded, entry);
	if (action == ACTION_NONE || !in_force(cs, loaded, entry))
		return JUDGED_ABSENT;
	if (is_allowed(a, slot->packet.is_v4, is_trial(cs, loaded))) {
		cs->counters.allowed++;
		return JUDGED_ALLOWED;
	}
	return enforce_entry(cs, loaded, entry, action, slot->packet.frame_bytes, exempt);
}

/* Does an entry that lets the packet pass hide shorter prefixes? */
static __always_inline int hides(const struct block_entry *entry, __u32 bits)
{
	return entry->prefix < bits && entry->origin != ORIGIN_DETECTOR && entry->origin != ORIGIN_MODEL;
}

/*
 * The prefix stage: the longest prefix in force that covers the address decides, from `from` bits down. An entry for a
 * single address that lets the packet pass does not hide a shorter prefix that drops, nor does one that idsd made by
 * itself, of any length: a /64 that it limits takes nothing from the /48 that an operator dropped. Global functions, so that the
 * verifier looks at them once.
 * `a` is struct packet's src or dst. Returns enum verdict.
 */
#define PREFIX_STAGE(name, map, key_type, bits, SET_KEY)                                                               \
	__weak __noinline int name(const struct address *a, const struct settings *loaded, __u32 from, __u32 exempt)   \
	{                                                                                                              \
		struct cpu_slot *slot = this_cpu_slot();                                                               \
		struct key_type key = {.prefix = from};                                                                \
                                                                                                                       \
		if (!a || !loaded || !slot || from > bits)                                                             \
			return VERDICT_PASS;                                                                           \
		SET_KEY;                                                                                               \
		/* Each round looks for a shorter one: there are bits + 1 lengths. */                                  \
		for (int i = 0; i <= bits; i++) {                                                                      \
			struct block_entry *entry = bpf_map_lookup_elem(&map, &key);                                   \
			__u32 length;                                                                                  \
			int judged;                                                                                    \
                                                                                                                       \
			if (!entry)                                                                                    \
				return VERDICT_PASS;                                                                   \
			length = entry->prefix;                                                                        \
			judged = judge_prefix(entry, a, loaded, exempt);                                               \
			if (judged > VERDICT_PASS) {                                                                   \
				slot->late_from = key.prefix;                                                          \
				return judged;                                                                         \
			}                                                                                              \
			if (judged == JUDGED_ALLOWED || (judged == VERDICT_PASS && (exempt || hides(entry, bits))))     \
				return VERDICT_PASS;                                                                   \
			if (length == 0 || length > bits)                                                              \
				return VERDICT_PASS;                                                                   \
			key.prefix = length - 1;                                                                       \
		}                                                                                                      \
		return VERDICT_PASS;                                                                                   \
	}

PREFIX_STAGE(block_by_prefix4, prefixes4, lpm_key4, 32, key.address = a->words[3])
PREFIX_STAGE(block_by_prefix6, prefixes6, lpm_key6, 128, __builtin_memcpy(key.address, a->words, 16))

/*
 * Neighbour discovery keeps the link itself alive: never dropped, whatever the addresses, because two neighbours may talk
 * under their global ones. ICMPv6 133 to 137 with code 0; a hop limit of 255 proves that no router forwarded it (RFC 4861
 * sections 4 and 6.1). The cursor stands behind the fixed IPv6 header.
 */
static __always_inline int is_neighbour_discovery(const struct cursor *c, const struct packet *p)
{
	__u8 type;

	if (p->is_v4 || p->protocol != PROTOCOL_ICMPV6 || p->hop_limit != 255 || c->pos + 4 > c->end)
		return 0;
	type = LOAD8(c->pos);
	return type >= 133 && type <= 137 && LOAD8(c->pos + 1) == 0;
}

/* What follows the exact set, from prefixes of `from` bits down; at most all 128 of them. */
static __always_inline enum verdict stages_behind_exact(const struct settings *loaded, const struct packet *p,
							const struct address *a, __u32 from, __u32 exempt)
{
	if (p->is_v4)
		return loaded->prefixes4 ? block_by_prefix4(a, loaded, from > 32 ? 32 : from, exempt) : VERDICT_PASS;
	return loaded->prefixes6 ? block_by_prefix6(a, loaded, from, exempt) : VERDICT_PASS;
}

/*
 * Judges the packet by the decisions about one address: the source on ingress, the destination on egress.
 * Counts the hit on the entry and in the totals, not the packet itself.
 * Without a cursor `is_exempt` says whether this is neighbour discovery; with one that is looked up after a hit.
 */
static __always_inline enum verdict decision_stage(struct cpu_state *cs, const struct settings *loaded,
						   const struct cursor *c, const struct packet *p,
						   const struct address *a, __u32 is_exempt)
{
	struct block_entry *hit;
	enum verdict verdict;
	__u8 action;

	if (p->is_v4 && !((loaded->exact4 || loaded->prefixes4) && block_bit(a->words[3])))
		return VERDICT_PASS;
	if (p->is_v4 ? loaded->exact4 : loaded->exact6) {
		hit = find_exact(a->words, p->is_v4);
		if (hit && (action = action_of(cs, loaded, hit)) != ACTION_NONE && in_force(cs, loaded, hit)) {
			__u32 exempt = c ? (__u32)is_neighbour_discovery(c, p) : is_exempt;

			if (loaded->allows && is_allowed(a, p->is_v4, is_trial(cs, loaded))) {
				cs->counters.allowed++;
				return VERDICT_PASS;
			}
			verdict = enforce_entry(cs, loaded, hit, action, p->frame_bytes, exempt);
			if (verdict != VERDICT_PASS)
				return verdict;
			if (exempt)
				return VERDICT_PASS;
		}
	}
	/* An entry that lets the address pass does not hide a prefix that drops. */
	if (c)
		is_exempt = !p->is_v4 && loaded->prefixes6 ? is_neighbour_discovery(c, p) : 0;
	return stages_behind_exact(loaded, p, a, 128, is_exempt);
}

#endif
