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

Gradient-boosted trees that give one flow a score from 0 to 1: how much its {features} counters, lengths and gaps look
like the attack flows it was trained on. It sees no addresses, ports, times of day, flags or windows.

- Input `{input}`: float32 [N, {features}], in the order of `features` in `manifest.json`; times in microseconds, sizes in
  bytes of payload. At zero duration `Flow Bytes/s` and `Flow Packets/s` are -1, `Fwd Packets/s` and `Bwd Packets/s` 0.
- Output `{output}`: float32 [N, 1]. `score >= {threshold}` is an alert.
- Library: {library}, {trees} trees, seed {seed}; `model.onnx` is {bytes} bytes and agrees with the library to
  {parity:.0e} on {parity_rows} rows.

This file and all numbers in it are written by `training/train.py`.

## What it does not know

**It knows these tools on those networks, no more.** A tool, a network or a family of attack that is not in its
training rows may score anything; the tables below on families and datasets left out show how far it falls.

- **Thresholds do not transfer.** The one in the manifest flags at most {rate:.1%} of the benign validation rows; on another
  network that share is another one. Calibrate it on the site's own benign traffic.
- **One score must not block.** It is one voice of evidence. Scans, floods and password guessing are behaviour of a
  source over time, and a single flow of theirs often looks like any other flow.
- The published tables hold no flows of one packet and their labels have known faults (Engelen et al., WTMC 2021; Rosay
  et al., ICISSP 2022; Lanvin et al., CRiSIS 2022; Liu et al., IEEE CNS 2022).

## Semantics

idsd computes the features as the corrected CICFlowMeter does. The published tables come from older generations of
the tool: they end TCP connections differently, may count Ethernet padding as payload, and hold segments merged by the
capturing host. The {features} columns are those whose definition is the same on both sides; their values may still differ for
the same packets. Flows labelled through the daemon's own extractor (`training/lab/`) have no such gap.
"""


def render(manifest: dict) -> str:
    """The card, in Markdown, of a manifest as train.py writes it."""
    training, metrics = manifest["training"], manifest["metrics"]
    parts = [
        HEAD.format(
            name=manifest["name"],
            version=manifest["version"],
            features=len(manifest["features"]),
            input=manifest["input"],
            output=manifest["output"],
            threshold=manifest["threshold"],
            library=training["library"],
            trees=training["trees"],
            seed=training["seed"],
            bytes=f"{training['model_bytes']:,}",
            parity=training["onnx_largest_difference"],
            parity_rows=f"{training['onnx_rows_compared']:,}",
            rate=training["threshold_for_fpr"],
        ),
        data_section(training),
        held_out_section(metrics),
        lab_section(metrics["lab"]),
        families_section(metrics),
        transfer_section(metrics),
        shapes_section(metrics, manifest["threshold"]),
    ]
    return "\n".join(parts)


def data_section(training: dict) -> str:
    sources = training["datasets"]
    rows = [
        [s["name"], s["group"], s["benign"], s["attack"], s["ambiguous"], f"{s['weight']:g}", f"`{s['sha256'][:12]}`"]
        for s in sources
    ]
    present = [group for group in CITATIONS if any(s["group"] == group for s in sources)]
    shares = " / ".join(f"{share:.0%}" for share in training["shares"])
    lab = any(s["group"].startswith("lab") for s in sources)
    return f"""\
## Data

{table(["file", "dataset", "benign", "attack", "ambiguous", "weight", "sha256"], rows)}

Rows are split {shares} into train, validation and test by a hash of their features, so equal rows fall on one side.
Ambiguous rows (the same features occur under the opposite label) are left out of train and validation, and stay in test.
{"Rows of `lab` went through the daemon's own extractor; a held-out capture is measured on, never trained on." if lab else "No row of this model went through the daemon's own extractor."}

{chr(10).join(f"- {group}: {CITATIONS[group]}" for group in present)}
"""


def held_out_section(metrics: dict) -> str:
    names = {"all": "all test rows", **{group: group for group in metrics["test"]}}
    rows = [[names[group], *figures(m)] for group, m in metrics["test"].items()]
    return f"""\
## Held-out rows of the same captures, at the threshold

{table(["test rows of", *FIGURES], rows)}

The last column takes the threshold that the dataset's own benign test rows would ask for; below 1,000 benign rows that
is one that flags none of them.
"""


def lab_section(tables: list[dict]) -> str:
    """What is flagged of the lab's own recordings; nothing when there are none."""
    if not tables:
        return ""
    rows = [
        [t["name"], "held out" if t["held_out"] else "test rows", label, m["rows"], m["flagged"], percent(m)]
        for t in tables
        for label, m in t["labels"].items()
    ]
    return f"""\
## Recordings of the lab, through the daemon's own extractor

Flagged at the threshold. **The model knows the lab's own tools** (`lab/traffic/`), on a network without distance: the
held-out recordings have other ports, paces, sizes and delays, but the same programs. **`*-test` tables guided the choice
of what to learn, so their figures flatter; `*-unseen-test` tables were measured once, after it.** A flood of plain requests, and
password guesses with a connection for each, stand in the held-out tables only: one such flow is an ordinary visit, and
only their number tells. What is learned are guesses that follow each other on one connection. **Busy clients that send
many requests over one connection are what it accuses most often without cause**: see BENIGN of the web tables, where the
flagged rows are such connections. Leave `model_may_block` off where there are such clients. `captures` are small captures of others, replayed; a row labelled with
the name of an attack capture is any flow in it.

{table(["table", "measured on", "label", "rows", "flagged", "share"], rows)}
"""


def percent(m: dict) -> str:
    return f"{m['flagged'] / m['rows']:.1%}"


def families_section(metrics: dict) -> str:
    known = [
        [group, family, m["attack"], number(m["recall"])]
        for group, families in metrics["families"].items()
        for family, m in families.items()
    ]
    out = [
        [family, m["attack"], number(m["recall"]), number(m["recall_at_fpr_0.01"])]
        for family, m in metrics["leave_one_family_out"].items()
    ]
    return f"""\
## Families

Trained on, test rows, at the threshold:

{table(["dataset", "family", "rows", "recall"], known)}

**Left out of training**, all rows of the family:

{table(["family left out", "rows", "recall at its threshold", "recall at 1 % FPR"], out)}
"""


def transfer_section(metrics: dict) -> str:
    parts = ["## Datasets left out\n"]
    for step in metrics["across_datasets"]:
        rows = [
            [group, "test rows" if group in step["trained_on"] else "**never seen**, all rows", *figures(m)]
            for group, m in step["datasets"].items()
        ]
        parts.append(
            f"Trained on {' + '.join(step['trained_on'])} only (threshold {step['threshold']}):\n\n"
            + table(["dataset", "measured on", *FIGURES], rows)
            + "\n"
        )
    return "\n".join(parts)


def shapes_section(metrics: dict, threshold: float) -> str:
    rows = [
        [s["shape"], "attack" if s["attack"] else "benign", number(s["score"]), "alert" if s["score"] >= threshold else ""]
        for s in metrics["shapes"]
    ]
    return f"""\
## Hand-made flows

Scores of flows written packet by packet in `training/shapes.py`, none of them trained on. They show what one flow alone
tells the model, not a rate.

{table(["flow", "is", "score", ""], rows)}
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
