/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* Classic captures: micro- and nanoseconds, both byte orders. */
#ifndef IDSD_HOST_PCAP_H
#define IDSD_HOST_PCAP_H

#include "capture_file.h"
#include "link.h"

#define PCAP_MICROSECONDS 0xa1b2c3d4
#define PCAP_NANOSECONDS 0xa1b23c4d

/* What follows the magic number. */
static inline int pcap_begin(struct capture *c, __u64 per_second)
{
	const __u8 *header = capture_take(c, 20);
	__u16 minor;

	if (!header)
		return capture_fault(c, 0, "too short for a capture");
	minor = capture_16(c, header + 2);
	c->has_swapped_lengths = minor < 3 ? 1 : minor == 3 ? 2 : 0;
	capture_declare_snap_length(c, &c->interfaces[0], capture_32(c, header + 12));
	/* The upper bits hold the length of a frame check sequence. */
	c->interfaces[0].link_type = capture_32(c, header + 16) & 0xffff;
	c->interfaces[0].per_second = per_second;
	c->interface_count = 1;
	if (!is_known_link(c->interfaces[0].link_type))
		return capture_fault(c, 20, "a link type that is neither Ethernet, Linux cooked nor raw IP");
	return CAPTURE_END;
}

static inline int pcap_next(struct capture *c)
{
	const struct capture_interface *i = &c->interfaces[0];
	__u64 begin = c->at;
	__u32 captured, original, fraction;
	const __u8 *header;
	__u64 time_us;
	__u8 *record;

	header = capture_take(c, 16);
	if (!header)
		return capture_is_empty(c) ? CAPTURE_END : capture_fault(c, begin, "the file ends inside a record");
	captured = capture_32(c, header + 8);
	original = capture_32(c, header + 12);
	if (c->has_swapped_lengths == 1 || (c->has_swapped_lengths == 2 && captured > original)) {
		captured = original;
		original = capture_32(c, header + 8);
	}
	if (captured > MAX_RECORD)
		return capture_fault(c, begin, "a record is larger than any frame");
	fraction = capture_32(c, header + 4);
	time_us = (__u64)capture_32(c, header) * 1000000 + (i->per_second == 1000000 ? fraction : fraction / 1000);
	record = capture_take(c, captured);
	if (!record)
		return capture_fault(c, begin, "the file ends inside a record");
	c->time_us = time_us;
	c->is_cut = original > captured;
	take_link(c, i->link_type, record, captured);
	return CAPTURE_FRAME;
}

#endif
