"""Writes the model card from a manifest. Every number comes from the manifest."""

CITATIONS = {
    "CIC-IDS2017": "I. Sharafaldin, A. Habibi Lashkari, A. A. Ghorbani, \"Toward Generating a New Intrusion Detection "
    "Dataset and Intrusion Traffic Characterization\", ICISSP 2018.",
    "CSE-CIC-IDS2018": "the same, ICISSP 2018.",
    "MSCAD": "M. Almseidin, J. Al-Sawwa, M. Alkasassbeh, \"Generating a benchmark cyber multi-step attacks dataset for "
    "intrusion detection\", 2022; IEEE DataPort 10.21227/phr0-e264.",
    "CIC-DDoS2019": "I. Sharafaldin, A. Habibi Lashkari, S. Hakak, A. A. Ghorbani, \"Developing Realistic Distributed "
    "Denial of Service (DDoS) Attack Dataset and Taxonomy\", ICCST 2019.",
}

HEAD = """\
# {name} {version}

A model ({size}) that gives one flow a score from 0 to 1: how much its {features} counters, lengths and
gaps look like the attack flows it was trained on. It sees no addresses, ports, times of day, flags or windows.

- Input `{input}`: float32 [N, {features}], in the order of `features` in `manifest.json`; times in microseconds, sizes in
  bytes of payload. At zero duration `Flow Bytes/s` and `Flow Packets/s` are -1, `Fwd Packets/s` and `Bwd Packets/s` 0.
- Output `{output}`: float32 [N, 1]. `score >= {threshold}` is a hit. Severity: {severity}.
- Trained on flows as they are when their connection has closed and when they end, not on earlier looks at them
  (`trained_on_cuts`).
- Library: {library}, seed {seed}; `model.onnx` is {bytes} bytes and agrees with the library to {parity:.0e} on
  {parity_rows} rows.

This file and all numbers in it are written by `training/train.py`.

## What it does not know

**It knows these tools on those networks, no more.** A tool, a network or a family of attack that is not in its
training rows may score anything; the tables below on families and datasets left out show how far it falls.

- **Thresholds do not transfer.** The one in the manifest flags at most {rate:.1%} of the benign validation rows; on another
  network that share is another one. Calibrate it on the site's own benign traffic.
- **One score must not block.** It is one voice of evidence. Scans, floods and password guessing are behaviour of a
  source over time, and a single flow of theirs often looks like any other flow.
- **Severity says how rare such a score is among benign validation rows**, not what the attack would do: {severity_rates}.
- The published tables hold no flows of one packet and their labels have known faults (Engelen et al., WTMC 2021; Rosay
  et al., ICISSP 2022; Lanvin et al., CRiSIS 2022; Liu et al., IEEE CNS 2022).

## Semantics

idsd computes the features as the corrected CICFlowMeter does (`{semantics}`). The published tables come from older
generations of the tool: they end TCP connections differently, may count Ethernet padding as payload, and hold segments
merged by the capturing host. The {features} columns are those whose definition is the same on both sides; their values may
still differ for the same packets. Flows labelled through the daemon's own extractor (`training/lab/`) have no such gap.
"""


def render(manifest: dict, figures: list[str]) -> str:
    """The card, in Markdown, of a manifest as train.py writes it. figures are file names in `report/`."""
    training, metrics = manifest["training"], manifest["metrics"]
    models = {manifest["name"]: manifest, **{other["name"]: other for other in manifest["others"]}}
    rates = training["severity_for_fpr"]
    parts = [
        HEAD.format(
            **{key: manifest[key] for key in ("name", "version", "input", "output", "threshold", "semantics")},
            features=len(manifest["features"]),
            severity=", ".join(f"{name} from {score}" for name, score in manifest["severity"].items()),
            severity_rates=", ".join(
                f"{name} {f'{rate:.2%}' if rate else 'none'}" for name, rate in rates.items()
            ),
            size=training["size"],
            library=training["library"],
            seed=training["seed"],
            bytes=f"{training['model_bytes']:,}",
            parity=training["onnx_largest_difference"],
            parity_rows=f"{training['onnx_rows_compared']:,}",
            rate=training["threshold_for_fpr"],
        ),
        choice_section(manifest, models),
        data_section(training),
        held_out_section(models),
        lab_section(models),
        families_section(models),
        transfer_section(models),
        shapes_section(models),
        figures_section(figures),
    ]
    return "\n".join(parts)


