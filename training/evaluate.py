"""Measures a classifier: at its threshold, per dataset, per family, and on what it was not trained on."""

from collections.abc import Callable, Iterator

import numpy as np

import model
from data import LAB, LAB_GROUPS, LAB_HELD_OUT, PUBLISHED, TEST, TRAIN, VALIDATION, Flows

FALSE_POSITIVE_RATE = 0.001  # the threshold is chosen for this share of flagged benign validation rows
# Share of flagged benign validation rows from which a score has this severity; the lowest is the threshold.
SEVERITY_RATES = {"low": FALSE_POSITIVE_RATE, "medium": 0.0003, "high": 0.0001, "critical": 0.0}
PUBLISHED_TOGETHER = "published test rows"
# Left out together: DoS/DDoS rows are of the one or the other, and the same tools stand in both.
FLOODS = frozenset({"DoS", "DDoS", "DoS/DDoS"})

Say = Callable[[str], None]


def learnable(flows: Flows, part: int) -> Flows:
    """Rows of a part that training and validation may use: those not ambiguous."""
    return flows.take((flows.part == part) & ~flows.ambiguous)


def fit(kind: model.Kind, flows: Flows, seed: int) -> tuple[model.Fitted, float]:
    """A model fitted to the training rows, and its threshold from the benign validation rows."""
    fitted = kind.fit(learnable(flows, TRAIN), seed)
    return fitted, model.threshold_for(benign_validation_scores(fitted, flows), FALSE_POSITIVE_RATE)


def benign_validation_scores(fitted: model.Fitted, flows: Flows) -> np.ndarray:
    validation = learnable(flows, VALIDATION)
    return fitted.predict(validation.x[~validation.attack])


def severities(fitted: model.Fitted, flows: Flows) -> dict[str, float]:
    """Lowest score of each severity, ascending."""
    scores = benign_validation_scores(fitted, flows)
    return {name: model.threshold_for(scores, rate) for name, rate in SEVERITY_RATES.items()}


def choice(test: Flows, scores: np.ndarray) -> dict[str, float]:
    """What a kind of model is chosen by: recall at 0.1 % FPR on rows that may guide a choice, and the mean of it.

    Rows are the published test rows together, and the held-out recordings of the lab where there are any; each with
    the threshold that its own benign rows ask for.
    """
    parts = {
        PUBLISHED_TOGETHER: ~np.isin(test.group, LAB_GROUPS),
        LAB_HELD_OUT: test.group == LAB_HELD_OUT,
    }
    recalls = {
        name: recall_at(test.attack[rows], scores[rows], FALSE_POSITIVE_RATE)
        for name, rows in parts.items()
        if test.attack[rows].any() and not test.attack[rows].all()
    }
    return {**recalls, "mean": round(sum(recalls.values()) / len(recalls), 5)}


def measure(attack: np.ndarray, scores: np.ndarray, threshold: float) -> dict:
    """Figures of `score >= threshold` against the labels; None where a figure has no rows to stand on.

    attack is bool [n], scores float32 [n].
    """
    flagged = scores >= threshold
    hits, false_alarms = int((flagged & attack).sum()), int((flagged & ~attack).sum())
    attacks, benign = int(attack.sum()), int((~attack).sum())
    both = attacks > 0 and benign > 0
    return {
        "benign": benign,
        "attack": attacks,
        "f1": figure(2 * hits, attacks + hits + false_alarms),
        "precision": figure(hits, hits + false_alarms),
        "recall": figure(hits, attacks),
        "fpr": figure(false_alarms, benign),
        "pr_auc": round(average_precision(attack, scores), 4) if both else None,
        "recall_at_own_fpr_0.001": recall_at(attack, scores, 0.001) if both else None,
    }


def figure(part: int, whole: int) -> float | None:
    return round(part / whole, 5) if whole else None


def average_precision(attack: np.ndarray, scores: np.ndarray) -> float:
    """Area under the precision-recall steps; rows of equal score count as one step."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    hits = np.cumsum(attack[order])[ends]
    return float((np.diff(hits, prepend=0) * (hits / (ends + 1))).sum() / hits[-1])


def recall_at(attack: np.ndarray, scores: np.ndarray, false_positive_rate: float) -> float:
    """Recall at the threshold that these rows' own benign scores would ask for."""
    threshold = model.threshold_for(scores[~attack], false_positive_rate)
    return round(float((scores[attack] >= threshold).mean()), 5)


