"""Reads labelled flow tables and splits them into train, validation and test."""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from columns import FEATURES, matrix

# Group name, file, whether it is a small sample that adapts the model (and so gets the adapt weight).
PUBLISHED = (
    ("CIC-IDS2017", "cicids2017_train.csv.gz", False),
    ("CSE-CIC-IDS2018", "cicids2018_train.csv.gz", False),
    ("MSCAD", "mscad_adapt.csv.gz", True),
    ("CIC-DDoS2019", "cicddos2019_adapt.csv.gz", True),
)
LAB = "lab"
LAB_HELD_OUT = "lab, held-out capture"  # measured on while choosing
LAB_UNSEEN = "lab, unseen capture"  # measured on when everything was chosen
LAB_GROUPS = (LAB, LAB_HELD_OUT, LAB_UNSEEN)

TRAIN, VALIDATION, TEST = 0, 1, 2
SHARES = (0.70, 0.15)  # train, validation; the rest is test


@dataclass(frozen=True)
class Flows:
    """Labelled flows as parallel arrays of length n."""

    x: np.ndarray  # float32 [n, 31], columns.FEATURES
    attack: np.ndarray  # bool [n]
    family: np.ndarray  # str [n], "Benign" or the kind of attack
    ambiguous: np.ndarray  # bool [n], the same features also occur under the opposite label
    weight: np.ndarray  # float32 [n], weight of the row in training
    part: np.ndarray  # int8 [n], TRAIN, VALIDATION or TEST
    group: np.ndarray  # str [n], the dataset
    label: np.ndarray  # str [n], "BENIGN" or the name of the attack

    def __len__(self) -> int:
        return len(self.attack)

    def take(self, mask: np.ndarray) -> "Flows":
        """The rows where mask (bool [n]) holds."""
        return Flows(*(getattr(self, field.name)[mask] for field in fields(self)))

    @staticmethod
    def concat(tables: list["Flows"]) -> "Flows":
        """All rows of one or more tables."""
        return Flows(*(np.concatenate([getattr(t, field.name) for t in tables]) for field in fields(Flows)))


@dataclass(frozen=True)
class Source:
    """Where rows came from, for the manifest."""

    name: str
    group: str
    weight: float
    sha256: str
    flows: Flows


def read_published(folder: Path, adapt_weight: float, seed: int) -> list[Source]:
    """The four published tables. Raises FileNotFoundError naming the folder and the files that are missing."""
    missing = [file for _, file, _ in PUBLISHED if not (folder / file).is_file()]
    if missing:
        raise FileNotFoundError(f"no training data in {folder}: {', '.join(missing)} not found (see --data)")
    return [
        read_table(folder / file, group, adapt_weight if adapts else 1.0, seed) for group, file, adapts in PUBLISHED
    ]


def read_lab(paths: list[Path], weight: float, seed: int) -> list[Source]:
    """Tables of flows that the daemon's own extractor produced.

    A file whose name ends in `-test.csv` or `-test.csv.gz` is a held-out capture: all of its rows are test rows. One
    that ends in `-unseen-test` is one that must not guide any choice.
    """
    return [read_table(path, lab_group(path), weight, seed) for path in paths]


def lab_group(path: Path) -> str:
    stem = path.name.removesuffix(".gz").removesuffix(".csv")
    if stem.endswith("-unseen-test"):
        return LAB_UNSEEN
    return LAB_HELD_OUT if stem.endswith("-test") else LAB


def read_table(path: Path, group: str, weight: float, seed: int) -> Source:
    """One CSV (plain or gzip): the 31 features, `Label` (`BENIGN` or the attack), `Family`, optionally `Ambiguous`.

    No other column is read. Raises ValueError, with the path, when a column is missing or a cell is unusable.
    """
    wanted = {*FEATURES, "Label", "Family", "Ambiguous"}
    try:
        table = pd.read_csv(path, usecols=lambda name: name in wanted, low_memory=False)
        x = matrix(table)
        label, attack, family = labels(table)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    n = len(table)
    ambiguous = table["Ambiguous"].fillna(0).to_numpy() == 1 if "Ambiguous" in table else np.zeros(n, bool)
    flows = Flows(
        x=x,
        attack=attack,
        family=family,
        ambiguous=ambiguous,
        weight=np.full(n, weight, np.float32),
        part=np.full(n, TEST, np.int8) if group in (LAB_HELD_OUT, LAB_UNSEEN) else split(x, seed),
        group=np.full(n, group, object),
        label=label,
    )
    return Source(path.name, group, weight, hashlib.sha256(path.read_bytes()).hexdigest(), flows)


def labels(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label (str [n]), whether it is an attack (bool [n]), and family (str [n]) of each row.

    An attack without a family gets its label as family. Raises ValueError when a label is blank.
    """
    for name in ("Label", "Family"):
        if name not in table.columns:
            raise ValueError(f"missing column: {name}")
    label = table["Label"].fillna("").astype(str).str.strip()
    if (label == "").any():
        raise ValueError(f"{int((label == '').sum())} rows have no Label")
    attack = (label.str.upper() != "BENIGN").to_numpy()
    family = table["Family"].fillna("").astype(str).str.strip()
    family = family.where(family != "", label).to_numpy(dtype=object)
    family[~attack] = "Benign"
    return label.to_numpy(dtype=object), attack, family


def split(x: np.ndarray, seed: int) -> np.ndarray:
    """Part of each row, drawn from a hash of its features.

    Equal rows therefore fall on the same side, in whatever file they stand, and adding a file moves no other row.
    Returns int8 [n].
    """
    key = seed.to_bytes(8, "big")
    draw = np.fromiter(
        (int.from_bytes(hashlib.blake2b(row.tobytes(), digest_size=8, key=key).digest(), "big") for row in x),
        dtype=np.uint64,
        count=len(x),
    ) / float(2**64)
    return np.searchsorted(np.cumsum(SHARES), draw, side="right").astype(np.int8)
