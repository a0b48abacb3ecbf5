/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * From frame bytes to a five-tuple. Two steps, because the block stage stands between them: parse_network finds the
 * addresses, parse_transport walks what follows. Neither trusts a length; both check bounds before they read.
 */
#ifndef IDSD_PARSE_H
#define IDSD_PARSE_H

#include "portable.h"
#include "wire.h"

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_ARP 0x0806
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define ETHERTYPE_QINQ_OLD 0x9100
#define ETHERTYPE_PPPOE_DISCOVERY 0x8863
#define ETHERTYPE_PPPOE_SESSION 0x8864

#define PROTOCOL_HOP_BY_HOP 0
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define PROTOCOL_ROUTING 43
#define PROTOCOL_FRAGMENT 44
#define PROTOCOL_AH 51
#define PROTOCOL_ICMPV6 58
#define PROTOCOL_DESTINATION 60

#define TCP_FIN 0x01
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_PSH 0x08
#define TCP_ACK 0x10
#define TCP_URG 0x20
#define TCP_ECE 0x40
#define TCP_CWR 0x80

/* At the eighth extension header a packet counts as too deep: every one defined fits once, with room to spare. */
#define MAX_EXTENSIONS 8

/* Where the parser stands. pos moves forward, end never. */
struct cursor {
	const __u8 *pos;
	const __u8 *end;
};

/*
 * Network order; IPv4 as ::ffff:0:0/96. Written and copied by halves: a load that is wider than the store before it
 * waits until that store has left the CPU, and with it for every cache miss on the way.
 */
struct address {
	union {
		__u32 words[4];
		__u64 halves[2];
	};
};

/* The second half of an IPv4 address. */
#define MAPPED(address) ((__u64)(address) << 32 | NET32(0xffff))

struct packet {
	struct flow_key key __attribute__((aligned(8)));
	struct address src;
	struct address dst;
	__u32 seq;
	__u32 ack_seq;
	__u32 payload;       /* L4 payload of the packet, of all segments together when segments > 1, bytes */
	__u32 ip_left;       /* bytes after the headers walked so far, from the IP length field */
	__u32 frame_bytes;
	__u32 segments;      /* packets that this one becomes on the wire */
	__u32 segment_bytes; /* payload of each segment but the last */
	__u16 window;
	__u16 header;        /* L4 header, bytes */
	__u8 is_v4;
	__u8 protocol;
	__u8 hop_limit;
	__u8 swapped;        /* key.a is dst */
	__u8 same_address;   /* both ends have one address */
	__u8 flags;
	__u8 icmp_type;
	__u8 icmp_code;
	__u8 later_fragment;
	__u8 egress;
	__u8 transit;        /* leaves after it entered by another attached interface */
	__u8 malformed;      /* its lengths contradict each other: nothing but the addresses is read */
	__u32 ip_bytes;      /* total length by the IP header */
};

/* Readies the packet in hand; the parsers set every other field before it is read. */
static __always_inline void packet_begin(struct packet *p, __u32 frame_bytes, __u8 egress)
{
	p->frame_bytes = frame_bytes;
	p->segments = 1;
	p->segment_bytes = 0;
	p->egress = egress;
	p->transit = 0;
	p->malformed = 0;
	p->is_v4 = 0;
	p->later_fragment = 0;
	p->seq = 0;
	p->ack_seq = 0;
}

#define PARSED (-1)

#define NEED(c, n)                                                                                                     \
	do {                                                                                                           \
		if ((c)->pos + (n) > (c)->end)                                                                         \
			return UNPARSED_TRUNCATED;                                                                     \
	} while (0)

/*
 * Ethernet, up to two VLAN tags, the fixed IPv4 or IPv6 header.
 * Returns PARSED with src, dst, protocol and ip_left set, or an enum unparsed.
 */
