/* SPDX-License-Identifier: Apache-2.0 */
/* The other end of a line, in a namespace of its own: what is sent from there, and when what is sent to it arrives. */
#ifndef LAB_SEND_FAR_H
#define LAB_SEND_FAR_H

#include "link.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

/* How long the last frames may be on their way, ms, and room for those that wait to be seen, bytes. */
enum { ARRIVAL_MS = 1000, ARRIVAL_BYTES = 8 << 20 };

struct far_end {
	const char *name, *netns; /* interface; file of its namespace */
	int home, away;           /* the two namespaces */
	int seen_fd;              /* receives what arrives */
	struct link link;
	uint64_t *due_ns;         /* of each frame sent to it, CLOCK_REALTIME */
	size_t sent, seen, room;
	uint64_t wall_offset_ns;  /* CLOCK_REALTIME less CLOCK_MONOTONIC */
	uint64_t late_ns;         /* the latest that a frame arrived after its time */
};

/* A socket that takes note of each frame that comes in by the interface, with its time. */
static int watch_arrivals(const char *name)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET, .sll_protocol = htobe16(ETH_P_ALL) };
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1, bytes = ARRIVAL_BYTES;

	address.sll_ifindex = (int)if_nametoindex(name);
	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return fd;
}

/* Opens the far interface; the process stays in its own namespace. NULL when it worked, else why not. */
static const char *far_open(struct far_end *f, bool owns_target)
{
	const char *fault;

	f->wall_offset_ns = wall_offset_ns();
	f->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	f->away = open(f->netns, O_RDONLY | O_CLOEXEC);
	if (f->home < 0 || f->away < 0 || setns(f->away, CLONE_NEWNET) < 0)
		return strerror(errno);
	fault = link_open(&f->link, f->name, owns_target);
	f->seen_fd = fault ? -1 : watch_arrivals(f->name);
	if (!fault && f->seen_fd < 0)
		fault = strerror(errno);
	return setns(f->home, CLONE_NEWNET) < 0 ? strerror(errno) : fault;
}

/* Notes a frame that goes to the far end. False without memory. */
static bool far_expect(struct far_end *f, uint64_t due_ns)
{
	if (f->sent == f->room) {
		size_t room = f->room ? 2 * f->room : 1024;
		uint64_t *grown = realloc(f->due_ns, room * sizeof(*grown));

		if (!grown)
			return false;
		f->due_ns = grown;
		f->room = room;
	}
	f->due_ns[f->sent++] = due_ns;
	return true;
}

/* Takes note of what has arrived: in the order in which it was sent. */
static void far_look(struct far_end *f)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };

	for (;;) {
		struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control,
					  .msg_controllen = sizeof(control) };
		struct cmsghdr *header;
		struct timespec at;
		uint64_t at_ns;

		if (recvmsg(f->seen_fd, &message, 0) < 0)
			return;
		header = CMSG_FIRSTHDR(&message);
		if (!header || header->cmsg_type != SCM_TIMESTAMPNS || f->seen == f->sent)
			continue;
		memcpy(&at, CMSG_DATA(header), sizeof(at));
		at_ns = (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
		if (at_ns > f->due_ns[f->seen] + f->late_ns)
			f->late_ns = at_ns - f->due_ns[f->seen];
		f->seen++;
	}
}

/* Waits for the last frames, and adds what the far end sent and lost to the near one's counts. */
static void far_close(struct far_end *f, struct link *near)
{
	struct pollfd watch = { .fd = f->seen_fd, .events = POLLIN };

	while (f->seen < f->sent && poll(&watch, 1, ARRIVAL_MS) > 0)
		far_look(f);
	near->sent += f->link.sent;
	near->refused += f->link.refused;
	if (setns(f->away, CLONE_NEWNET) < 0)
		return;
	near->filtered += f->link.filtered + dropped_by(f->name) - f->link.dropped_before;
	if (setns(f->home, CLONE_NEWNET) < 0)
		perror("send: back to its own namespace");
}

#endif
