/* SPDX-License-Identifier: Apache-2.0 */
/* Reads classic capture files: microseconds and nanoseconds, both byte orders. */
#ifndef LAB_SEND_CAPTURE_H
#define LAB_SEND_CAPTURE_H

#include <byteswap.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_HEADER_BYTES = 24, RECORD_HEADER_BYTES = 16 };

struct capture {
	const uint8_t *bytes;
	size_t size, at;
	bool is_swapped;
	uint32_t fraction_ns; /* length of one unit of the second half of a time stamp */
};

struct record {
	const uint8_t *data;
	uint32_t captured, original; /* bytes */
	int64_t time_ns;
};

static uint32_t capture_u32(const struct capture *c, size_t at)
{
	uint32_t value;

	memcpy(&value, c->bytes + at, sizeof(value));
	return c->is_swapped ? bswap_32(value) : value;
}

/* Maps the file. NULL when it worked, else why not. */
static const char *capture_open(struct capture *c, const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes;
	uint32_t magic;

	if (fd < 0)
		return strerror(errno);
	if (fstat(fd, &status) < 0 || status.st_size < FILE_HEADER_BYTES) {
		close(fd);
		return "too short for a capture";
	}
	c->size = (size_t)status.st_size;
	bytes = mmap(NULL, c->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return strerror(errno);
	c->bytes = bytes;
	c->at = FILE_HEADER_BYTES;
	magic = capture_u32(c, 0);
	c->is_swapped = magic == bswap_32(0xa1b2c3d4) || magic == bswap_32(0xa1b23c4d);
	magic = capture_u32(c, 0);
	if (magic != 0xa1b2c3d4 && magic != 0xa1b23c4d)
		return "not a classic capture file";
	c->fraction_ns = magic == 0xa1b23c4d ? 1 : 1000;
	/* The upper bits of the link type field hold the length of a frame check sequence. */
	return (capture_u32(c, 20) & 0xffff) == 1 ? NULL : "link type is not Ethernet";
}

/* The next record; false at the end of the file, also where the file was cut off inside a record. */
static bool capture_next(struct capture *c, struct record *r)
{
	size_t left = c->size - c->at;

	if (left < RECORD_HEADER_BYTES)
		return false;
	r->time_ns = capture_u32(c, c->at) * 1000000000LL + (int64_t)capture_u32(c, c->at + 4) * c->fraction_ns;
	r->captured = capture_u32(c, c->at + 8);
	r->original = capture_u32(c, c->at + 12);
	if (r->captured > left - RECORD_HEADER_BYTES)
		return false;
	r->data = c->bytes + c->at + RECORD_HEADER_BYTES;
	c->at += RECORD_HEADER_BYTES + r->captured;
	return true;
}

#endif
