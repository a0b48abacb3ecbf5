/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0 */
/*
 * Several captures as one stream of frames: always the earliest of those that are first in their file, of equal ones
 * that of the file named first. So the order inside a file stays, whatever its clock says.
 *
 * Each file is looked at once before the first frame is taken. Of many, those whose time has not come are closed
 * meanwhile: only what overlaps needs memory and a place among the open files of the process.
 */
#ifndef IDSD_HOST_MERGE_H
#define IDSD_HOST_MERGE_H

#include <stdlib.h>
#include <sys/stat.h>

#include "source.h"

/* Waiting files that stay open. */
#define WAITING_OPEN 32

struct input {
	const char *path; /* `-`: standard input */
	__u64 head_us;	  /* of the frame that comes next */
	__u64 disk_bytes;
	struct source source;
	struct capture *capture; /* NULL: closed */
	struct fault fault;
	__u8 is_regular;
	__u8 has_frame;
};

struct merge {
	struct input *inputs;
	size_t count;
	size_t *heap; /* numbers of the inputs that have a frame */
	size_t heap_count;
	__u8 is_taken; /* the frame of the first in the heap was given out */
	__u64 read_bytes;  /* of closed files */
	__u64 total_bytes; /* 0: unknown */
	__u32 snap_length;
};

static inline void input_close(struct merge *m, struct input *i)
{
	if (i->capture) {
		if (i->capture->snap_length > m->snap_length)
			m->snap_length = i->capture->snap_length;
		source_close(&i->source);
	}
	free(i->capture);
	i->capture = NULL;
}

/* Reads up to the next frame; without one the file is closed. */
static inline void input_advance(struct merge *m, struct input *i)
{
	i->has_frame = capture_next(i->capture) == CAPTURE_FRAME;
	i->head_us = i->capture->time_us;
	if (i->has_frame)
		return;
	i->fault = source_fault(&i->source, i->capture);
	m->read_bytes += source_at(&i->source, i->capture);
	input_close(m, i);
}

/* Opens the file at its first frame. Returns NULL, or why this is no capture. */
static inline const char *input_open(struct merge *m, struct input *i)
{
	FILE *disk = strcmp(i->path, "-") == 0 ? stdin : fopen(i->path, "rb");
	struct stat about;
	const char *why;

	if (!disk)
		return strerror(errno);
	i->is_regular = fstat(fileno(disk), &about) == 0 && S_ISREG(about.st_mode);
	i->disk_bytes = i->is_regular ? (__u64)about.st_size : 0;
	i->capture = malloc(sizeof(*i->capture));
	if (source_open(&i->source, disk) || !i->capture) {
		source_close(&i->source);
		free(i->capture);
		i->capture = NULL;
		return "no memory to read it";
	}
	if (capture_begin(i->capture, i->source.file) == CAPTURE_FAULT) {
		why = source_fault(&i->source, i->capture).why;
		input_close(m, i);
		return why;
	}
	input_advance(m, i);
	return NULL;
}

static inline int is_earlier(const struct merge *m, size_t a, size_t b)
{
	const struct input *x = &m->inputs[a], *y = &m->inputs[b];

	return x->head_us != y->head_us ? x->head_us < y->head_us : a < b;
}

/* Lets the number at this place of the heap sink to where it belongs. */
static inline void heap_sink(struct merge *m, size_t at)
{
	for (;;) {
		size_t least = at, child = 2 * at + 1, number = m->heap[at];

		if (child < m->heap_count && is_earlier(m, m->heap[child], m->heap[least]))
			least = child;
		if (child + 1 < m->heap_count && is_earlier(m, m->heap[child + 1], m->heap[least]))
			least = child + 1;
		if (least == at)
			return;
		m->heap[at] = m->heap[least];
		m->heap[least] = number;
		at = least;
	}
}

/*
 * Looks at every file. Returns NULL, or why the file `bad` is no capture; merge_end() is due in both cases.
 */
static inline const char *merge_begin(struct merge *m, char *const *paths, size_t count, size_t *bad)
{
	const char *why = NULL;
	int is_known = 1;

	m->inputs = calloc(count, sizeof(*m->inputs));
	m->heap = calloc(count, sizeof(*m->heap));
	*bad = 0;
	if (!m->inputs || !m->heap)
		return "no memory to read it";
	m->count = count;
	for (size_t n = 0; n < count && !why; n++) {
		struct input *i = &m->inputs[n];

		*bad = n;
		i->path = paths[n];
		why = input_open(m, i);
		is_known &= i->is_regular;
		m->total_bytes += i->disk_bytes;
		if (!i->has_frame)
			continue;
		m->heap[m->heap_count++] = n;
		if (n >= WAITING_OPEN && i->is_regular)
			input_close(m, i);
	}
	if (!is_known)
		m->total_bytes = 0;
	for (size_t at = m->heap_count / 2; at-- > 0;)
		heap_sink(m, at);
	return why;
}

static inline void merge_end(struct merge *m)
{
	for (size_t n = 0; n < m->count; n++)
		input_close(m, &m->inputs[n]);
	free(m->inputs);
	free(m->heap);
	memset(m, 0, sizeof(*m));
}

/* The first file of the heap has moved on, or has no frame left. */
static inline void heap_settle(struct merge *m)
{
	if (!m->inputs[m->heap[0]].has_frame)
		m->heap[0] = m->heap[--m->heap_count];
	if (m->heap_count > 1)
		heap_sink(m, 0);
}

/* The capture whose frame is next, which stands until the next call; NULL behind the last one. */
static inline const struct capture *merge_next(struct merge *m)
{
	if (m->is_taken) {
		input_advance(m, &m->inputs[m->heap[0]]);
		heap_settle(m);
	}
	m->is_taken = 0;
	while (m->heap_count > 0) {
		struct input *i = &m->inputs[m->heap[0]];
		const char *why;

		if (i->capture) {
			m->is_taken = 1;
			return i->capture;
		}
		/* Its time has come. Between the two looks it may have changed. */
		why = input_open(m, i);
		if (why) {
			i->has_frame = 0;
			i->fault = (struct fault){.why = why};
		}
		heap_settle(m);
	}
	return NULL;
}

/* Bytes of the files on disk that were read so far. */
static inline __u64 merge_read_bytes(const struct merge *m)
{
	__u64 bytes = m->read_bytes;

	for (size_t at = 0; at < m->heap_count; at++) {
		const struct input *i = &m->inputs[m->heap[at]];

		if (i->capture)
			bytes += source_at(&i->source, i->capture);
	}
	return bytes;
}

#endif