def choice_section(manifest: dict, models: dict[str, dict]) -> str:
    choice = manifest["choice"]
    parts = list(next(iter(choice["models"].values())))
    rows = [
        [name, size_of(models[name]), *(number(choice["models"][name][part]) for part in parts)] for name in models
    ]
    return f"""\
## Models compared

The one with the higher {choice["criterion"]} ships: **{manifest["name"]}**. Each column takes the threshold
that its own benign rows ask for. Rows of unseen captures have no part in the choice.

{table(["model", "size", *parts], rows)}
"""


def size_of(model: dict) -> str:
    return model["training"]["size"] if "training" in model else model["size"]


def data_section(training: dict) -> str:
    sources = training["datasets"]
    rows = [
        [s["name"], s["group"], s["benign"], s["attack"], s["ambiguous"], f"{s['weight']:g}", f"`{s['sha256'][:12]}`"]
        for s in sources
    ]
    shares = " / ".join(f"{share:.0%}" for share in training["shares"])
    lab = any(s["group"].startswith("lab") for s in sources)
    return f"""\
## Data

{table(["file", "dataset", "benign", "attack", "ambiguous", "weight", "sha256"], rows)}

Rows are split {shares} into train, validation and test by a hash of their features, so equal rows fall on one side.
Ambiguous rows (the same features occur under the opposite label) are left out of train and validation, and stay in test.
{"Rows of `lab` went through the daemon's own extractor; held-out and unseen captures are measured on, never trained on." if lab else "No row of this model went through the daemon's own extractor."}

One hash over all files (of `sha256sum` of them, sorted by name): `{training["fingerprint"]}`.

{chr(10).join(f"- {group}: {text}" for group, text in training["citations"].items())}
"""


def held_out_section(models: dict[str, dict]) -> str:
    rows = [
        ["all test rows" if group == "all" else group, name, *figures(models[name]["metrics"]["test"][group])]
        for group in first(models)["metrics"]["test"]
        for name in models
    ]
    thresholds = ", ".join(f"{name} {model['threshold']}" for name, model in models.items())
    return f"""\
## Held-out rows of the same captures, at the threshold

Thresholds: {thresholds}.

{table(["test rows of", "model", *FIGURES], rows)}

The last column takes the threshold that the dataset's own benign test rows would ask for; below 1,000 benign rows that
is one that flags none of them.
"""


def lab_section(models: dict[str, dict]) -> str:
    """What is flagged of the lab's own recordings; nothing when there are none."""
    tables = {name: model["metrics"]["lab"] for name, model in models.items()}
    if not first(tables):
        return ""
    rows = [
        [
            *(t["name"], KINDS_OF_ROWS[t["group"]], label, m["rows"]),
            *(flagged(one[i]["labels"][label]) for one in tables.values()),
        ]
        for i, t in enumerate(first(tables))
        for label, m in t["labels"].items()
    ]
    return f"""\
## Recordings of the lab, through the daemon's own extractor

Flagged at the threshold. **The models know the lab's own tools** (`lab/programs/`), on a network without distance: the
recordings that were not learned have other ports, paces, sizes and delays, but the same programs. **Held-out tables guided
the choice of what to learn and which model to ship, so their figures flatter; unseen ones had no part in it.** A flood of
plain requests, and password guesses with a connection for each, stand in the tables that are not learned only: one such
flow is an ordinary visit, and only their number tells. What is learned are guesses that follow each other on one
connection; **a program that sends small requests of one kind over one connection looks much the same**, and what teaches
the model to let it pass (`busy`) costs recall of such guesses: see Web Attack - Brute Force. `captures` are small captures
of others, replayed; a row labelled with the name of an attack capture is any flow in it.

{table(["table", "measured on", "label", "rows", *(f"flagged by {name}" for name in models)], rows)}
"""