static __always_inline int parse_network(struct cursor *c, struct packet *p, int lenient)
{
	__u32 left = p->frame_bytes;
	__u32 length;
	__u16 type;

	NEED(c, 14);
	type = NET16(LOAD16(c->pos + 12));
	c->pos += 14;
	left -= 14;
	UNROLL
	for (int i = 0; i < 2; i++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ && type != ETHERTYPE_QINQ_OLD)
			break;
		NEED(c, 4);
		type = NET16(LOAD16(c->pos + 2));
		c->pos += 4;
		left -= 4;
	}

	if (type == ETHERTYPE_IPV4) {
		__u32 ihl;
		__u16 fragment;

		NEED(c, 20);
		if (LOAD8(c->pos) >> 4 != 4)
			return UNPARSED_MALFORMED;
		ihl = (LOAD8(c->pos) & 15) * 4;
		length = NET16(LOAD16(c->pos + 2));
		/* Segmentation offload may leave the length 0 or cut short: the frame says it then. */
		if (p->segments > 1 || (length == 0 && p->egress))
			length = left;
		/* Addresses stand at fixed places: they are judged before a fault of the lengths is. */
		if (ihl < 20 || length < ihl || (!lenient && length > left))
			p->malformed = 1;
		fragment = NET16(LOAD16(c->pos + 6));
		p->later_fragment = (fragment & 0x1fff) != 0;
		p->hop_limit = LOAD8(c->pos + 8);
		p->protocol = LOAD8(c->pos + 9);
		p->is_v4 = 1;
		p->src.halves[0] = 0;
		p->src.halves[1] = MAPPED(LOAD32(c->pos + 12));
		p->dst.halves[0] = 0;
		p->dst.halves[1] = MAPPED(LOAD32(c->pos + 16));
		p->ip_bytes = length;
		p->ip_left = length - ihl;
		c->pos += ihl;
		return PARSED;
	}
	if (type == ETHERTYPE_IPV6) {
		NEED(c, 40);
		if (LOAD8(c->pos) >> 4 != 6)
			return UNPARSED_MALFORMED;
		length = NET16(LOAD16(c->pos + 4));
		if (p->segments > 1 || (length == 0 && p->egress))
			length = left - 40;
		if (!lenient && length > left - 40)
			p->malformed = 1;
		p->protocol = LOAD8(c->pos + 6);
		p->hop_limit = LOAD8(c->pos + 7);
		p->src.halves[0] = LOAD64(c->pos + 8);
		p->src.halves[1] = LOAD64(c->pos + 16);
		p->dst.halves[0] = LOAD64(c->pos + 24);
		p->dst.halves[1] = LOAD64(c->pos + 32);
		p->ip_bytes = length + 40;
		p->ip_left = length;
		c->pos += 40;
		return PARSED;
	}
	if (type == ETHERTYPE_ARP)
		return UNPARSED_ARP;
	if (type == ETHERTYPE_PPPOE_DISCOVERY || type == ETHERTYPE_PPPOE_SESSION)
		return UNPARSED_PPPOE;
	return UNPARSED_NOT_IP;
}

/* IPv6 extension headers up to the transport header. Returns PARSED or an enum unparsed. */
static __always_inline int walk_extensions(struct cursor *c, struct packet *p)
{
	__u32 length, left;

	UNROLL
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		__u8 protocol = p->protocol;

		if (protocol == PROTOCOL_HOP_BY_HOP || protocol == PROTOCOL_ROUTING ||
		    protocol == PROTOCOL_DESTINATION) {
			NEED(c, 8);
			length = (LOAD8(c->pos + 1) + 1) * 8;
		} else if (protocol == PROTOCOL_AH) {
			NEED(c, 8);
			length = (LOAD8(c->pos + 1) + 2) * 4;
		} else if (protocol == PROTOCOL_FRAGMENT) {
			NEED(c, 8);
			length = 8;
			if (NET16(LOAD16(c->pos + 2)) & 0xfff8)
				p->later_fragment = 1;
		} else {
			return PARSED;
		}
		p->protocol = LOAD8(c->pos);
		/* Not compared: where ip_left is known, kernel 6.1 would go on with a length that cannot be. */
		left = p->ip_left - length;
		if (left >> 31)
			return UNPARSED_MALFORMED;
		p->ip_left = left;
		c->pos += length;
		if (p->later_fragment)
			return UNPARSED_FRAGMENT;
	}
	return UNPARSED_EXTENSIONS;
}