def by_group(flows: Flows, scores: np.ndarray, threshold: float) -> dict[str, dict]:
    """`measure` for each dataset of the rows."""
    return {
        group: measure(flows.attack[flows.group == group], scores[flows.group == group], threshold)
        for group in groups(flows)
    }


def by_family(flows: Flows, scores: np.ndarray, threshold: float) -> dict[str, dict[str, dict]]:
    """Recall at the threshold for each dataset and family of attack."""
    result: dict[str, dict[str, dict]] = {}
    for group in groups(flows):
        inside = flows.attack & (flows.group == group)
        result[group] = {
            family: recall_of(scores[inside & (flows.family == family)], threshold)
            for family in sorted(set(flows.family[inside]))
        }
    return result


def by_label(flows: Flows, scores: np.ndarray, threshold: float) -> dict[str, dict]:
    """Rows and flagged rows of each label, benign first."""
    names = sorted(set(flows.label), key=lambda name: (name.upper() != "BENIGN", name))
    return {
        name: {
            "rows": int((flows.label == name).sum()),
            "flagged": int((scores[flows.label == name] >= threshold).sum()),
        }
        for name in names
    }


def recall_of(attack_scores: np.ndarray, threshold: float) -> dict:
    hits = int((attack_scores >= threshold).sum())
    return {"attack": len(attack_scores), "recall": figure(hits, len(attack_scores))}


def groups(flows: Flows) -> list[str]:
    """The datasets of the rows, the published ones first."""
    present = set(flows.group)
    return [name for name in (*(group for group, _, _ in PUBLISHED), *LAB_GROUPS) if name in present]


def leave_one_family_out(kind: model.Kind, flows: Flows, seed: int, say: Say) -> dict[str, dict]:
    """For each family: train without it, then look at all of its rows.

    Recall is given at the model's own threshold, and at the threshold for 1 % of the benign test rows.
    """
    result = {}
    benign_test = flows.take(~flows.attack & (flows.part == TEST))
    for name, members in families_apart(flows):
        out = np.isin(flows.family, list(members)) & flows.attack
        fitted, threshold = fit(kind, flows.take(~out), seed)
        scores = fitted.predict(flows.x[out])
        loose = model.threshold_for(fitted.predict(benign_test.x), 0.01)
        result[name] = {
            **recall_of(scores, threshold),
            "recall_at_fpr_0.01": recall_of(scores, loose)["recall"],
        }
        say(f"  without {name}: recall {result[name]['recall']:.3f}, at 1 % FPR {result[name]['recall_at_fpr_0.01']:.3f}")
    return result


def families_apart(flows: Flows) -> Iterator[tuple[str, frozenset[str]]]:
    """The families trained on, to leave out one by one, as (name, members); nothing when fewer than two are there."""
    present = set(flows.family[flows.attack & (flows.part == TRAIN)])
    apart = [(family, frozenset({family})) for family in sorted(present - FLOODS)]
    if present & FLOODS:
        apart.append((", ".join(sorted(present & FLOODS)), FLOODS))
    yield from apart if len(apart) > 1 else []


def across_datasets(kind: model.Kind, flows: Flows, seed: int, say: Say) -> list[dict]:
    """Models trained on the first dataset, the first two, and so on, each measured on every dataset.

    A dataset that was trained on is measured on its test rows; one that was not, on all of its rows.
    """
    names = [name for name in groups(flows) if name == LAB or name not in LAB_GROUPS]
    result = []
    for count in range(1, len(names)):
        trained = names[:count]
        fitted, threshold = fit(kind, flows.take(np.isin(flows.group, trained)), seed)
        seen = flows.take(~np.isin(flows.group, trained) | (flows.part == TEST))
        measured = by_group(seen, fitted.predict(seen.x), threshold)
        result.append({"trained_on": trained, "threshold": threshold, "datasets": measured})
        say(f"  trained on {' + '.join(trained)}: " + ", ".join(f"{g} F1 {m['f1']}" for g, m in measured.items()))
    return result
