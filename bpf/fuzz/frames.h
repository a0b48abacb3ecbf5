/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Frames out of the bytes of a fuzz input. As they stand, or built of a few choices: mutation alone seldom
 * keeps two packets in one flow.
 */
#ifndef IDSD_FUZZ_FRAMES_H
#define IDSD_FUZZ_FRAMES_H

#include <string.h>

#include "../parse.h"

#define MAX_HEADERS 512

/* What is left of the input. Behind the end all is 0. */
struct input {
	const __u8 *pos;
	const __u8 *end;
};

struct frame {
	__u32 bytes;	/* on the wire */
	__u32 captured; /* of them at hand */
	__u8 data[MAX_HEADERS];
};

static inline __u8 take8(struct input *in)
{
	return in->pos < in->end ? *in->pos++ : 0;
}

static inline __u16 take16(struct input *in)
{
	__u8 low = take8(in);

	return (__u16)(low | take8(in) << 8);
}

static inline void put8(struct frame *f, __u8 value)
{
	f->data[f->captured++] = value;
}

static inline void put16(struct frame *f, __u16 value)
{
	put8(f, (__u8)(value >> 8));
	put8(f, value & 0xff);
}

static inline void put32(struct frame *f, __u32 value)
{
	put16(f, (__u16)(value >> 16));
	put16(f, value & 0xffff);
}

/* Bytes as they stand: 0 to 255, and how many more a longer buffer would hold. */
static inline void take_raw(struct input *in, struct frame *f)
{
	__u8 shape = take8(in);
	size_t left = (size_t)(in->end - in->pos);

	f->captured = shape < left ? shape : (__u32)left;
	memcpy(f->data, in->pos, f->captured);
	in->pos += f->captured;
	f->bytes = f->captured;
}

enum shape_bits {
	SHAPE_IPV6 = 1,
	SHAPE_VLAN = 2,
	SHAPE_EXTENSION = 4,
	SHAPE_ANSWER = 8,
	SHAPE_OPTIONS = 16,
	SHAPE_LARGE = 32,
	/* The two highest: TCP twice, UDP, ICMP. */
};

/* Four hosts, four ports: few enough that packets meet. */
static inline void put_address(struct frame *f, int is_v6, __u8 host)
{
	if (is_v6) {
		put32(f, 0x20010db8);
		put32(f, host & 2 ? 1 : 0);
		put32(f, 0);
		put32(f, host & 1);
	} else {
		put32(f, 0x0a000000 | (host & 3));
	}
}

static inline void put_transport(struct input *in, struct frame *f, __u8 shape, __u8 ends, __u32 payload)
{
	__u16 near_port = 1000 + (ends >> 4 & 3), far_port = 80 + (ends >> 6 & 1);
	int is_answer = shape & SHAPE_ANSWER;
	__u16 numbers;

	switch (shape >> 6) {
	case 0:
	case 1:
		put16(f, is_answer ? far_port : near_port);
		put16(f, is_answer ? near_port : far_port);
		numbers = take16(in);
		put32(f, numbers & 0xff);
		put32(f, numbers >> 8);
		put8(f, shape & SHAPE_OPTIONS ? 0x80 : 0x50);
		put8(f, take8(in));
		put16(f, take8(in));
		put32(f, 0);
		for (int i = 0; shape & SHAPE_OPTIONS && i < 3; i++)
			put32(f, 0x01010101);
		return;
	case 2:
		put16(f, is_answer ? far_port : near_port);
		put16(f, is_answer ? near_port : far_port);
		put16(f, (__u16)(8 + payload));
		put16(f, 0);
		return;
	default:
		put8(f, take8(in));
		put8(f, take8(in));
		put16(f, 0);
		put32(f, 0);
	}
}

static inline void take_built(struct input *in, struct frame *f)
{
	__u8 shape = take8(in), ends = take8(in);
	int is_v6 = shape & SHAPE_IPV6, is_answer = shape & SHAPE_ANSWER;
	__u32 payload = shape & SHAPE_LARGE ? take16(in) : take8(in);
	__u8 protocols[] = {PROTOCOL_TCP, PROTOCOL_TCP, PROTOCOL_UDP, is_v6 ? PROTOCOL_ICMPV6 : PROTOCOL_ICMP};
	__u32 length_at, ip_at, ip_bytes;

	f->captured = 0;
	for (int i = 0; i < 12; i++)
		put8(f, 0);
	if (shape & SHAPE_VLAN)
		put32(f, (__u32)ETHERTYPE_VLAN << 16);
	put16(f, is_v6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4);
	ip_at = f->captured;
	if (is_v6) {
		put32(f, 0x60000000);
		length_at = f->captured;
		put16(f, 0);
		put8(f, shape & SHAPE_EXTENSION ? PROTOCOL_DESTINATION : protocols[shape >> 6]);
		put8(f, 64);
	} else {
		put16(f, 0x4500);
		length_at = f->captured;
		put16(f, 0);
		put32(f, shape & SHAPE_EXTENSION ? 0x2000 : 0);
		put8(f, 64);
		put8(f, protocols[shape >> 6]);
		put16(f, 0);
	}
	put_address(f, is_v6, is_answer ? ends >> 2 : ends);
	put_address(f, is_v6, is_answer ? ends : ends >> 2);
	if (is_v6 && shape & SHAPE_EXTENSION) {
		put32(f, (__u32)protocols[shape >> 6] << 24);
		put32(f, 0);
	}
	put_transport(in, f, shape, ends, payload);
	ip_bytes = f->captured - ip_at - (is_v6 ? 40 : 0) + payload;
	f->data[length_at] = (__u8)(ip_bytes >> 8);
	f->data[length_at + 1] = (__u8)ip_bytes;
	f->bytes = f->captured + payload;
}

/* A built frame with some of its bytes changed, and perhaps cut. */
static inline void take_damaged(struct input *in, struct frame *f)
{
	__u8 changes, cut;

	take_built(in, f);
	changes = take8(in);
	cut = take8(in);
	for (int i = 0; i < (changes & 7); i++) {
		__u8 at = take8(in);

		f->data[at % f->captured] = take8(in);
	}
	if (cut && cut < f->captured) {
		f->captured = cut;
		if (changes & 8)
			f->bytes = cut;
	}
}

#endif