KINDS_OF_ROWS = {"lab": "test rows", "lab, held-out capture": "held out", "lab, unseen capture": "unseen"}


def flagged(m: dict) -> str:
    return f"{m['flagged']:,} ({m['flagged'] / m['rows']:.1%})"


def first(models: dict):
    return next(iter(models.values()))


def families_section(models: dict[str, dict]) -> str:
    metrics = {name: model["metrics"] for name, model in models.items()}
    known = [
        [group, family, m["attack"], *(number(one["families"][group][family]["recall"]) for one in metrics.values())]
        for group, families in first(metrics)["families"].items()
        for family, m in families.items()
    ]
    out = [
        [
            *(family, m["attack"]),
            *(number(one["leave_one_family_out"][family]["recall"]) for one in metrics.values()),
            *(number(one["leave_one_family_out"][family]["recall_at_fpr_0.01"]) for one in metrics.values()),
        ]
        for family, m in first(metrics)["leave_one_family_out"].items()
    ]
    own = [f"recall at its threshold, {name}" for name in models]
    loose = [f"recall at 1 % FPR, {name}" for name in models]
    return f"""\
## Families

Trained on, test rows, at the threshold:

{table(["dataset", "family", "rows", *(f"recall, {name}" for name in models)], known)}

**Left out of training**, all rows of the family:

{table(["family left out", "rows", *own, *loose], out)}
"""


def transfer_section(models: dict[str, dict]) -> str:
    steps = {name: model["metrics"]["across_datasets"] for name, model in models.items()}
    parts = ["## Datasets left out\n"]
    for i, step in enumerate(first(steps)):
        rows = [
            [
                *(group, "test rows" if group in step["trained_on"] else "**never seen**, all rows", name),
                *figures(one[i]["datasets"][group]),
            ]
            for group in step["datasets"]
            for name, one in steps.items()
        ]
        thresholds = ", ".join(f"{name} {one[i]['threshold']}" for name, one in steps.items())
        parts.append(
            f"Trained on {' + '.join(step['trained_on'])} only (thresholds: {thresholds}):\n\n"
            + table(["dataset", "measured on", "model", *FIGURES], rows)
            + "\n"
        )
    return "\n".join(parts)


def shapes_section(models: dict[str, dict]) -> str:
    rows = [
        [
            *(s["shape"], "attack" if s["attack"] else "benign"),
            *(shape_score(model["metrics"]["shapes"][i], model["threshold"]) for model in models.values()),
        ]
        for i, s in enumerate(first(models)["metrics"]["shapes"])
    ]
    return f"""\
## Hand-made flows

Scores of flows written packet by packet in `training/shapes.py`, none of them trained on; a hit is bold. They show what
one flow alone tells the models, not a rate.

{table(["flow", "is", *models], rows)}
"""


def shape_score(shape: dict, threshold: float) -> str:
    text = number(shape["score"])
    return f"**{text}**" if shape["score"] >= threshold else text


def figures_section(names: list[str]) -> str:
    titles = {"roc": "ROC", "precision-recall": "Precision and recall"}
    lines = []
    for name in names:
        stem = name.removesuffix(".svg")
        title = titles.get(stem, stem.replace("-", " ").capitalize())
        lines.append(f"![{title}](report/{name})")
    text = "\n\n".join(lines)
    return f"""\
## Figures

Confusion and score distribution are those of the shipped model at its threshold.

{text}
"""


FIGURES = ("benign", "attack", "F1", "precision", "recall", "FPR", "PR-AUC", "recall at own 0.1 % FPR")


def figures(m: dict) -> list:
    return [
        m["benign"],
        m["attack"],
        *(number(m[key]) for key in ("f1", "precision", "recall")),
        number(m["fpr"], 5),
        *(number(m[key]) for key in ("pr_auc", "recall_at_own_fpr_0.001")),
    ]


def number(value: float | None, digits: int = 4) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def table(head: list, rows: list[list]) -> str:
    def line(cells: list) -> str:
        return "| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells) + " |"

    return "\n".join([line(head), line(["---"] * len(head)), *(line(row) for row in rows)])
