/* SPDX-License-Identifier: Apache-2.0 */
/* Sends raw Ethernet frames in the lab: a capture with its timing, one frame many times, or short conversations. */
#define _GNU_SOURCE
#include "send/capture.h"
#include "send/echo.h"
#include "send/far.h"
#include "send/flows.h"
#include "send/link.h"
#include "send/punctual.h"
#include "send/template.h"

#include <getopt.h>
#include <signal.h>

enum { EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_REFUSED = 3, BATCH = 32, FLOOD_FRAME_BYTES = 9018 };

static const char help[] =
	"send replay --iface IF FILE.pcap [--no-timing | --speed X] [--only-src PREFIX] [--not-src PREFIX]\n"
	"            [--dst-mac MAC] [--start-at-ms T] [--far-iface IF --far-netns FILE] [--real-time]\n"
	"send flood  --iface IF --frame HEX (--count N | --duration S) [--rate N | --rate max]\n"
	"            [--spoof-src PREFIX] [--random-sport] [--dst-mac MAC] [--start-at-ms T]\n"
	"send flows  --iface IF --side client|server --duration S [--rate N] [--clients N] [--udp PERCENT] [--gap-ms N]\n"
	"            [--dst-mac MAC] [--start-at-ms T]\n"
	"send echo   --target ADDRESS --count N [--rate N]\n"
	"\n"
	"  --iface IF            interface to send through: a veth or the loopback\n"
	"  --no-timing           send as fast as it goes\n"
	"  --speed X             divide the gaps of the capture by X; default 1\n"
	"  --only-src PREFIX     only IP packets from this address or prefix\n"
	"  --not-src PREFIX      only IP packets not from it: the other end of the same capture\n"
	"  --far-iface IF, --far-netns FILE   what the two leave out goes through this interface of another namespace:\n"
	"                        both ends of a line, in the order of the capture\n"
	"  --real-time           before every ordinary process (SCHED_FIFO), where the system allows it\n"
	"  --frame HEX           the frame, from the destination MAC on, without check sequence\n"
	"  --count N, --duration S   stop after N frames or S seconds, whichever comes first\n"
	"  --rate N              frames, or conversations, a second; default 1000\n"
	"  --spoof-src PREFIX    source addresses one after the other, over and over\n"
	"  --random-sport        random source port, 1024 to 65535, the same sequence every run\n"
	"  --side client|server  which half of each conversation of 10 packets; two senders make both\n"
	"  --clients N           client addresses, from 100.64.0.0 on; default 4096\n"
	"  --target ADDRESS      lab address to ask, one request after the other; prints ns there and back\n"
	"  --udp PERCENT         share of conversations by UDP; default 50\n"
	"  --gap-ms N            between two packets of a conversation; default 5\n"
	"  --dst-mac MAC         destination MAC of every frame\n"
	"  --start-at-ms T       begin at T ms since 1970, so that two ends begin together\n"
	"  --i-own-this-target   allow an interface that leaves this machine\n"
	"\n"
	"A capture is padded with zeros where it was cut. Checksums are corrected by difference, so a wrong one stays\n"
	"wrong. At the end one JSON line tells sent, refused (longer than the MTU), dropped (by the interface), seconds,\n"
	"and of a capture with its timing late_us: the latest that a frame left, or came to the far end, after its time.\n"
	"Exit: 0 everything sent, or stopped by a signal; 1 failed; 2 wrong use; 3 some frames were refused.\n";

struct options {
	const char *iface, *file, *frame, *target;
	bool has_no_timing, has_max_rate, has_random_port, has_dst_mac, has_side, has_real_time, owns_target;
	double speed, rate;     /* factor; frames a second */
	double duration;        /* seconds; 0 = no bound */
	uint64_t count;         /* frames; 0 = no bound */
	uint64_t start_at_ms;   /* since 1970; 0 = at once */
	struct prefix only, not, spoof;
	uint8_t dst_mac[MAC_BYTES];
	struct flows flows;
	struct far_end far;
};

static volatile sig_atomic_t is_stopped;

static void on_signal(int signal)
{
	(void)signal;
	is_stopped = 1;
}

static int fail(int code, const char *what, const char *why)
{
	fprintf(stderr, "send: %s: %s\n", what, why);
	return code;
}

/* CLOCK_MONOTONIC time at which to begin. */
static uint64_t start_time(const struct options *o)
{
	uint64_t at = o->start_at_ms * 1000000u, offset = wall_offset_ns(), monotonic = now_ns(CLOCK_MONOTONIC);

	return at > offset + monotonic ? at - offset : monotonic;
}

/* How long before `start` it was to begin. */
static uint64_t missed_ns(const struct options *o, uint64_t start)
{
	uint64_t at = o->start_at_ms * 1000000u, wall = start + wall_offset_ns();

	return at > 0 && wall > at ? wall - at : 0;
}

