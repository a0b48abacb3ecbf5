/* SPDX-License-Identifier: Apache-2.0 */
/* A packet socket bound to one interface, and what was sent through it. */
#ifndef LAB_SEND_LINK_H
#define LAB_SEND_LINK_H

#include <errno.h>
#include <inttypes.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct link {
	int fd;
	char name[IFNAMSIZ];
	uint64_t sent;    /* frames the kernel took */
	uint64_t refused; /* frames the kernel did not take: longer than the MTU, or shorter than a header */
	uint64_t filtered; /* frames that a filter of this interface went on taking away */
	uint64_t dropped_before;
};

/* Tries of one frame, 20 us apart: a full queue has room by then, a filter still drops it. */
enum { SEND_TRIES = 20 };

/* Frames the interface lost on sending since it exists; a veth counts here what its full peer did not take. */
static uint64_t dropped_by(const char *name)
{
	char line[512], device[64];
	uint64_t dropped = 0, value;
	FILE *table = fopen("/proc/self/net/dev", "r");

	while (table && fgets(line, sizeof(line), table)) {
		/* After the name: 8 columns of receiving, then bytes, packets, errors and drops of sending. */
		if (sscanf(line, " %63[^:]: %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %" SCNu64, device, &value) == 2 &&
		    strcmp(device, name) == 0)
			dropped = value;
	}
	if (table)
		fclose(table);
	return dropped;
}

/* Whether frames sent here stay in this machine: a veth or the loopback. */
static bool stays_in_lab(int fd, const char *name)
{
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { 0 };

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_LOOPBACK))
		return true;
	request.ifr_data = (char *)&driver;
	return ioctl(fd, SIOCETHTOOL, &request) == 0 && strcmp(driver.driver, "veth") == 0;
}

/* Opens the interface. NULL when it worked, else why not. */
static const char *link_open(struct link *l, const char *name, bool owns_target)
{
	struct sockaddr_ll address = { .sll_family = AF_PACKET };

	if (strlen(name) >= sizeof(l->name))
		return "interface name too long";
	strcpy(l->name, name);
	/* Protocol 0: this socket receives nothing. */
	l->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (l->fd < 0)
		return errno == EPERM ? "needs root (CAP_NET_RAW)" : strerror(errno);
	address.sll_ifindex = (int)if_nametoindex(name);
	if (address.sll_ifindex == 0)
		return "no such interface in this namespace";
	if (!owns_target && !stays_in_lab(l->fd, name))
		return "not a veth or loopback: frames would leave this machine; see --i-own-this-target";
	if (bind(l->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return strerror(errno);
	l->dropped_before = dropped_by(name);
	return NULL;
}

/* Sends frames in order. False when the link fails; frames it refuses are counted and skipped. */
static bool link_send(struct link *l, struct mmsghdr *frames, unsigned int count)
{
	unsigned int at = 0, tries = 0;

	while (at < count) {
		int taken = sendmmsg(l->fd, frames + at, count - at, 0);

		if (taken > 0) {
			at += (unsigned int)taken;
			l->sent += (unsigned int)taken;
			tries = 0;
		} else if (errno == EMSGSIZE || errno == EINVAL) {
			at++;
			l->refused++;
		} else if ((errno == ENOBUFS || errno == EAGAIN) && ++tries > SEND_TRIES) {
			at++;
			l->filtered++;
			tries = 0;
		} else if (errno == ENOBUFS || errno == EAGAIN) {
			nanosleep(&(struct timespec){ .tv_nsec = 20000 }, NULL);
		} else if (errno != EINTR) {
			return false;
		}
	}
	return true;
}

static uint64_t now_ns(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* CLOCK_REALTIME less CLOCK_MONOTONIC: of the closest readings, for the CPU may be taken away between two. */
static uint64_t wall_offset_ns(void)
{
	uint64_t offset = 0, apart = UINT64_MAX;

	for (int i = 0; i < 20; i++) {
		uint64_t before = now_ns(CLOCK_MONOTONIC), wall = now_ns(CLOCK_REALTIME);
		uint64_t took = now_ns(CLOCK_MONOTONIC) - before;

		if (took < apart) {
			apart = took;
			offset = wall - before;
		}
	}
	return offset;
}

/* Sleeps until a CLOCK_MONOTONIC time; returns early on a signal. */
static void sleep_until(uint64_t time_ns)
{
	struct timespec until = { .tv_sec = (time_t)(time_ns / 1000000000u), .tv_nsec = (long)(time_ns % 1000000000u) };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Of frames that are due at no time of their own. */
enum { NO_LATENESS = -1 };

/* One JSON line on standard output. */
static void link_report(const struct link *l, uint64_t started_ns, int64_t late_us)
{
	double seconds = (double)(now_ns(CLOCK_MONOTONIC) - started_ns) / 1e9;

	printf("{\"sent\":%" PRIu64 ",\"refused\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"seconds\":%.6f", l->sent,
	       l->refused, l->filtered + dropped_by(l->name) - l->dropped_before, seconds);
	if (late_us != NO_LATENESS)
		printf(",\"late_us\":%" PRIi64, late_us);
	printf("}\n");
}

#endif
