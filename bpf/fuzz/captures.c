// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0
/*
 * Fuzz target: any file as a capture, packed or not. Every frame lies in the reader's memory and goes through the
 * parser; its time is one that readers can hold; a file that is cut gives the first frames of the whole one, and a
 * packed file those of the plain one.
 */
#define _GNU_SOURCE

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/source.h"
#include "../parse.h"
#include "check.h"

/* The smallest record of any format: a simple packet without bytes. */
#define SMALLEST_RECORD 16
/* What a few bytes unpack to may be large: beyond this many frames nothing is read. */
#define MAX_FRAMES 65536
#define PACKED_BYTES (1u << 20)
/* Of the memory that frames are read into: as much as most inputs reach. */
#define FILLED_BYTES 8192

struct frames {
	__u64 count;
	__u64 folds[MAX_FRAMES];
};

/* Not the frame itself, but what differs when it does. */
UNTRACED static __u64 fold(const __u8 *bytes, __u32 count, __u64 time_us)
{
	__u64 folded = time_us ^ (__u64)count << 32;

	for (__u32 i = 0; i < count; i++)
		folded = (folded ^ bytes[i]) * 0x100000001b3ull;
	return folded;
}

static void parse_frame(const __u8 *frame, __u32 bytes)
{
	struct cursor c = {frame, frame + bytes};
	struct packet p = {};
	int outcome;

	packet_begin(&p, bytes, 0);
	outcome = parse_network(&c, &p, 1);
	if (outcome == PARSED)
		outcome = parse_transport(&c, &p);
	CHECK(outcome == PARSED || (outcome >= 0 && outcome < UNPARSED_MAX));
}

static void take_frame(struct frames *frames, const struct capture *c)
{
	/* A place of its own: a read behind its end is seen. */
	__u8 *exact = malloc(c->frame_bytes);

	CHECK(exact);
	CHECK(c->frame >= c->bytes && c->frame + c->frame_bytes <= c->bytes + sizeof(c->bytes));
	CHECK(c->frame_bytes <= MAX_RECORD + ETHERNET_HEADER);
	CHECK(c->time_us <= MAX_TIME_US);
	memcpy(exact, c->frame, c->frame_bytes);
	parse_frame(exact, c->frame_bytes);
	frames->folds[frames->count++] = fold(exact, c->frame_bytes, c->time_us);
	free(exact);
}

UNTRACED static void check_end(const struct source *s, const struct capture *c, int outcome, size_t size)
{
	struct fault fault = source_fault(s, c);

	CHECK((outcome == CAPTURE_FAULT) == (c->fault != NULL));
	CHECK(outcome != CAPTURE_FAULT || fault.why);
	CHECK(source_at(s, c) <= size && c->fault_at <= c->at);
	CHECK(fault.is_unpacked || !fault.why || fault.at <= size);
	if (outcome == CAPTURE_END && !fault.why)
		CHECK(source_at(s, c) == size);
}

/* Nothing may depend on what lies in memory before: it is filled with `fill`, which differs between two readings. */
static void read_capture(struct frames *frames, const __u8 *data, size_t size, __u8 fill)
{
	static struct capture capture;
	struct capture *c = &capture;
	struct source source;
	int outcome;

	memset(c, fill, offsetof(struct capture, bytes) + FILLED_BYTES);
	frames->count = 0;
	CHECK(source_open(&source, fmemopen((void *)data, size, "rb")) == 0);
	outcome = capture_begin(c, source.file);
	CHECK(outcome == CAPTURE_END || outcome == CAPTURE_FAULT);
	if (outcome != CAPTURE_FAULT) {
		while (frames->count < MAX_FRAMES && (outcome = capture_next(c)) == CAPTURE_FRAME)
			take_frame(frames, c);
	}
	CHECK(source.unpacker || frames->count * SMALLEST_RECORD <= size);
	check_end(&source, c, outcome, size);
	source_close(&source);
}

static void check_first(const struct frames *part, const struct frames *whole)
{
	CHECK(part->count <= whole->count);
	CHECK(memcmp(part->folds, whole->folds, part->count * sizeof(part->folds[0])) == 0);
}

/* With the smallest window and memory: speed is all that counts. */
static size_t pack_gzip(__u8 *to, const __u8 *data, size_t size)
{
	z_stream z = {.next_in = (__u8 *)data, .avail_in = (uInt)size, .next_out = to, .avail_out = PACKED_BYTES};

	CHECK(deflateInit2(&z, 1, Z_DEFLATED, 9 + 16, 1, Z_DEFAULT_STRATEGY) == Z_OK);
	CHECK(deflate(&z, Z_FINISH) == Z_STREAM_END);
	deflateEnd(&z);
	return PACKED_BYTES - z.avail_out;
}

static size_t pack_zstd(__u8 *to, const __u8 *data, size_t size)
{
	static ZSTD_CCtx *context;
	size_t packed;

	if (!context)
		context = ZSTD_createCCtx();
	CHECK(context);
	packed = ZSTD_compressCCtx(context, to, PACKED_BYTES, data, size, 1);
	CHECK(!ZSTD_isError(packed));
	return packed;
}

/* The same file packed, whole or cut: the last byte but one of it says how. */
static void read_packed(const struct frames *whole, struct frames *other, const __u8 *data, size_t size, size_t cut)
{
	static __u8 packed[PACKED_BYTES];
	__u8 how = data[size - 2] & 7;
	size_t bytes;

	if (how > 3)
		return;
	bytes = how & 1 ? pack_gzip(packed, data, size) : pack_zstd(packed, data, size);
	if (how & 2)
		bytes -= cut % bytes;
	read_capture(other, packed, bytes, 0xff);
	CHECK(how & 2 || other->count == whole->count);
	check_first(other, whole);
}

int LLVMFuzzerTestOneInput(const __u8 *data, size_t size)
{
	static struct frames whole, other;
	size_t cut;

	if (size < 4 || size > MAX_FRAMES)
		return 0;
	read_capture(&whole, data, size, 0);
	cut = (data[size - 1] * 256u + data[size / 2]) % size;
	if (cut > 0) {
		read_capture(&other, data, cut, 0xff);
		check_first(&other, &whole);
	}
	/* Only what begins as a capture does is worth the effort. */
	if (whole.count > 0 && packing_of(data) == PACKED_NOT)
		read_packed(&whole, &other, data, size, cut);
	return 0;
}