static bool is_wanted(const struct options *o, const struct record *r)
{
	int address_bytes = 0;
	const uint8_t *source;

	if (!o->only.address_bytes && !o->not.address_bytes)
		return true;
	source = source_of(r->data, r->captured, &address_bytes);
	if (!source)
		return false;
	return (!o->only.address_bytes || prefix_holds(&o->only, source, address_bytes)) &&
	       (!o->not.address_bytes || !prefix_holds(&o->not, source, address_bytes));
}

/* Sends one record when it is due. False when a link fails, or without memory. */
static bool replay_record(struct options *o, struct link *end, const struct record *r, uint64_t due,
			  uint64_t *late_ns)
{
	static uint8_t frame[MAX_FRAME_BYTES];
	struct iovec part = { .iov_base = frame, .iov_len = r->original };
	struct mmsghdr message = { .msg_hdr = { .msg_iov = &part, .msg_iovlen = 1 } };
	uint64_t refused = end->refused, left;

	if (r->captured < ETHERNET_BYTES || r->original > sizeof(frame) || r->captured > r->original) {
		end->refused++;
		return true;
	}
	memcpy(frame, r->data, r->captured);
	memset(frame + r->captured, 0, r->original - r->captured);
	if (o->has_dst_mac)
		memcpy(frame, o->dst_mac, MAC_BYTES);
	if (!o->has_no_timing && o->has_real_time)
		wait_until(due);
	else if (!o->has_no_timing)
		sleep_until(due);
	if (is_stopped)
		return true;
	if (!link_send(end, &message, 1))
		return false;
	left = now_ns(CLOCK_MONOTONIC);
	if (left > due + *late_ns)
		*late_ns = left - due;
	if (!o->far.name)
		return true;
	/* What goes to the far end has its time when it arrives there. */
	if (end != &o->far.link && end->refused == refused &&
	    !far_expect(&o->far, due + o->far.wall_offset_ns))
		return false;
	far_look(&o->far);
	return true;
}

static int replay(struct options *o, struct link *l)
{
	struct capture capture = { 0 };
	struct record r;
	const char *fault = capture_open(&capture, o->file);
	uint64_t start = start_time(o), late_ns = missed_ns(o, start), due;
	int64_t first_ns = -1, late_us;
	struct link *end;

	if (fault)
		return fail(EXIT_FAILED, o->file, fault);
	if (o->has_real_time)
		go_real_time();
	sleep_until(start);
	while (!is_stopped && capture_next(&capture, &r)) {
		/* The first record of the file, wanted or not, is time zero: both ends agree on it. */
		if (first_ns < 0)
			first_ns = r.time_ns;
		end = is_wanted(o, &r) ? l : o->far.name ? &o->far.link : NULL;
		due = start + (r.time_ns > first_ns ? (uint64_t)((double)(r.time_ns - first_ns) / o->speed) : 0);
		if (end && !replay_record(o, end, &r, due, &late_ns))
			return fail(EXIT_FAILED, end->name, strerror(errno));
	}
	if (o->far.name)
		far_close(&o->far, l);
	late_us = (int64_t)((o->far.late_ns > late_ns ? o->far.late_ns : late_ns) / 1000);
	/* One that did not arrive is late without end. */
	if (o->far.seen < o->far.sent)
		late_us = INT64_MAX;
	link_report(l, start, o->has_no_timing ? NO_LATENESS : late_us);
	return l->refused ? EXIT_REFUSED : 0;
}

/* Writes frame number `n` of the flood. */
static void compose(const struct options *o, const struct template *t, uint64_t n, uint64_t *random, uint8_t *frame)
{
	uint8_t address[16];

	memcpy(frame, t->bytes, t->length);
	if (o->spoof.address_bytes) {
		nth_address(&o->spoof, n, address);
		set_source(t, frame, address);
	}
	if (o->has_random_port) {
		/* xorshift64, Marsaglia 2003. */
		*random ^= *random << 13;
		*random ^= *random >> 7;
		*random ^= *random << 17;
		set_source_port(t, frame, (uint16_t)(1024 + (*random >> 16) % (65536 - 1024)));
	}
}

static const char *prepare(const struct options *o, struct template *t)
{
	const char *fault;

	if (!template_from_hex(t, o->frame))
		return "an even number of hexadecimal digits expected, 14 bytes or more";
	if (t->length > FLOOD_FRAME_BYTES)
		return "longer than 9018 bytes";
	if (o->has_dst_mac)
		memcpy(t->bytes, o->dst_mac, MAC_BYTES);
	if (!o->spoof.address_bytes && !o->has_random_port)
		return NULL;
	fault = locate_fields(t);
	if (!fault && o->spoof.address_bytes && o->spoof.address_bytes != (t->version == 4 ? 4 : 16))
		fault = "its IP version is not the one of --spoof-src";
	if (!fault && o->has_random_port && !t->source_port)
		fault = "--random-sport needs TCP or UDP";
	return fault;
}