/* x < y, without a branch: nothing foretells the order of two addresses. */
static __always_inline __u64 is_below(__u64 x, __u64 y)
{
	return ((~x & y) | ((~x | y) & (x - y))) >> 63;
}

/* Orders the two ends, so that both directions give one key. The last word of an address weighs most. */
static __always_inline void make_key(struct packet *p, __u16 src_port, __u16 dst_port)
{
	__u64 src0 = p->src.halves[0], src1 = p->src.halves[1];
	__u64 dst0 = p->dst.halves[0], dst1 = p->dst.halves[1];
	__u64 swapped, mask, ends[4], ports;

	p->same_address = 0;
	if (src1 != dst1) {
		swapped = is_below(dst1, src1);
	} else if (src0 != dst0) {
		swapped = is_below(dst0, src0);
	} else {
		p->same_address = 1;
		swapped = src_port > dst_port;
	}
	p->swapped = swapped;
	mask = -swapped;
	ends[0] = src0 ^ ((src0 ^ dst0) & mask);
	ends[1] = src1 ^ ((src1 ^ dst1) & mask);
	ends[2] = dst0 ^ ((src0 ^ dst0) & mask);
	ends[3] = dst1 ^ ((src1 ^ dst1) & mask);
	ports = src_port ^ ((src_port ^ dst_port) & mask);
	ports |= (__u64)(dst_port ^ ((src_port ^ dst_port) & mask)) << 16;
	ports |= (__u64)p->protocol << 32;
	__builtin_memcpy(p->key.a, &ends[0], 16);
	__builtin_memcpy(p->key.b, &ends[2], 16);
	__builtin_memcpy(&p->key.port_a, &ports, 8);
}

/*
 * Extension headers and TCP, UDP, ICMP or ICMPv6.
 * Returns PARSED with key, flags and lengths set, or an enum unparsed.
 */
static __always_inline int parse_transport(struct cursor *c, struct packet *p)
{
	__u16 src_port = 0, dst_port = 0;

	if (p->malformed)
		return UNPARSED_MALFORMED;
	if (p->is_v4) {
		if (p->later_fragment)
			return UNPARSED_FRAGMENT;
	} else {
		int err = walk_extensions(c, p);

		if (err != PARSED)
			return err;
	}
	p->flags = 0;
	p->window = 0;
	p->header = 0;
	p->payload = 0;
	p->icmp_type = 0;
	p->icmp_code = 0;
	if (p->protocol == PROTOCOL_TCP) {
		__u32 header;

		NEED(c, 20);
		header = (LOAD8(c->pos + 12) >> 4) * 4;
		/* What lies past the IP length is padding, not a header. */
		if (header < 20 || header > p->ip_left)
			return UNPARSED_MALFORMED;
		src_port = LOAD16(c->pos);
		dst_port = LOAD16(c->pos + 2);
		p->seq = NET32(LOAD32(c->pos + 4));
		p->ack_seq = NET32(LOAD32(c->pos + 8));
		p->flags = LOAD8(c->pos + 13);
		p->window = NET16(LOAD16(c->pos + 14));
		p->header = header;
		p->payload = p->ip_left - header;
	} else if (p->protocol == PROTOCOL_UDP) {
		NEED(c, 8);
		if (p->ip_left < 8)
			return UNPARSED_MALFORMED;
		src_port = LOAD16(c->pos);
		dst_port = LOAD16(c->pos + 2);
		p->header = 8;
		p->payload = p->ip_left - 8;
	} else if ((p->is_v4 && p->protocol == PROTOCOL_ICMP) || (!p->is_v4 && p->protocol == PROTOCOL_ICMPV6)) {
		NEED(c, 4);
		if (p->ip_left < 4)
			return UNPARSED_MALFORMED;
		p->icmp_type = LOAD8(c->pos);
		p->icmp_code = LOAD8(c->pos + 1);
	} else {
		return UNPARSED_PROTOCOL;
	}
	make_key(p, src_port, dst_port);
	return PARSED;
}

#endif
