"""What a kind of model must offer, and how a threshold is chosen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from columns import FEATURES
from data import Flows


class Fitted(Protocol):
    """A model that was fitted."""

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Probability of attack, float32 [n], for x float32 [n, 31]."""

    def to_onnx(self) -> bytes:
        """The serialized graph: input float32 [N, 31], output float32 [N, 1], the same probability."""


@dataclass(frozen=True)
class Kind:
    """A kind of model."""

    name: str  # name of a bundle that holds one
    library: str  # what fits it, with its version
    size: str  # what it is made of, in words
    fit: Callable[[Flows, int], Fitted]  # all given rows with their weights, a seed


def check_rows(flows: Flows) -> None:
    """Raises ValueError unless the rows have the 31 features and both classes."""
    if flows.x.shape[1] != len(FEATURES):
        raise ValueError(f"expected {len(FEATURES)} features, got {flows.x.shape[1]}")
    if flows.attack.all() or not flows.attack.any():
        raise ValueError("training needs both benign and attack rows")


def threshold_for(benign_scores: np.ndarray, false_positive_rate: float) -> float:
    """The lowest threshold, to four decimals, at which `score >= threshold` flags at most that share of the scores.

    Returns a number in [0, 1]; 1 when no lower one will do. Raises ValueError when there are no scores.
    """
    if len(benign_scores) == 0:
        raise ValueError("a threshold needs benign rows")
    allowed = int(false_positive_rate * len(benign_scores))
    highest_passing = float(np.sort(benign_scores)[::-1][allowed])
    return min(1.0, (np.floor(highest_passing * 1e4) + 1) / 1e4)
