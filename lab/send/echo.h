/* SPDX-License-Identifier: Apache-2.0 */
/* Echo requests one after the other, and how long each took there and back. */
#ifndef LAB_SEND_ECHO_H
#define LAB_SEND_ECHO_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { ECHO_BYTES = 64, ECHO_TIMEOUT_S = 1 };

static uint16_t icmp_checksum(const uint8_t *bytes, size_t length)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < length; i += 2)
		sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~(sum + (sum >> 16)));
}

/* One request and its answer; ns, or 0 when none came. */
static uint64_t echo_once(int fd, uint16_t sequence)
{
	uint8_t message[ECHO_BYTES] = { ICMP_ECHO }, answer[256];
	struct icmphdr *header = (struct icmphdr *)message;
	struct timespec before, after;

	header->un.echo.id = htons((uint16_t)getpid());
	header->un.echo.sequence = htons(sequence);
	header->checksum = icmp_checksum(message, sizeof(message));
	clock_gettime(CLOCK_MONOTONIC, &before);
	if (send(fd, message, sizeof(message), 0) < 0)
		return 0;
	for (;;) {
		ssize_t length = recv(fd, answer, sizeof(answer), 0);
		const struct icmphdr *got = (const struct icmphdr *)(answer + (answer[0] & 0xf) * 4);

		clock_gettime(CLOCK_MONOTONIC, &after);
		if (length < 0)
			return 0;
		if (length >= 28 && got->type == ICMP_ECHOREPLY && got->un.echo.id == header->un.echo.id &&
		    got->un.echo.sequence == header->un.echo.sequence)
			return (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u + (uint64_t)after.tv_nsec -
			       (uint64_t)before.tv_nsec;
	}
}

/* Prints {"rtt_ns":[...]}, 0 for what was not answered. NULL when it worked, else why not. */
static const char *echo_many(const char *target, uint64_t count, double rate)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct timeval timeout = { .tv_sec = ECHO_TIMEOUT_S };
	struct timespec pause = { .tv_nsec = (long)(1e9 / rate) };
	int fd;

	if (inet_pton(AF_INET, target, &to.sin_addr) != 1)
		return "an IPv4 address expected";
	if (rate < 2)
		return "--rate: at least 2 a second";
	fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0)
		return strerror(errno);
	printf("{\"rtt_ns\":[");
	for (uint64_t i = 0; i < count; i++) {
		printf("%s%llu", i ? "," : "", (unsigned long long)echo_once(fd, (uint16_t)i));
		nanosleep(&pause, NULL);
	}
	printf("]}\n");
	close(fd);
	return NULL;
}

#endif
