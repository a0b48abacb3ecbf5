/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * The answer to a rejected packet, written in its place: RST to TCP, administratively prohibited to all else (RFC 9293
 * 3.10.7.1, RFC 792, RFC 1812 5.2.7.1, RFC 4443 3.1).
 */
#ifndef IDSD_REJECT_H
#define IDSD_REJECT_H

#include "lists.h"
#include "parse.h"

#define IPV4_BYTES 20
#define IPV6_BYTES 40
#define TCP_BYTES 20
#define ICMP_BYTES 8
/* What an ICMP error quotes of the transport header: its ports stand there. */
#define QUOTED_BYTES 8
#define ANSWER_HOPS 64

struct tcp_answer {
	__u16 src_port;
	__u16 dst_port;
	__u32 seq;
	__u32 ack_seq;
	__u8 offset;
	__u8 flags;
	__u16 window;
	__u16 checksum;
	__u16 urgent;
};

struct icmp_answer {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__u16 unused;
	__u16 mtu;
};

/* Of both families: an IPv4 address as ::ffff:0:0/96 adds nothing to a sum of ones' complement. */
struct pseudo_header {
	__u32 src[4];
	__u32 dst[4];
	__u32 length;
	__u32 protocol;
};

static __always_inline __u16 fold_sum(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* Sum of whole words of memory. */
static __always_inline __u64 sum_words(void *words, __u32 bytes)
{
	return (__u32)bpf_csum_diff(NULL, 0, words, bytes, 0);
}

/* Of the packet that goes the other way. */
static __always_inline __u16 pseudo_sum(const struct packet *p, __u32 length, __u32 protocol)
{
	struct pseudo_header header = {.length = NET32(length), .protocol = NET32(protocol)};

	__builtin_memcpy(header.src, p->dst.words, 16);
	__builtin_memcpy(header.dst, p->src.words, 16);
	return fold_sum(sum_words(&header, sizeof(header)));
}

/* May the source of an IPv4 or IPv6 packet be answered, and its destination answer? Both must be one host's own. */
static __always_inline int are_unicast(const struct packet *p)
{
	__u8 src, dst;

	if (p->is_v4) {
		src = NET32(p->src.words[3]) >> 24;
		dst = NET32(p->dst.words[3]) >> 24;
		return src != 0 && src != 127 && src < 224 && dst != 0 && dst != 127 && dst < 224 &&
		       p->src.words[3] != p->dst.words[3];
	}
	src = NET32(p->src.words[0]) >> 24;
	dst = NET32(p->dst.words[0]) >> 24;
	/* ::/8 holds what is unspecified, of this host, or of IPv4. */
	return src != 0 && src != 0xff && dst != 0 && dst != 0xff;
}

/* RST, ICMP errors and answers are never answered. */
static __always_inline int asks_for_answer(const struct packet *p)
{
	if (p->protocol == PROTOCOL_TCP)
		return !(p->flags & TCP_RST);
	if (p->protocol == PROTOCOL_UDP)
		return 1;
	return p->is_v4 ? p->icmp_type == 8 || p->icmp_type == 13 || p->icmp_type == 15 || p->icmp_type == 17
			: p->icmp_type == 128;
}

/*
 * The checksum may be left to the network card, or not: which, a program cannot see. If it is, the card adds what stands
 * in the field to the rest, so that the pseudo header's sum must stand there; if not, the checksum itself. Both are the
 * same when the rest sums up to minus twice the pseudo header, and the window of a RST is free to see to that.
 */
static __always_inline void finish_tcp(struct tcp_answer *tcp, __u16 pseudo)
{
	tcp->checksum = pseudo;
	tcp->window = ~fold_sum((__u64)fold_sum(sum_words(tcp, sizeof(*tcp))) + pseudo);
}

/* `p` is the packet that is answered. */
static __always_inline void fill_reset(struct tcp_answer *tcp, const struct packet *p)
{
	__u32 length = p->payload + ((p->flags & TCP_SYN) ? 1 : 0) + ((p->flags & TCP_FIN) ? 1 : 0);

	tcp->src_port = p->swapped ? p->key.port_a : p->key.port_b;
	tcp->dst_port = p->swapped ? p->key.port_b : p->key.port_a;
	if (p->flags & TCP_ACK) {
		tcp->seq = NET32(p->ack_seq);
		tcp->flags = TCP_RST;
	} else {
		tcp->ack_seq = NET32(p->seq + length);
		tcp->flags = TCP_RST | TCP_ACK;
	}
	tcp->offset = TCP_BYTES / 4 << 4;
	finish_tcp(tcp, pseudo_sum(p, TCP_BYTES, PROTOCOL_TCP));
}

struct ipv4_answer {
	__u8 version_length;
	__u8 service;
	__u16 length;
	__u16 id;
	__u16 fragment;
	__u8 hops;
	__u8 protocol;
	__u16 checksum;
	__u32 src;
	__u32 dst;
};

static __always_inline void fill_ipv4(struct ipv4_answer *ip, const struct packet *p, __u8 protocol, __u16 bytes)
{
	ip->version_length = 0x45;
	ip->length = NET16(bytes);
	ip->fragment = NET16(0x4000);
	ip->hops = ANSWER_HOPS;
	ip->protocol = protocol;
	ip->src = p->dst.words[3];
	ip->dst = p->src.words[3];
	ip->checksum = ~fold_sum(sum_words(ip, sizeof(*ip)));
}

struct ipv6_answer {
	__u32 version;
	__u16 length;
	__u8 protocol;
	__u8 hops;
	__u32 src[4];
	__u32 dst[4];
};

static __always_inline void fill_ipv6(struct ipv6_answer *ip, const struct packet *p, __u8 protocol, __u16 payload)
{
	ip->version = NET32(0x60000000);
	ip->length = NET16(payload);
	ip->protocol = protocol;
	ip->hops = ANSWER_HOPS;
	__builtin_memcpy(ip->src, p->dst.words, 16);
	__builtin_memcpy(ip->dst, p->src.words, 16);
}

/* Cuts the frame to its link header and `bytes`, and writes these. Returns 0 when the kernel refuses. */
static __always_inline int write_answer(struct __sk_buff *skb, __u32 at, void *answer, __u32 bytes)
{
	return bpf_skb_change_tail(skb, at + bytes, 0) == 0 && bpf_skb_store_bytes(skb, at, answer, bytes, 0) == 0;
}

static __always_inline int answer_tcp4(struct __sk_buff *skb, const struct packet *p, __u32 at)
{
	struct {
		struct ipv4_answer ip;
		struct tcp_answer tcp;
	} answer = {};

	fill_ipv4(&answer.ip, p, PROTOCOL_TCP, sizeof(answer));
	fill_reset(&answer.tcp, p);
	return write_answer(skb, at, &answer, sizeof(answer));
}

static __always_inline int answer_tcp6(struct __sk_buff *skb, const struct packet *p, __u32 at)
{
	struct {
		struct ipv6_answer ip;
		struct tcp_answer tcp;
	} answer = {};

	fill_ipv6(&answer.ip, p, PROTOCOL_TCP, TCP_BYTES);
	fill_reset(&answer.tcp, p);
	return write_answer(skb, at, &answer, sizeof(answer));
}

static __always_inline int answer_icmp4(struct __sk_buff *skb, const struct packet *p, __u32 at)
{
	struct {
		struct ipv4_answer ip;
		struct icmp_answer icmp;
		__u8 quoted[IPV4_BYTES + QUOTED_BYTES];
	} answer = {.icmp = {.type = 3, .code = 13}};

	if (bpf_skb_load_bytes(skb, at, answer.quoted, sizeof(answer.quoted)) != 0)
		return 0;
	fill_ipv4(&answer.ip, p, PROTOCOL_ICMP, sizeof(answer));
	/* A card that finishes the checksum of UDP writes to `mtu`, which nobody reads here, and the sum stays right. */
	answer.icmp.checksum = ~fold_sum(sum_words(&answer.icmp, ICMP_BYTES + sizeof(answer.quoted)));
	return write_answer(skb, at, &answer, sizeof(answer));
}

static __always_inline int answer_icmp6(struct __sk_buff *skb, const struct packet *p, __u32 at)
{
	struct {
		struct ipv6_answer ip;
		struct icmp_answer icmp;
		__u8 quoted[IPV6_BYTES + QUOTED_BYTES];
	} answer = {.icmp = {.type = 1, .code = 1}};
	const __u32 length = ICMP_BYTES + sizeof(answer.quoted);
	__u16 pseudo = pseudo_sum(p, length, PROTOCOL_ICMPV6);

	if (bpf_skb_load_bytes(skb, at, answer.quoted, sizeof(answer.quoted)) != 0)
		return 0;
	fill_ipv6(&answer.ip, p, PROTOCOL_ICMPV6, length);
	/* As with IPv4; but the card knows no pseudo header: what it begins with makes up for that. */
	answer.icmp.mtu = pseudo;
	answer.icmp.checksum = ~fold_sum((__u64)fold_sum(sum_words(&answer.icmp, length)) + pseudo);
	return write_answer(skb, at, &answer, sizeof(answer));
}

/*
 * One entry: is it the one that rejects? Returns 1, 0 when another has the say, or -1 to look further. Counts nothing.
 * `is_hiding`: as in XDP, one that lets the packet pass hides shorter prefixes.
 */
static __always_inline int rejects(struct cpu_state *cs, const struct settings *loaded, const struct block_entry *entry,
				   int is_hiding)
{
	__u8 action = action_of(cs, loaded, entry);

	if (action == ACTION_NONE || entry_state(cs, loaded, entry) != ENTRY_IN_FORCE)
		return -1;
	if (action == ACTION_REJECT)
		return 1 + (entry->flags & FLAG_SPARE_FLOWS);
	return is_hiding || (action == ACTION_DROP && !(entry->flags & FLAG_SPARE_FLOWS)) ? 0 : -1;
}

#define REJECT_STAGE(name, map, key_type, bits, SET_KEY)                                                               \
	__weak __noinline int name(const struct address *a, const struct settings *loaded)                             \
	{                                                                                                              \
		struct cpu_state *cs = this_cpu();                                                                     \
		struct key_type key = {.prefix = bits};                                                                \
                                                                                                                       \
		if (!a || !loaded || !cs)                                                                              \
			return 0;                                                                                      \
		SET_KEY;                                                                                               \
		for (int i = 0; i <= bits; i++) {                                                                      \
			struct block_entry *entry = bpf_map_lookup_elem(&map, &key);                                   \
			int answer;                                                                                    \
                                                                                                                       \
			if (!entry)                                                                                    \
				return 0;                                                                              \
			answer = prefix_rejects(entry, loaded, bits);                                                  \
			if (answer >= 0)                                                                               \
				return answer;                                                                         \
			if (entry->prefix == 0 || entry->prefix > bits)                                                \
				return 0;                                                                              \
			key.prefix = entry->prefix - 1;                                                                \
		}                                                                                                      \
		return 0;                                                                                              \
	}

__weak __noinline int prefix_rejects(struct block_entry *entry, const struct settings *loaded, __u32 bits)
{
	struct cpu_state *cs = this_cpu();

	return entry && loaded && cs ? rejects(cs, loaded, entry, hides(entry, bits)) : 0;
}

REJECT_STAGE(rejected_by_prefix4, prefixes4, lpm_key4, 32, key.address = a->words[3])
REJECT_STAGE(rejected_by_prefix6, prefixes6, lpm_key6, 128, __builtin_memcpy(key.address, a->words, 16))

/*
 * Where lists still drop, what ingress handed over just before the one that rejects ended, or went by a swap, is to be
 * kept back here: nobody else does.
 */
static __always_inline int group_rejects(struct cpu_state *cs, void *table, const struct listed_header *header,
					 __u32 group)
{
	__u32 index = header->groups + group;
	struct listed_group *found = bpf_map_lookup_elem(table, &index);

	return found && (lasts(cs, found->reject_until_ns) || lasts(cs, found->drop_until_ns));
}

/* Does a list that rejects, or drops, hold the address? Asked only while some list rejects. */
LIST_STAGE(rejected_by_list4(const struct address *a, const struct settings *loaded), GROUP4,
	   group_rejects(&slot->state, table, header, group))
LIST_STAGE(rejected_by_list6(const struct address *a, const struct settings *loaded), GROUP6,
	   group_rejects(&slot->state, table, header, group))

/* As `rejects`, of the decisions about an address. */
static __always_inline int decision_rejects(struct cpu_state *cs, const struct settings *loaded, const struct packet *p)
{
	struct block_entry *hit;
	int answer = -1;

	if (!loaded->rejects || (p->is_v4 && !block_bit(p->src.words[3])))
		return 0;
	hit = find_exact(p->src.words, p->is_v4);
	if (hit)
		answer = rejects(cs, loaded, hit, 0);
	if (answer < 0)
		answer = p->is_v4 ? rejected_by_prefix4(&p->src, loaded) : rejected_by_prefix6(&p->src, loaded);
	return answer;
}

/*
 * Is the packet in hand one that ingress handed over to be answered? The block stage once more, for its outcome alone:
 * what there was to count is counted. `is_read`: its transport header was.
 */
__weak __noinline int is_rejected(__u32 is_read)
{
	struct cpu_slot *slot = this_cpu_slot();
	const struct packet *p;
	struct settings *loaded;
	struct cpu_state *cs;
	__u32 zero = 0;
	int answer;

	loaded = bpf_map_lookup_elem(&settings, &zero);
	if (!slot || !loaded)
		return 0;
	cs = &slot->state;
	p = &slot->packet;
	answer = decision_rejects(cs, loaded, p);
	if (answer > 1 && is_read && is_spared(p))
		answer = 0;
	/* What decisions let pass, a list may reject. */
	if (answer <= 0 && (loaded->lists & LISTED_REJECT))
		answer = p->is_v4 ? rejected_by_list4(&p->src, loaded) : rejected_by_list6(&p->src, loaded);
	return answer > 0 && !is_panic(cs, loaded) && !is_allowed(&p->src, p->is_v4, is_trial(cs, loaded));
}

#endif
