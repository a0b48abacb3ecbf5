"""The classifier: gradient-boosted trees over the 31 features."""

import numpy as np
import xgboost as xgb

from columns import FEATURES
from data import Flows

LIBRARY = f"xgboost {xgb.__version__}"
# More, deeper or finer-binned trees gain nothing on the validation rows that their time would be worth.
ROUNDS = 200
PARAMETERS = {
    "objective": "binary:logistic",
    "tree_method": "hist",
    "max_depth": 6,
    "eta": 0.15,
    "lambda": 2.0,
    "min_child_weight": 5.0,
    "subsample": 0.8,
    "colsample_bytree": 0.8,
    "nthread": 1,  # one thread, so that the same rows give the same trees
}


def fit(flows: Flows, seed: int) -> xgb.Booster:
    """Trees fitted to all given rows with their weights. Raises ValueError unless both classes are there."""
    if flows.x.shape[1] != len(FEATURES):
        raise ValueError(f"expected {len(FEATURES)} features, got {flows.x.shape[1]}")
    if flows.attack.all() or not flows.attack.any():
        raise ValueError("training needs both benign and attack rows")
    rows = xgb.DMatrix(flows.x, label=flows.attack, weight=flows.weight, nthread=1)
    return xgb.train({**PARAMETERS, "seed": seed}, rows, num_boost_round=ROUNDS)


def predict(booster: xgb.Booster, x: np.ndarray) -> np.ndarray:
    """Probability of attack, float32 [n], for x float32 [n, 31]."""
    return booster.predict(xgb.DMatrix(x, nthread=1))


def threshold_for(benign_scores: np.ndarray, false_positive_rate: float) -> float:
    """The lowest threshold, to four decimals, at which `score >= threshold` flags at most that share of the scores.

    Returns a number in [0, 1]; 1 when no lower one will do. Raises ValueError when there are no scores.
    """
    if len(benign_scores) == 0:
        raise ValueError("a threshold needs benign rows")
    allowed = int(false_positive_rate * len(benign_scores))
    highest_passing = float(np.sort(benign_scores)[::-1][allowed])
    return min(1.0, (np.floor(highest_passing * 1e4) + 1) / 1e4)
