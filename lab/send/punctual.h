/* SPDX-License-Identifier: Apache-2.0 */
/* The right to send in time, on a machine that has other things to do. */
#ifndef LAB_SEND_PUNCTUAL_H
#define LAB_SEND_PUNCTUAL_H

#include "link.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>

/* Above every ordinary process, below what the kernel itself runs so. */
enum { REAL_TIME_PRIORITY = 20 };
/* So long before its time a frame has the sender awake: a kernel may take a millisecond to leave the CPU to it. */
enum { AWAKE_NS = 1500000 };

/* Goes before every ordinary process, with its memory in place. Where that is not allowed, the report tells how late. */
static void go_real_time(void)
{
	struct sched_param priority = { .sched_priority = REAL_TIME_PRIORITY };

	if (mlockall(MCL_CURRENT) < 0 || sched_setscheduler(0, SCHED_FIFO, &priority) < 0)
		fprintf(stderr, "send: not in real time: %s\n", strerror(errno));
}

/* As sleep_until, awake before the time comes; other senders have their turn meanwhile. */
static void wait_until(uint64_t time_ns)
{
	if (now_ns(CLOCK_MONOTONIC) + AWAKE_NS < time_ns)
		sleep_until(time_ns - AWAKE_NS);
	while (now_ns(CLOCK_MONOTONIC) < time_ns)
		sched_yield();
}

#endif
