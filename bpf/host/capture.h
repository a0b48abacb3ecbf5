/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/* A capture file, pcap or pcapng, as a stream of Ethernet frames with times in microseconds. */
#ifndef IDSD_HOST_CAPTURE_H
#define IDSD_HOST_CAPTURE_H

#include "pcap.h"
#include "pcapng.h"

/* Reads what stands before the first frame. Returns CAPTURE_FAULT when this is no capture. */
static inline int capture_begin(struct capture *c, FILE *file)
{
	const __u8 *magic;

	memset(c, 0, offsetof(struct capture, interfaces));
	c->file = file;
	c->taken = c->filled = HEADER_ROOM;
	magic = capture_take(c, 4);
	if (!magic)
		return capture_fault(c, 0, "too short for a capture");
	for (int swapped = 0; swapped < 2; swapped++) {
		c->is_swapped = swapped;
		switch (capture_32(c, magic)) {
		case PCAP_MICROSECONDS:
			return pcap_begin(c, 1000000);
		case PCAP_NANOSECONDS:
			return pcap_begin(c, 1000000000);
		case NG_SECTION:
			c->is_ng = 1;
			return ng_section(c, 0);
		}
	}
	return capture_fault(c, 0, "neither pcap nor pcapng");
}

/* Returns an enum capture_outcome; with CAPTURE_FRAME, frame, frame_bytes, is_cut and time_us are set. */
static inline int capture_next(struct capture *c)
{
	return c->is_ng ? ng_next(c) : pcap_next(c);
}

#endif
