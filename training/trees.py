"""Gradient-boosted trees over the 31 features."""

from dataclasses import dataclass

import numpy as np
import xgboost as xgb

import export
from data import Flows
from model import Kind, check_rows

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


@dataclass(frozen=True)
class Trees:
    """Fitted trees; see model.Fitted."""

    booster: xgb.Booster

    def predict(self, x: np.ndarray) -> np.ndarray:
        return self.booster.predict(xgb.DMatrix(x, nthread=1))

    def to_onnx(self) -> bytes:
        return export.trees_to_onnx(self.booster)


def fit(flows: Flows, seed: int) -> Trees:
    """Trees fitted to all given rows with their weights. Raises ValueError unless both classes are there."""
    check_rows(flows)
    rows = xgb.DMatrix(flows.x, label=flows.attack, weight=flows.weight, nthread=1)
    return Trees(xgb.train({**PARAMETERS, "seed": seed}, rows, num_boost_round=ROUNDS))


TREES = Kind(
    name="flow-gbt",
    library=f"xgboost {xgb.__version__}",
    size=f"{ROUNDS} gradient-boosted trees of depth {PARAMETERS['max_depth']}",
    fit=fit,
)
