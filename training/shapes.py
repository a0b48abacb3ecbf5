"""Hand-made flows: what the model says about traffic shapes that stand in no table.

A flow is written as its packets; `features` computes the 31 columns as the daemon does.
"""

from collections.abc import Callable

import numpy as np

from columns import FEATURES

Packet = tuple[float, str, int]  # time in microseconds, ">" forward or "<" backward, bytes of payload


def features(packets: list[Packet]) -> np.ndarray:
    """Features of a flow given in order of time. Returns float32 [31], in the order of FEATURES.

    Source: the corrected CICFlowMeter; standard deviations are sample ones, 0 for fewer than two values.
    """
    duration = packets[-1][0] - packets[0][0]
    times = {d: np.array([t for t, way, _ in packets if way in d], float) for d in ("><", ">", "<")}
    sizes = {d: np.array([size for _, way, size in packets if way in d], float) for d in ("><", ">", "<")}
    both, forward, backward = "><", ">", "<"

    def rate(amount: float, at_zero: float) -> float:
        return amount / (duration / 1e6) if duration > 0 else at_zero

    value = {
        "Flow Duration": duration,
        "Total Fwd Packets": len(sizes[forward]),
        "Total Backward Packets": len(sizes[backward]),
        "Total Length of Fwd Packets": sizes[forward].sum(),
        "Total Length of Bwd Packets": sizes[backward].sum(),
        "Flow Bytes/s": rate(sizes[both].sum(), -1),
        "Flow Packets/s": rate(len(packets), -1),
        "Fwd Packets/s": rate(len(sizes[forward]), 0),
        "Bwd Packets/s": rate(len(sizes[backward]), 0),
        "Min Packet Length": sizes[both].min(),
        "Max Packet Length": sizes[both].max(),
    }
    for name, way in (("Fwd", forward), ("Bwd", backward)):
        value |= {f"{name} Packet Length {k}": v for k, v in moments(sizes[way]).items()}
    for name, way in (("Flow", both), ("Fwd", forward), ("Bwd", backward)):
        value |= {f"{name} IAT {k}": v for k, v in moments(np.diff(times[way])).items()}
    return np.array([value[name] for name in FEATURES], np.float32)


def moments(values: np.ndarray) -> dict[str, float]:
    if len(values) == 0:
        return {"Mean": 0.0, "Std": 0.0, "Max": 0.0, "Min": 0.0}
    std = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return {"Mean": float(values.mean()), "Std": std, "Max": float(values.max()), "Min": float(values.min())}


def http_request(up: int, down: int, wait_us: float, gap_us: float = 60) -> list[Packet]:
    """One request over a fresh TCP connection: handshake, request, answer after wait_us, both ends close."""
    packets: list[Packet] = [(0, ">", 0), (gap_us, "<", 0), (2 * gap_us, ">", 0), (3 * gap_us, ">", up)]
    packets.append((4 * gap_us, "<", 0))
    now = 4 * gap_us + wait_us
    while down > 0:
        packets += [(now, "<", min(down, 1448)), (now + gap_us / 2, ">", 0)]
        down -= 1448
        now += gap_us
    return packets + [(now, ">", 0), (now + gap_us, "<", 0), (now + 2 * gap_us, ">", 0)]


def dialogue(greeting: int, turns: list[tuple[int, int]], wait_us: float, gap_us: float = 200) -> list[Packet]:
    """A TCP connection in which the server greets, then each turn is a request and an answer after wait_us."""
    packets: list[Packet] = [(0, ">", 0), (gap_us, "<", 0), (2 * gap_us, ">", 0)]
    now = 2 * gap_us
    if greeting:
        now += wait_us
        packets += [(now, "<", greeting), (now + gap_us, ">", 0)]
    for up, down in turns:
        now += 2 * gap_us
        packets += [(now, ">", up), (now + gap_us, "<", 0), (now + wait_us, "<", down), (now + wait_us + gap_us, ">", 0)]
        now += wait_us + gap_us
    return packets + [(now + gap_us, ">", 0), (now + 2 * gap_us, "<", 0), (now + 3 * gap_us, ">", 0)]


