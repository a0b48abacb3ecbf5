"""Draws the figures of the report: ROC, precision-recall, confusion, score distribution. SVG, the same bytes each time."""

from dataclasses import dataclass
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
import numpy as np  # noqa: E402

# Element ids are drawn from the salt, text stays text, and no date is written: the same figure has the same bytes.
STYLE = {"svg.hashsalt": "idsd", "svg.fonttype": "none", "font.size": 9, "axes.grid": True, "grid.alpha": 0.3}
METADATA = {"Date": None, "Creator": None}
LOWEST_RATE = 1e-4  # left end of the ROC's logarithmic axis
POINTS = 160
COLOURS = ("#1f5fa8", "#c2571a")


@dataclass(frozen=True)
class Panel:
    """Rows that are looked at together: labels, and the scores of each model under its name, the shipped one first."""

    title: str
    attack: np.ndarray  # bool [n]
    scores: dict[str, np.ndarray]  # float32 [n] each


def write(folder: Path, panels: list[Panel], threshold: float) -> list[str]:
    """Writes the figures into the folder. Returns their file names. The threshold is the shipped model's."""
    folder.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(STYLE):
        return [
            figure(folder / "roc.svg", panels, roc),
            figure(folder / "precision-recall.svg", panels, precision_recall),
            figure(folder / "confusion.svg", panels, lambda axes, panel: confusion(axes, panel, threshold)),
            figure(folder / "score-distribution.svg", panels, lambda axes, panel: distribution(axes, panel, threshold)),
        ]


def figure(path: Path, panels: list[Panel], draw) -> str:
    shape, all_axes = plt.subplots(1, len(panels), figsize=(3.6 * len(panels), 3.4), squeeze=False)
    for axes, panel in zip(all_axes[0], panels):
        axes.set_title(panel.title, fontsize=9)
        draw(axes, panel)
    shape.tight_layout()
    shape.savefig(path, format="svg", metadata=METADATA)
    plt.close(shape)
    return path.name


def curve(attack: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False alarms and hits at each distinct score taken as the threshold, from the highest down; int [k] each."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(attack[order])[ends]
    return ends + 1 - hits, hits


def roc(axes, panel: Panel) -> None:
    for (name, scores), colour in zip(panel.scores.items(), COLOURS):
        false_alarms, hits = curve(panel.attack, scores)
        rates = np.geomspace(LOWEST_RATE, 1, POINTS)
        allowed = np.floor(rates * (~panel.attack).sum() + 1e-9)
        at = np.searchsorted(false_alarms, allowed, side="right") - 1
        recall = np.where(at >= 0, hits[at], 0) / panel.attack.sum()
        axes.step(rates, recall, where="post", label=name, color=colour, linewidth=1.2)
    axes.set(xscale="log", xlim=(LOWEST_RATE, 1), ylim=(0, 1.02), xlabel="false positive rate", ylabel="recall")
    axes.legend(loc="lower right")


def precision_recall(axes, panel: Panel) -> None:
    for (name, scores), colour in zip(panel.scores.items(), COLOURS):
        false_alarms, hits = curve(panel.attack, scores)
        recalls = np.linspace(1 / POINTS, 1, POINTS)
        at = np.searchsorted(hits, np.ceil(recalls * panel.attack.sum() - 1e-9))
        axes.plot(recalls, hits[at] / (hits[at] + false_alarms[at]), label=name, color=colour, linewidth=1.2)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="recall", ylabel="precision")
    axes.legend(loc="lower left")


def confusion(axes, panel: Panel, threshold: float) -> None:
    flagged = next(iter(panel.scores.values())) >= threshold
    counts = np.array([[((panel.attack == a) & (flagged == f)).sum() for f in (False, True)] for a in (False, True)])
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.grid(False)
    for row in range(2):
        for column in range(2):
            axes.text(
                *(column, row, f"{counts[row, column]:,}\n{shares[row, column]:.2%}"),
                **{"ha": "center", "va": "center", "color": "white" if shares[row, column] > 0.5 else "black"},
            )
    axes.set(xticks=(0, 1), xticklabels=("passed", "flagged"), yticks=(0, 1), yticklabels=("benign", "attack"))


def distribution(axes, panel: Panel, threshold: float) -> None:
    scores = next(iter(panel.scores.values()))
    edges = np.linspace(0, 1, 41)
    for label, rows, colour in (("benign", ~panel.attack, COLOURS[0]), ("attack", panel.attack, COLOURS[1])):
        axes.stairs(np.histogram(scores[rows], edges)[0], edges, label=label, color=colour, linewidth=1.2)
    axes.axvline(threshold, color="black", linewidth=0.8, linestyle="--", label="threshold")
    axes.set(yscale="symlog", ylim=(0, None), xlim=(0, 1), xlabel="score", ylabel="flows")
    axes.legend(loc="upper center")
