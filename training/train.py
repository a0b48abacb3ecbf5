"""Trains the flow classifiers and writes the better one's bundle: model.onnx, manifest.json, card.md, check.json, report/."""

import argparse
import glob
import hashlib
import json
import os
import sys
import time
from pathlib import Path

# One thread, so that the same rows give the same sums. Must be said before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

import card
import evaluate
import plots
import shapes
from columns import FEATURES, SEMANTICS
from data import LAB_GROUPS, LAB_HELD_OUT, LAB_UNSEEN, SHARES, TEST, TRAIN, Flows, Source, read_lab, read_published
from export import INPUT, OUTPUT, open_session, run
from model import Fitted, Kind
from network import NETWORK
from trees import TREES

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DATA = ROOT / ".." / "shared" / "datasets"
DEFAULT_LAB = str(ROOT / "training" / "lab" / "*.csv.gz")
DEFAULT_OUT = ROOT / "models" / "flow-gbt"

PARITY_ROWS = 10_000
PARITY_LIMIT = 1e-5
SIZE_LIMIT = 1_000_000  # bytes
CHECK_ROWS = 4  # of each label of a held-out table
KINDS = (TREES, NETWORK)

EPILOG = """\
examples:
  python training/train.py
  python training/train.py --data /data/flows --out /tmp/flow-gbt
  python training/train.py --lab my-site/*.csv.gz --lab-weight 10

The data folder holds cicids2017_train.csv.gz, cicids2018_train.csv.gz, mscad_adapt.csv.gz and
cicddos2019_adapt.csv.gz. A lab file is a CSV with the 31 feature columns under their CIC-IDS2017 names,
`Label` (BENIGN or the attack) and `Family`; other columns are ignored. A lab file named *-test.csv.gz
is a held-out capture: it is measured on, never trained on. One named *-unseen-test.csv.gz does not guide
the choice between the kinds of model either.
"""


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR",
                        help="folder of the published flow tables (default: ../shared/datasets beside the project)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="DIR",
                        help="bundle folder to write (default: models/flow-gbt)")
    parser.add_argument("--lab", nargs="*", default=[DEFAULT_LAB], metavar="FILE",
                        help="labelled flows from the daemon's own extractor, files or patterns "
                             "(default: training/lab/*.csv.gz; give no FILE to leave them out)")
    parser.add_argument("--lab-weight", type=float, default=5.0, metavar="W",
                        help="weight of a lab row in training; a CIC-IDS2017 row has 1 (default: %(default)s)")
    parser.add_argument("--adapt-weight", type=float, default=5.0, metavar="W",
                        help="weight of a row of the two *_adapt tables (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=7, help="seed of split and training (default: %(default)s)")
    parser.add_argument("--version", default="1.2.0", metavar="X.Y.Z",
                        help="version to write into the manifest (default: %(default)s)")
    return parser.parse_args(argv)


def lab_files(patterns: list[str]) -> list[Path]:
    """Files named by paths or glob patterns, sorted, each once.

    A pattern may match nothing. Raises FileNotFoundError for a plain path that does not exist.
    """
    found: set[Path] = set()
    for pattern in patterns:
        matches = glob.glob(pattern)
        if not matches and not glob.has_magic(pattern):
            raise FileNotFoundError(f"no such lab file: {pattern}")
        found.update(Path(match) for match in matches)
    return sorted(found)


def train(sources: list[Source], out: Path, seed: int, version: str, say=print) -> dict:
    """Trains every kind of model on the sources, measures, writes the better one's bundle, returns its manifest.

    Raises ValueError when the rows cannot train a model, RuntimeError when an ONNX graph is too big or disagrees with
    its model. Nothing is written then.
    """
    flows = Flows.concat([source.flows for source in sources])
    test = flows.take(flows.part == TEST)
    trained = [one(kind, sources, flows, test, seed, say) for kind in KINDS]
    best = max(trained, key=lambda t: t["choice"]["mean"])
    others = [t for t in trained if t is not best]
    say("shipped: " + best["name"] + "; " + ", ".join(f"{t['name']} {t['choice']['mean']:.4f}" for t in trained))

    learned = evaluate.learnable(flows, TRAIN)
    benign = learned.x[~learned.attack].astype(np.float64)
    fitted, graph = best["fitted"], best["graph"]
    manifest = {
        "schema": 1,
        "name": best["name"],
        "version": version,
        "role": "flow classifier",
        "semantics": SEMANTICS,
        "features": list(FEATURES),
        "input": INPUT,
        "output": OUTPUT,
        "threshold": best["threshold"],
        "severity": evaluate.severities(fitted, flows),
        "trained_on_cuts": ["ready", "end"],
        "sha256": hashlib.sha256(graph).hexdigest(),
        "training": {
            "fingerprint": fingerprint(sources),
            "citations": citations(sources),
            "datasets": [describe(source) for source in sources],
            "seed": seed,
            "library": best["library"],
            "size": best["size"],
            "shares": [*SHARES, round(1 - sum(SHARES), 6)],
            "ambiguous": "left out of train and validation, kept in test",
            "threshold_for_fpr": evaluate.FALSE_POSITIVE_RATE,
            "severity_for_fpr": evaluate.SEVERITY_RATES,
            "model_bytes": len(graph),
            "onnx_largest_difference": best["difference"],
            "onnx_rows_compared": best["compared"],
        },
        "metrics": best["metrics"],
        "choice": {
            "criterion": "mean recall at a false positive rate of 0.1 %",
            "models": {t["name"]: t["choice"] for t in trained},
        },
        "others": [{key: t[key] for key in ("name", "library", "size", "threshold", "metrics")} for t in others],
        "medians": {name: float(value) for name, value in zip(FEATURES, np.median(benign, axis=0))},
    }
    panels = report_panels(test, {t["name"]: t["fitted"] for t in (best, *others)})
    write_bundle(out, graph, manifest, check_rows(sources, fitted), panels)
    return manifest


def one(kind: Kind, sources: list[Source], flows: Flows, test: Flows, seed: int, say) -> dict:
    """One kind of model: fitted, exported, compared with its graph, measured."""
    say(f"training {kind.name}")
    fitted, threshold = evaluate.fit(kind, flows, seed)
    graph = fitted.to_onnx()
    difference, compared = check_graph(graph, fitted, flows.x, seed)
    say(f"  threshold {threshold}, {len(graph):,} bytes, ONNX differs by at most {difference:.1e} on {compared:,} rows")
    scores = fitted.predict(test.x)
    metrics = {
        "test": {
            "all": evaluate.measure(test.attack, scores, threshold),
            **evaluate.by_group(test, scores, threshold),
        },
        "families": evaluate.by_family(test, scores, threshold),
        "lab": lab_tables(sources, fitted, threshold),
    }
    for name, m in metrics["test"].items():
        say(f"  test, {name}: F1 {show(m['f1'])}, recall {show(m['recall'])}, FPR {show(m['fpr'])}")
    say(f"training {kind.name} without one family at a time")
    metrics["leave_one_family_out"] = evaluate.leave_one_family_out(kind, flows, seed, say)
    say(f"training {kind.name} without datasets")
    metrics["across_datasets"] = evaluate.across_datasets(kind, flows, seed, say)
    metrics["shapes"] = shape_scores(fitted)
    return {
        **{"name": kind.name, "library": kind.library, "size": kind.size},
        **{"fitted": fitted, "graph": graph, "threshold": threshold, "difference": difference, "compared": compared},
        **{"metrics": metrics, "choice": evaluate.choice(test, scores)},
    }


def fingerprint(sources: list[Source]) -> str:
    """One hash over all files: of the lines `sha256  name`, sorted by name, as `sha256sum` prints them."""
    lines = sorted((source.name, f"{source.sha256}  {source.name}\n") for source in sources)
    return hashlib.sha256("".join(line for _, line in lines).encode()).hexdigest()


def citations(sources: list[Source]) -> dict[str, str]:
    return {group: text for group, text in card.CITATIONS.items() if any(s.group == group for s in sources)}


def report_panels(test: Flows, models: dict[str, Fitted]) -> list[plots.Panel]:
    """Test rows of the published tables, of the held-out and of the unseen recordings, where both classes are there."""
    parts = {
        evaluate.PUBLISHED_TOGETHER: ~np.isin(test.group, LAB_GROUPS),
        LAB_HELD_OUT: test.group == LAB_HELD_OUT,
        LAB_UNSEEN: test.group == LAB_UNSEEN,
    }
    return [
        plots.Panel(name, test.attack[rows], {key: m.predict(test.x[rows]) for key, m in models.items()})
        for name, rows in parts.items()
        if test.attack[rows].any() and not test.attack[rows].all()
    ]


def show(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def check_graph(graph: bytes, fitted: Fitted, x: np.ndarray, seed: int) -> tuple[float, int]:
    """Largest difference between graph and model on up to PARITY_ROWS rows, and the number of rows compared.

    Raises RuntimeError when it exceeds PARITY_LIMIT or the graph exceeds SIZE_LIMIT.
    """
    if len(graph) > SIZE_LIMIT:
        raise RuntimeError(f"model.onnx would have {len(graph):,} bytes, more than {SIZE_LIMIT:,}")
    rows = np.random.default_rng(seed).permutation(len(x))[:PARITY_ROWS]
    difference = float(np.abs(run(open_session(graph), x[rows]) - fitted.predict(x[rows])).max())
    if difference > PARITY_LIMIT:
        raise RuntimeError(f"ONNX and the model differ by {difference:.1e}, more than {PARITY_LIMIT:.0e}")
    return difference, len(rows)


def lab_tables(sources: list[Source], fitted: Fitted, threshold: float) -> list[dict]:
    """Flagged rows of each lab table by label: test rows of the learned ones, all rows of the held-out ones."""
    result = []
    for source in sources:
        if source.group not in LAB_GROUPS:
            continue
        test = source.flows.take(source.flows.part == TEST)
        labels = evaluate.by_label(test, fitted.predict(test.x), threshold) if len(test) else {}
        result.append({"name": source.name, "group": source.group, "labels": labels})
    return result


def check_rows(sources: list[Source], fitted: Fitted) -> list[dict]:
    """Some rows of each label of the held-out tables with the score the model gives them, for `idsctl model verify`."""
    result = []
    for source in sources:
        if source.group not in (LAB_HELD_OUT, LAB_UNSEEN):
            continue
        for label in evaluate.by_label(source.flows, np.zeros(len(source.flows)), 1.0):
            [rows] = np.nonzero(source.flows.label == label)
            picked = source.flows.x[rows[np.linspace(0, len(rows) - 1, min(CHECK_ROWS, len(rows))).astype(int)]]
            for x, score in zip(picked, fitted.predict(picked)):
                features = [float(str(value)) for value in x]
                result.append({"table": source.name, "label": label, "features": features, "score": float(str(score))})
    return result


def shape_scores(fitted: Fitted) -> list[dict]:
    scores = fitted.predict(shapes.rows())
    return [
        {"shape": name, "attack": attack, "score": round(float(score), 5)}
        for (name, attack, _), score in zip(shapes.SHAPES, scores)
    ]


def describe(source: Source) -> dict:
    flows = source.flows
    return {
        "name": source.name,
        "group": source.group,
        "rows": len(flows),
        "benign": int((~flows.attack).sum()),
        "attack": int(flows.attack.sum()),
        "ambiguous": int(flows.ambiguous.sum()),
        "trained_on": int(((flows.part == TRAIN) & ~flows.ambiguous).sum()),
        "weight": source.weight,
        "sha256": source.sha256,
    }


def write_bundle(out: Path, graph: bytes, manifest: dict, checks: list[dict], panels: list[plots.Panel]) -> None:
    """Writes all files; the manifest last, so that a manifest always has its model."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.onnx").write_bytes(graph)
    figures = plots.write(out / "report", panels, manifest["threshold"])
    (out / "card.md").write_text(card.render(manifest, figures), encoding="utf-8")
    check = {"schema": 1, "sha256": manifest["sha256"], "rows": checks}
    (out / "check.json").write_text(json.dumps(check, indent=1) + "\n", encoding="utf-8")
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def microseconds_per_flow(graph: bytes, x: np.ndarray, batch: int, calls: int = 2000) -> float:
    """Mean time of a flow in calls of `batch` rows on this machine, one thread."""
    session = open_session(graph)
    starts = [i * batch % (len(x) - batch) for i in range(calls)]
    run(session, x[:batch])
    began = time.perf_counter()
    for start in starts:
        run(session, x[start : start + batch])
    return (time.perf_counter() - began) / (calls * batch) * 1e6


def main(argv: list[str] | None = None) -> int:
    args = arguments(argv)
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"[{time.perf_counter() - began:6.1f} s] {text}", flush=True)

    try:
        lab = lab_files(args.lab)
        say(f"reading {args.data} and {len(lab)} lab files")
        sources = read_published(args.data, args.adapt_weight, args.seed) + read_lab(lab, args.lab_weight, args.seed)
        for source in sources:
            attacks = int(source.flows.attack.sum())
            say(f"  {source.name}: {len(source.flows):,} rows, {attacks:,} attack, weight {source.weight:g}")
        manifest = train(sources, args.out, args.seed, args.version, say)
    except (OSError, ValueError, RuntimeError) as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    graph = (args.out / "model.onnx").read_bytes()
    x = sources[0].flows.x
    single, batched = microseconds_per_flow(graph, x, 1), microseconds_per_flow(graph, x, 256, 100)
    say(f"one thread: {single:.1f} us for a single flow, {batched:.2f} us a flow in batches of 256")
    for shape in manifest["metrics"]["shapes"]:
        mark = "alert" if shape["score"] >= manifest["threshold"] else "     "
        say(f"  {shape['score']:.4f} {mark} {'attack' if shape['attack'] else 'benign'}: {shape['shape']}")
    say(f"wrote {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