def slow_headers(lines: int, every_us: float, size: int) -> list[Packet]:
    """A connection kept open by one header line of size bytes at a time; the server only acknowledges."""
    packets: list[Packet] = [(0, ">", 0), (60, "<", 0), (120, ">", 0), (300, ">", 230), (360, "<", 0)]
    for line in range(1, lines + 1):
        packets += [(line * every_us, ">", size), (line * every_us + 60, "<", 0)]
    return packets


FTP_LOGIN = [(12, 34), (14, 23)]
SSH_LOGIN = [(22, 40), (1000, 1080), (48, 280), (16, 52), (44, 44), (64, 52), (84, 52), (148, 52)]

# (what it is, attack, how to make its packets)
SHAPES: tuple[tuple[str, bool, Callable[[], list[Packet]]], ...] = (
    ("connect scan, closed port: SYN, RST after 70 us", True, lambda: [(0, ">", 0), (70, "<", 0)]),
    ("connect scan, open port: handshake, RST", True, lambda: [(0, ">", 0), (60, "<", 0), (90, ">", 0), (160, ">", 0)]),
    ("SYN without answer, one packet", True, lambda: [(0, ">", 0)]),
    ("SYN repeated at 1 s and 3 s, no answer", True, lambda: [(0, ">", 0), (1e6, ">", 0), (3e6, ">", 0)]),
    ("UDP flood, 1,000 packets of 512 B, 20 us apart", True, lambda: [(i * 20, ">", 512) for i in range(1000)]),
    ("HTTP flood request: 300 B up, 1 kB down, 1 ms", True, lambda: http_request(300, 1000, 500)),
    ("HTTP flood request: 300 B up, 11.6 kB down, 5 ms", True, lambda: http_request(300, 11595, 4000)),
    ("HTTP flood on a choked server: 340 B up, 11.6 kB down, 5 s", True, lambda: http_request(340, 11595, 5e6)),
    ("HTTP flood on a choked server: 340 B up, 11.6 kB down, 80 s", True, lambda: http_request(340, 11595, 80e6)),
    ("slow headers: 230 B, then 10 B every 10 s for 100 s", True, lambda: slow_headers(10, 10e6, 10)),
    ("slow headers: 230 B, then 10 B every 1 s for 10 s", True, lambda: slow_headers(10, 1e6, 10)),
    ("FTP login fails: 1 try, answers after 3 s", True, lambda: dialogue(20, FTP_LOGIN, 3e6)),
    ("FTP login fails: 3 tries, answers after 1.5 s", True, lambda: dialogue(20, FTP_LOGIN * 3, 1.5e6)),
    ("FTP login fails: 1 try, answers after 2 ms", True, lambda: dialogue(20, FTP_LOGIN, 2e3)),
    ("SSH login fails: 1 try, answers after 40 ms", True, lambda: dialogue(41, SSH_LOGIN, 4e4)),
    ("SSH login fails: 6 tries, answers after 1.8 s", True,
     lambda: dialogue(41, SSH_LOGIN[:-1] + [(148, 52)] * 6, 1e6)),
    ("web page: 100 B up, 1 kB down, 2 ms", False, lambda: http_request(100, 1000, 1500)),
    ("web page: 250 B up, 5 kB down, 3 ms", False, lambda: http_request(250, 5000, 2500)),
    ("web page: 400 B up, 20 kB down, 5 ms", False, lambda: http_request(400, 20000, 4000)),
    ("web page: 500 B up, 50 kB down, 8 ms", False, lambda: http_request(500, 50000, 5000)),
    ("web page from afar: 400 B up, 20 kB down, 100 ms", False, lambda: http_request(400, 20000, 6e4, 2e4)),
    ("DNS question and answer: 40 B, 120 B, 20 ms", False, lambda: [(0, ">", 40), (20000, "<", 120)]),
    ("SSH session: login, then 60 keys at 0.3 s", False,
     lambda: dialogue(41, SSH_LOGIN + [(36, 52)] * 60, 2e5)),
)


def rows() -> np.ndarray:
    """All shapes as model input, float32 [len(SHAPES), 31]."""
    return np.stack([features(make()) for _, _, make in SHAPES])
