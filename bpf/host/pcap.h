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
	__u8 header[20];
	__u16 minor;

	if (capture_read(c, header, sizeof(header)) != sizeof(header))
		return capture_fault(c, 0, "too short for a capture");
	minor = capture_16(c, header + 2);
	c->has_swapped_lengths = minor < 3 ? 1 : minor == 3 ? 2 : 0;
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
	__u32 captured, original;
	__u8 header[16];
	size_t got;

	got = capture_read(c, header, sizeof(header));
	if (got == 0)
		return CAPTURE_END;
	if (got != sizeof(header))
		return capture_fault(c, begin, "the file ends inside a record");
	captured = capture_32(c, header + 8);
	original = capture_32(c, header + 12);
	if (c->has_swapped_lengths == 1 || (c->has_swapped_lengths == 2 && captured > original))
		captured = original;
	if (captured > MAX_RECORD)
		return capture_fault(c, begin, "a record is larger than any frame");
	if (capture_read(c, c->bytes + ETHERNET_HEADER, captured) != captured)
		return capture_fault(c, begin, "the file ends inside a record");
	c->time_us = (__u64)capture_32(c, header) * 1000000 +
		     (__u64)capture_32(c, header + 4) * 1000000 / i->per_second;
	take_link(c, i->link_type, captured);
	return CAPTURE_FRAME;
}

#endif