static int flood(const struct options *o, struct link *l)
{
	static struct template t;
	static uint8_t frames[BATCH][FLOOD_FRAME_BYTES];
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];
	const char *fault = prepare(o, &t);
	uint64_t start = start_time(o), random = 88172645463325252u, n = 0;

	if (fault)
		return fail(EXIT_USAGE, "--frame", fault);
	for (int i = 0; i < BATCH; i++) {
		parts[i] = (struct iovec){ .iov_base = frames[i], .iov_len = t.length };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	sleep_until(start);
	while (!is_stopped && (!o->count || n < o->count)) {
		double elapsed = (double)(now_ns(CLOCK_MONOTONIC) - start) / 1e9;
		uint64_t due = o->has_max_rate ? n + BATCH : (uint64_t)(elapsed * o->rate) + 1;
		unsigned int size = 0;

		if (o->duration > 0 && elapsed >= o->duration)
			break;
		for (; size < BATCH && n < due && (!o->count || n < o->count); size++, n++)
			compose(o, &t, n, &random, frames[size]);
		if (size == 0)
			sleep_until(start + (uint64_t)((double)n / o->rate * 1e9) + 1);
		else if (!link_send(l, messages, size))
			return fail(EXIT_FAILED, o->iface, strerror(errno));
	}
	link_report(l, start, NO_LATENESS);
	return l->refused ? EXIT_REFUSED : 0;
}

static int converse(const struct options *o, struct link *l)
{
	static uint8_t frames[BATCH][FLOW_FRAME_BYTES];
	struct flows f = o->flows;
	struct mmsghdr messages[BATCH] = { 0 };
	struct iovec parts[BATCH];
	uint64_t start = start_time(o), end_ns = (uint64_t)(o->duration * 1e9);

	f.rate = o->rate;
	for (int i = 0; i < BATCH; i++) {
		parts[i].iov_base = frames[i];
		memcpy(frames[i], o->dst_mac, MAC_BYTES);
		/* A switch takes no frame without a source address: 02:00:00:00:00:c0 and :c1. */
		memcpy(frames[i] + MAC_BYTES, (uint8_t[]){ 2, 0, 0, 0, 0, 0xc0 + f.is_server }, MAC_BYTES);
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &parts[i], .msg_iovlen = 1 };
	}
	sleep_until(start);
	while (!is_stopped) {
		uint64_t elapsed = now_ns(CLOCK_MONOTONIC) - start, due = 0;
		unsigned int size = 0;

		for (; size < BATCH; size++) {
			int step = flow_next_step(&f);

			due = flow_due_ns(&f, f.next[step], step);
			if (due > elapsed || due > end_ns)
				break;
			parts[size].iov_len = flow_frame(&f, f.next[step]++, step, frames[size]);
		}
		if (size > 0 && !link_send(l, messages, size))
			return fail(EXIT_FAILED, o->iface, strerror(errno));
		if (size < BATCH && due > end_ns)
			break;
		/* What falls due within a millisecond goes together: the sender shares its CPU with what it measures. */
		if (size < BATCH)
			sleep_until(start + (due > elapsed + 1000000u ? due : elapsed + 1000000u));
	}
	link_report(l, start, NO_LATENESS);
	return l->refused ? EXIT_REFUSED : 0;
}

static bool parse_number(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	return end != text && *end == '\0' && *value > 0 && *value < 1e15;
}

/* Reads one option; false when its value is not usable. */
static bool read_option(int option, const char *value, struct options *o)
{
	double number = 0;

	switch (option) {
	case 'i': return (o->iface = value);
	case 'f': return (o->frame = value);
	case 'T': return (o->target = value);
	case 't': return (o->has_no_timing = true);
	case 'p': return (o->has_random_port = true);
	case 'w': return (o->owns_target = true);
	case 'R': return (o->has_real_time = true);
	case 'F': return (o->far.name = value);
	case 'N': return (o->far.netns = value);
	case 'x': return parse_number(value, &o->speed);
	case 'o': return parse_prefix(value, &o->only);
	case 'n': return parse_prefix(value, &o->not);
	case 's': return parse_prefix(value, &o->spoof);
	case 'm': return (o->has_dst_mac = parse_mac(value, o->dst_mac));
	case 'd': return parse_number(value, &o->duration);
	case 'r': return (o->has_max_rate = strcmp(value, "max") == 0) || parse_number(value, &o->rate);
	case 'c': return parse_number(value, &number) && (o->count = (uint64_t)number);
	case 'a': return parse_number(value, &number) && (o->start_at_ms = (uint64_t)number);
	case 'k': return parse_number(value, &number) && (o->flows.clients = (uint32_t)number);
	case 'g': return parse_number(value, &number) && (o->flows.gap_ns = (uint64_t)(number * 1e6));
	case 'u': o->flows.udp_percent = (uint32_t)atoi(value); return o->flows.udp_percent <= 100;
	case 'S':
		o->flows.is_server = strcmp(value, "server") == 0;
		return (o->has_side = o->flows.is_server || strcmp(value, "client") == 0);
	}
	return false;
}

