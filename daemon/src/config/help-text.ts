/** The page of `idsd --help`: examples first, then every flag. */

export const helpText = `idsd: an intrusion prevention daemon. It counts packets per flow in the kernel, scores flows,
and drops the sources that it, or you, decide to block.

Examples
  sudo idsd --iface eth0                       protect eth0
  sudo idsd --iface eth0 --mode detect         only watch: automatic decisions count, nothing of theirs drops
  sudo idsd --iface eth0 --iface eth1          a gateway with two interfaces
  sudo idsd --iface any                        every Ethernet interface
  sudo idsd --config FILE --check-config       name every fault of a file
  sudo idsd --iface eth0 --print-config        what is in effect, and where each value comes from
  idsd --read FILE                             what idsd would have found in a capture; needs no root
  sudo idsd --detach --iface eth0              take programs and blocks out of the kernel, and end
  Before the first start:  idsctl --help  shows how to allow, block and unblock.

What to protect, and how
  --iface NAME             interface; may repeat; "any" stands for every Ethernet interface
  --mode prevent|detect    detect: automatic decisions only count (default prevent)
  --xdp-mode auto|native|generic
                           auto: native, else generic, which is slower, with a warning (default auto)
  --on-exit keep|detach    keep: the kernel goes on while idsd is stopped, with its own blocks for
                           enforce.lease_s (default keep)
  --user NAME              user that idsd becomes once it is attached; root: it stays root (default idsd)
  --model DIR|none|shipped folder of a model bundle (default shipped)
  --model-may-block        the points of the model alone may block
  --flows N                flow table entries per interface (default from memory)
  --blocks N               room for blocked addresses (default 262144)
  --prefixes N             room for blocked prefixes (default 65536)

Where things are
  --config FILE            configuration, TOML (default /etc/idsd/idsd.toml; that one may be absent)
  --db FILE                database (default /var/lib/idsd/idsd.db)
  --socket FILE            socket for idsctl (default /run/idsd/idsd.sock; or IDSD_SOCKET)
  --bpffs DIR              pinned maps and links (default /sys/fs/bpf/idsd)
  --run-dir DIR            lock files (default /run/idsd)
  --metrics-listen HOST:PORT|off
                           Prometheus metrics and health (default 127.0.0.1:9478)
  --events FILE            write alerts, decisions and flows to FILE, one JSON object a line; rotated (default none)
  --log-file FILE          append the log to FILE; "-" is standard output (default -)
  --log-level LEVEL        trace, debug, info, warn, error or fatal (default info)
  --log-format auto|json|pretty
                           auto: pretty on a terminal, else JSON (default auto)

Instead of running
  --read FILE              run a capture (pcap or pcapng, perhaps packed by gzip or zstd) through everything on its own
                           clock; alerts and decisions go to standard output, one JSON object a line, a summary to
                           standard error
  --check-config           say ok, or every fault; exit code 1 for faults
  --print-config           the configuration in effect as TOML
  --detach                 remove programs, maps and pins from the kernel
  --help, --version

A capture does not say which side is yours: the end that opens a flow counts as outside, the other as yours.
Packets of a source that idsd decides to block stay in the capture; while the block stands there is no second
decision. This machine's own addresses, gateway, resolvers and operators are not those of a capture: only the
configured allowlist and resolvers are spared. Two readings of one capture write the same bytes.

A flag wins over IDSD_SOCKET, that over the file, the file over the default. SIGHUP reads the file again:
mode, detect, policy, guards, allow, store (not max_bytes), events.flows and log.level take effect at once, the rest at the next
start.
Exit codes: 0 ended as asked, 1 error (also a capture that is cut short, after what was read of it), 2 usage.
`
