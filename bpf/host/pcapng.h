/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Captures in blocks: sections of either byte order, several interfaces. Source: draft-ietf-opsawg-pcapng. */
#ifndef IDSD_HOST_PCAPNG_H
#define IDSD_HOST_PCAPNG_H

#include "capture_file.h"
#include "link.h"

#define NG_SECTION 0x0a0d0d0a
#define NG_BYTE_ORDER 0x1a2b3c4d
#define NG_INTERFACE 1
#define NG_OLD_PACKET 2
#define NG_SIMPLE_PACKET 3
#define NG_PACKET 6
#define NG_OPTION_RESOLUTION 9
#define NG_OPTION_OFFSET 14

/* The byte order of a section, whose header begins with these two words, is told by what follows them. */
static inline int ng_section(struct capture *c, __u64 begin)
{
	const __u8 *header = capture_take(c, 8);
	__u32 bytes;

	if (!header)
		return capture_fault(c, begin, "the file ends inside a block");
	c->is_swapped = 0;
	if (capture_32(c, header + 4) != NG_BYTE_ORDER) {
		c->is_swapped = 1;
		if (capture_32(c, header + 4) != NG_BYTE_ORDER)
			return capture_fault(c, begin, "a section without a byte order");
	}
	bytes = capture_32(c, header);
	if (bytes < 28 || bytes % 4)
		return capture_fault(c, begin, "a section header of an impossible length");
	c->interface_count = 0;
	if (capture_skip(c, bytes - 12))
		return capture_fault(c, begin, "the file ends inside a block");
	return CAPTURE_END;
}

/* 10 to the power of the value, or, with the highest bit, 2 to the power of the rest. 0: beyond what is read here. */
static inline __u64 ng_resolution(__u8 value)
{
	__u64 per_second = 1;

	if (value & 0x80)
		return (value & 0x7f) < 63 ? 1ull << (value & 0x7f) : 0;
	if (value > 18)
		return 0;
	while (value-- > 0)
		per_second *= 10;
	return per_second;
}

/* `bytes` of body follow. Options that are damaged are passed over. */
static inline int ng_interface(struct capture *c, __u64 begin, __u32 bytes)
{
	struct capture_interface *i = &c->interfaces[c->interface_count];
	const __u8 *body;

	if (bytes < 8 || bytes > MAX_RECORD)
		return capture_fault(c, begin, "an interface block of an impossible length");
	if (c->interface_count == MAX_INTERFACES)
		return capture_fault(c, begin, "more than 1,024 interfaces");
	body = capture_take(c, bytes);
	if (!body)
		return capture_fault(c, begin, "the file ends inside a block");
	capture_declare_snap_length(c, i, capture_32(c, body + 4));
	i->link_type = capture_16(c, body);
	i->per_second = 1000000;
	i->offset_s = 0;
	for (__u32 at = 8; at + 4 <= bytes;) {
		__u16 code = capture_16(c, body + at);
		__u16 length = capture_16(c, body + at + 2);

		if (code == 0 || at + 4 + length > bytes)
			break;
		if (code == NG_OPTION_RESOLUTION && length >= 1)
			i->per_second = ng_resolution(body[at + 4]);
		if (code == NG_OPTION_OFFSET && length >= 8)
			i->offset_s = (__s64)capture_64(c, body + at + 4);
		at += 4 + ((length + 3u) & ~3u);
	}
	if (i->per_second == 0)
		return capture_fault(c, begin, "an interface whose clock is too fine");
	c->interface_count++;
	return CAPTURE_END;
}

/* Of a section without any there is nothing to read. */
static inline int ng_has_known_link(const struct capture *c)
{
	for (__u32 n = 0; n < c->interface_count; n++)
		if (is_known_link(c->interfaces[n].link_type))
			return 1;
	return 0;
}

/* A packet: its fixed part is `fixed` bytes long. `bytes` of body follow. */
static inline int ng_packet(struct capture *c, __u64 begin, __u32 type, __u32 bytes)
{
	__u32 fixed = type == NG_SIMPLE_PACKET ? 4 : 20;
	__u32 number = 0, captured, original;
	const struct capture_interface *i;
	const __u8 *header;
	__u64 stamp = 0;
	__u8 *record;
	int is_known;

	header = bytes < fixed ? NULL : capture_take(c, fixed);
	if (!header)
		return capture_fault(c, begin, "the file ends inside a block");
	if (type != NG_SIMPLE_PACKET)
		number = type == NG_PACKET ? capture_32(c, header) : capture_16(c, header);
	if (number >= c->interface_count)
		return capture_fault(c, begin, "a packet of an interface that is not described");
	i = &c->interfaces[number];
	if (type == NG_SIMPLE_PACKET) {
		captured = original = capture_32(c, header);
		if (i->snap_length && captured > i->snap_length)
			captured = i->snap_length;
		if (captured > bytes - fixed)
			captured = bytes - fixed;
	} else {
		stamp = (__u64)capture_32(c, header + 4) << 32 | capture_32(c, header + 8);
		captured = capture_32(c, header + 12);
		original = capture_32(c, header + 16);
	}
	if (captured > bytes - fixed || captured > MAX_RECORD)
		return capture_fault(c, begin, "a packet larger than its block or than any frame");
	is_known = is_known_link(i->link_type);
	if (!is_known && !ng_has_known_link(c))
		return capture_fault(c, begin, "a link type that is neither Ethernet, Linux cooked nor raw IP");
	/* A simple packet has no time: it came when the one before it did. */
	stamp = type == NG_SIMPLE_PACKET ? c->time_us : capture_us(i, stamp);
	if (stamp > MAX_TIME_US)
		return capture_fault(c, begin, "a time that is out of all bounds");
	/* Padding and options, and the length once more: the packet is whole when its block is. */
	bytes += 4 - fixed;
	if (bytes > MAX_TAKE)
		return capture_fault(c, begin, "a block of an impossible length");
	record = capture_take(c, bytes);
	if (!record)
		return capture_fault(c, begin, "the file ends inside a block");
	c->time_us = stamp;
	c->is_cut = original > captured;
	/* Of a link that is not read, beside one that is: a frame of no known type. */
	take_link(c, i->link_type, record, is_known ? captured : 0);
	return CAPTURE_FRAME;
}

static inline int ng_next(struct capture *c)
{
	for (;;) {
		__u64 begin = c->at;
		int outcome = CAPTURE_END;
		__u32 type, bytes;
		const __u8 *word;

		word = capture_take(c, 4);
		if (!word)
			return capture_is_empty(c) ? CAPTURE_END
						   : capture_fault(c, begin, "the file ends inside a block");
		type = capture_32(c, word);
		if (type == NG_SECTION) {
			outcome = ng_section(c, begin);
			if (outcome != CAPTURE_END)
				return outcome;
			continue;
		}
		word = capture_take(c, 4);
		if (!word)
			return capture_fault(c, begin, "the file ends inside a block");
		bytes = capture_32(c, word);
		if (bytes < 12 || bytes % 4)
			return capture_fault(c, begin, "a block of an impossible length");
		/* Type and length stand before the body, the length once more behind it. */
		bytes -= 12;
		if (type == NG_PACKET || type == NG_OLD_PACKET || type == NG_SIMPLE_PACKET)
			return ng_packet(c, begin, type, bytes);
		if (type == NG_INTERFACE) {
			outcome = ng_interface(c, begin, bytes);
			if (outcome != CAPTURE_END)
				return outcome;
			bytes = 0;
		}
		if (capture_skip(c, (__u64)bytes + 4))
			return capture_fault(c, begin, "the file ends inside a block");
	}
}

#endif