static const struct option long_options[] = {
	{ "iface", required_argument, NULL, 'i' }, { "frame", required_argument, NULL, 'f' },
	{ "count", required_argument, NULL, 'c' }, { "duration", required_argument, NULL, 'd' },
	{ "rate", required_argument, NULL, 'r' }, { "spoof-src", required_argument, NULL, 's' },
	{ "random-sport", no_argument, NULL, 'p' }, { "no-timing", no_argument, NULL, 't' },
	{ "speed", required_argument, NULL, 'x' }, { "only-src", required_argument, NULL, 'o' },
	{ "not-src", required_argument, NULL, 'n' }, { "dst-mac", required_argument, NULL, 'm' },
	{ "start-at-ms", required_argument, NULL, 'a' }, { "i-own-this-target", no_argument, NULL, 'w' },
	{ "side", required_argument, NULL, 'S' }, { "clients", required_argument, NULL, 'k' },
	{ "udp", required_argument, NULL, 'u' }, { "gap-ms", required_argument, NULL, 'g' },
	{ "target", required_argument, NULL, 'T' }, { "far-iface", required_argument, NULL, 'F' },
	{ "far-netns", required_argument, NULL, 'N' }, { "real-time", no_argument, NULL, 'R' },
	{ "help", no_argument, NULL, 'h' }, { 0 },
};

int main(int argc, char **argv)
{
	struct options o = { .speed = 1, .rate = 1000,
			     .flows = { .clients = 4096, .udp_percent = 50, .gap_ns = 5000000 } };
	struct link l = { .fd = -1 };
	struct sigaction stop = { .sa_handler = on_signal };
	const char *mode = argc > 1 ? argv[1] : "", *fault;
	bool is_replay = strcmp(mode, "replay") == 0, is_flood = strcmp(mode, "flood") == 0;
	bool is_flows = strcmp(mode, "flows") == 0, is_echo = strcmp(mode, "echo") == 0;
	int option, index = 0;

	if (is_replay || is_flood || is_flows || is_echo) {
		argc--;
		argv++;
	}
	while ((option = getopt_long(argc, argv, "h", long_options, &index)) != -1) {
		if (option == 'h')
			return fputs(help, stdout) < 0;
		if (option == '?')
			return EXIT_USAGE;
		if (!read_option(option, optarg, &o))
			return fail(EXIT_USAGE, long_options[index].name, "not a usable value");
	}
	if (is_echo) {
		if (!o.target || strncmp(o.target, "10.77.", 6) != 0 || !o.count)
			return fail(EXIT_USAGE, "--target and --count", "both are needed, and the target in 10.77.0.0/16");
		fault = echo_many(o.target, o.count, o.rate);
		return fault ? fail(EXIT_FAILED, o.target, fault) : 0;
	}
	if (!is_replay && !is_flood && !is_flows)
		return fail(EXIT_USAGE, "usage", "send replay, send flood, send flows or send echo; see --help");
	if (!o.iface)
		return fail(EXIT_USAGE, "--iface", "missing");
	o.file = argv[optind];
	if (argc != optind + (is_replay ? 1 : 0))
		return fail(EXIT_USAGE, mode, is_replay ? "one capture file expected" : "no further argument expected");
	if (is_flood && !o.frame)
		return fail(EXIT_USAGE, "--frame", "missing");
	if (is_flood && !o.count && o.duration == 0)
		return fail(EXIT_USAGE, "--count or --duration", "one of them is needed");
	if (is_flows && (!o.has_side || o.duration == 0))
		return fail(EXIT_USAGE, "--side and --duration", "both are needed");
	if (!o.far.name != !o.far.netns || (o.far.name && !is_replay))
		return fail(EXIT_USAGE, "--far-iface and --far-netns", "for a replay, and both together");
	fault = link_open(&l, o.iface, o.owns_target);
	if (fault)
		return fail(EXIT_FAILED, o.iface, fault);
	fault = o.far.name ? far_open(&o.far, o.owns_target) : NULL;
	if (fault)
		return fail(EXIT_FAILED, o.far.name, fault);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	if (is_flows)
		return converse(&o, &l);
	return is_replay ? replay(&o, &l) : flood(&o, &l);
}
