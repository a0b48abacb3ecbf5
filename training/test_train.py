"""Runs the whole pipeline on small made-up tables. Run: training/.venv/bin/python training/test_train.py"""

import contextlib
import hashlib
import io
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

import data
import evaluate
import model
import network
import plots
import shapes
import train
import trees
from columns import FEATURES, SEMANTICS, matrix
from export import INPUT, OUTPUT, network_to_onnx, open_session, run

ROWS = 900


def made_up_table(seed: int, rows: int = ROWS) -> pd.DataFrame:
    """A table in the published format, in which attacks are short and send more."""
    random = np.random.default_rng(seed)
    attack = random.random(rows) < 0.4
    table = pd.DataFrame({name: random.gamma(2.0, 50.0, rows).round(3) for name in FEATURES})
    table["Flow Duration"] = np.where(attack, 500, 90_000) + random.integers(0, 1000, rows)
    table["Total Length of Fwd Packets"] += np.where(attack, 400, 0)
    # Columns that name the attack and must not be seen.
    table["Destination Port"] = np.where(attack, 666, 80)
    table["FIN Flag Count"] = attack.astype(int)
    table["Label"] = np.where(attack, random.choice(["SSH-Patator", "DDoS", "PortScan"], rows), "BENIGN")
    families = {"SSH-Patator": "BruteForce", "DDoS": "DDoS", "PortScan": "PortScan", "BENIGN": "Benign"}
    table["Family"] = table["Label"].map(families)
    table["Day"] = "Tuesday"
    table["Ambiguous"] = 0
    return table


def write_published(folder: Path) -> None:
    for seed, (_, file, _) in enumerate(data.PUBLISHED):
        made_up_table(seed).to_csv(folder / file, index=False)


def run_main(*argv: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = train.main(list(argv))
    return code, out.getvalue(), err.getvalue()


class Columns(unittest.TestCase):
    def test_there_are_31_different_features(self):
        self.assertEqual((len(FEATURES), len(set(FEATURES))), (31, 31))

    def test_a_column_outside_the_31_does_not_enter_and_order_does_not_matter(self):
        table = made_up_table(1)
        bare = table[list(FEATURES)]
        np.testing.assert_array_equal(matrix(table), matrix(bare))
        np.testing.assert_array_equal(matrix(table[table.columns[::-1]]), matrix(bare))
        self.assertEqual(matrix(table).shape, (ROWS, 31))

    def test_blanks_become_what_the_daemon_gives(self):
        table = made_up_table(1, 3)
        table["Flow Duration"] = [0, 10, 10]
        table["Flow Bytes/s"] = [np.inf, np.nan, 5.0]
        table["Flow Packets/s"] = [np.nan, np.nan, 6.0]
        table["Fwd Packets/s"] = [np.nan, np.nan, 7.0]
        table["Bwd IAT Min"] = [np.nan, -3.0, 8.0]
        x = {name: column.tolist() for name, column in zip(FEATURES, matrix(table).T)}
        self.assertEqual(x["Flow Bytes/s"], [-1, 0, 5])
        self.assertEqual(x["Flow Packets/s"], [-1, 0, 6])
        self.assertEqual(x["Fwd Packets/s"], [0, 0, 7])
        self.assertEqual(x["Bwd IAT Min"], [0, 0, 8])

    def test_a_missing_feature_is_named(self):
        with self.assertRaisesRegex(ValueError, "Fwd IAT Std"):
            matrix(made_up_table(1).drop(columns="Fwd IAT Std"))


class Data(unittest.TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_a_lab_table_needs_only_features_label_and_family(self):
        path = self.folder / "mine.csv.gz"
        made_up_table(5)[[*FEATURES, "Label", "Family"]].to_csv(path, index=False)
        [source] = data.read_lab([path], 4.0, 7)
        self.assertEqual((source.group, source.weight, len(source.flows)), ("lab", 4.0, ROWS))
        self.assertEqual(set(source.flows.weight), {4.0})
        self.assertEqual(set(source.flows.part), {data.TRAIN, data.VALIDATION, data.TEST})
        self.assertEqual(set(source.flows.family), {"Benign", "BruteForce", "DDoS", "PortScan"})

    def test_a_held_out_capture_is_only_tested_on(self):
        path = self.folder / "monday-test.csv.gz"
        made_up_table(5).to_csv(path, index=False)
        [source] = data.read_lab([path], 1.0, 7)
        self.assertEqual((source.group, set(source.flows.part)), ("lab, held-out capture", {data.TEST}))

    def test_the_name_of_a_recording_says_what_it_may_be_used_for(self):
        for name, group in (
            ("web.csv.gz", "lab"), ("web-test.csv", "lab, held-out capture"), ("latest.csv", "lab"),
            ("web-unseen-test.csv.gz", "lab, unseen capture"), ("unseen-web.csv.gz", "lab"),
        ):  # fmt: skip
            self.assertEqual(data.lab_group(Path(name)), group, name)

    def test_a_faulty_table_is_named_with_its_fault(self):
        path = self.folder / "faulty.csv"
        for fault, table in (
            ("missing column: Family", made_up_table(5).drop(columns="Family")),
            ("missing feature columns: Flow Duration", made_up_table(5).drop(columns="Flow Duration")),
            ("have no Label", made_up_table(5).assign(Label="")),
            ("other than numbers", made_up_table(5).assign(**{"Flow Duration": "long"})),
        ):
            with self.subTest(fault):
                table.to_csv(path, index=False)
                with self.assertRaisesRegex(ValueError, f"faulty.csv: .*{fault}"):
                    data.read_lab([path], 1.0, 7)
        path.write_text("")
        with self.assertRaisesRegex(ValueError, "faulty.csv: No columns"):
            data.read_lab([path], 1.0, 7)

    def test_equal_rows_fall_on_the_same_side(self):
        x = matrix(made_up_table(5))
        part = data.split(x, 7)
        np.testing.assert_array_equal(data.split(x[::-1], 7), part[::-1])
        self.assertAlmostEqual((part == data.TRAIN).mean(), data.SHARES[0], delta=0.06)

    def test_a_pattern_may_match_nothing_but_a_path_must_exist(self):
        self.assertEqual(train.lab_files([str(self.folder / "*.csv.gz")]), [])
        with self.assertRaises(FileNotFoundError):
            train.lab_files([str(self.folder / "none.csv.gz")])


class Measures(unittest.TestCase):
    def test_the_threshold_flags_at_most_the_wanted_share(self):
        scores = np.linspace(0, 0.9, 1000, dtype=np.float32)
        for rate in (0.0, 0.001, 0.01):
            threshold = model.threshold_for(scores, rate)
            self.assertLessEqual((scores >= threshold).mean(), rate)
            self.assertGreater((scores >= threshold - 0.002).mean(), rate)

    def test_figures_of_a_known_case(self):
        attack = np.array([True, True, True, False, False])
        m = evaluate.measure(attack, np.array([0.9, 0.8, 0.1, 0.7, 0.2], np.float32), 0.5)
        self.assertEqual((m["recall"], m["precision"], m["fpr"]), (0.66667, 0.66667, 0.5))
        self.assertAlmostEqual(m["pr_auc"], (1 + 1 + 3 / 5) / 3, places=4)

    def test_a_class_without_rows_gives_no_figure(self):
        m = evaluate.measure(np.array([True]), np.array([0.9], np.float32), 0.5)
        self.assertEqual((m["recall"], m["fpr"], m["pr_auc"]), (1.0, None, None))


    def test_rows_of_unseen_captures_have_no_part_in_the_choice(self):
        n = 40
        attack = np.arange(n) % 2 == 0
        groups = np.repeat(np.array(["MSCAD", "lab, held-out capture", "lab, unseen capture", "lab"], object), n // 4)
        scores = np.where(attack, 0.9, 0.1).astype(np.float32)
        flows = data.Flows(
            *(np.zeros((n, 31), np.float32), attack, np.where(attack, "DoS", "Benign"), np.zeros(n, bool)),
            *(np.ones(n, np.float32), np.full(n, data.TEST, np.int8), groups, np.where(attack, "DoS", "BENIGN")),
        )
        right = {"published test rows": 1.0, "lab, held-out capture": 1.0, "mean": 1.0}
        self.assertEqual(evaluate.choice(flows, scores), right)
        wrong = np.where(np.isin(groups, ["lab, unseen capture", "lab"]), 1 - scores, scores)
        self.assertEqual(evaluate.choice(flows, wrong), right)
        wrong = np.where(groups == "lab, held-out capture", 1 - scores, scores)
        self.assertEqual(evaluate.choice(flows, wrong)["mean"], 0.5)


class Network(unittest.TestCase):
    def setUp(self):
        random = np.random.default_rng(5)
        sizes = (31, 4, 3, 1)
        self.weights = [0.3 * random.standard_normal(s) for s in zip(sizes, sizes[1:])]
        self.biases = [random.standard_normal(s) for s in sizes[1:]]
        self.z = random.standard_normal((20, 31))
        self.target = (random.random(20) < 0.5).astype(float)
        self.importance = random.random(20)

    def loss(self) -> float:
        layer = self.z
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            layer = np.maximum(layer @ w + b, 0)
        p = 1 / (1 + np.exp(-(layer @ self.weights[-1] + self.biases[-1])[:, 0]))
        losses = -(self.target * np.log(p) + (1 - self.target) * np.log(1 - p))
        return float((losses * self.importance).mean())

    def test_gradients_are_the_slopes_of_the_loss(self):
        parameters = self.weights + self.biases
        found = network.gradients(self.weights, self.biases, self.z, self.target, self.importance)
        for p, gradient in zip(parameters, found):
            self.assertEqual(p.shape, gradient.shape)
            for at in (0, p.size // 2, p.size - 1):
                step = 1e-6
                kept = p.flat[at]
                p.flat[at] = kept + step
                above = self.loss()
                p.flat[at] = kept - step
                below = self.loss()
                p.flat[at] = kept
                self.assertAlmostEqual(gradient.flat[at], (above - below) / (2 * step), places=6)

    def test_minus_one_zero_and_no_number_enter_as_they_should(self):
        logs = network.logarithms(np.array([[-1, 0, np.nan, 1, -50]], np.float32))
        np.testing.assert_allclose(logs, [[np.log(0.5), 0, 0, np.log(2), np.log(0.5)]], rtol=1e-6)

    def test_a_network_of_other_columns_is_refused(self):
        with self.assertRaisesRegex(ValueError, "expected a model of 31 features, got 5"):
            network_to_onnx(np.zeros(5), np.ones(5), [np.zeros((5, 1))], [np.zeros(1)])


class Plots(unittest.TestCase):
    def test_a_curve_counts_false_alarms_and_hits_from_the_highest_score_down(self):
        attack = np.array([True, False, True, False])
        false_alarms, hits = plots.curve(attack, np.array([0.9, 0.8, 0.8, 0.1]))
        self.assertEqual((false_alarms.tolist(), hits.tolist()), ([0, 1, 2], [1, 2, 2]))


class Shapes(unittest.TestCase):
    def test_features_of_a_flow_computed_by_hand(self):
        x = dict(zip(FEATURES, shapes.features([(0, ">", 10), (1000, "<", 30), (4000, ">", 20)]).tolist()))
        expected = {
            "Flow Duration": 4000, "Total Fwd Packets": 2, "Total Length of Bwd Packets": 30,
            "Fwd Packet Length Mean": 15, "Bwd Packet Length Std": 0, "Flow Bytes/s": 15000, "Flow Packets/s": 750,
            "Flow IAT Mean": 2000, "Flow IAT Max": 3000, "Fwd IAT Min": 4000, "Bwd IAT Max": 0,
            "Fwd Packets/s": 500, "Min Packet Length": 10, "Max Packet Length": 30,
        }  # fmt: skip
        self.assertEqual({name: x[name] for name in expected}, expected)
        self.assertAlmostEqual(x["Flow IAT Std"], 2000**0.5 * 1000**0.5, places=3)

    def test_one_packet_gives_the_values_for_zero_duration(self):
        x = dict(zip(FEATURES, shapes.features([(0, ">", 0)]).tolist()))
        self.assertEqual({x["Flow Bytes/s"], x["Flow Packets/s"]}, {-1})
        self.assertEqual({x["Fwd Packets/s"], x["Bwd Packets/s"], x["Flow IAT Mean"]}, {0})

    def test_packets_are_in_order_of_time(self):
        for name, _, make in shapes.SHAPES:
            times = [time for time, _, _ in make()]
            self.assertEqual(times, sorted(times), name)


class Pipeline(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        write_published(cls.folder)
        made_up_table(8).to_csv(cls.folder / "lab.csv.gz", index=False)
        made_up_table(9).to_csv(cls.folder / "lab-test.csv.gz", index=False)
        made_up_table(10).to_csv(cls.folder / "lab-unseen-test.csv.gz", index=False)
        cls.arguments = ("--data", str(cls.folder), "--lab", str(cls.folder / "lab*.csv.gz"))
        cls.code, cls.out, cls.err = run_main(*cls.arguments, "--out", str(cls.folder / "bundle"))
        cls.bundle = cls.folder / "bundle"

    def setUp(self):
        self.assertEqual(self.code, 0, self.err)
        self.manifest = json.loads((self.bundle / "manifest.json").read_text())
        self.graph = (self.bundle / "model.onnx").read_bytes()

    def test_the_manifest_describes_the_model(self):
        m = self.manifest
        self.assertEqual(m["schema"], 1)
        self.assertEqual(m["features"], list(FEATURES))
        self.assertEqual((m["input"], m["output"]), ("features", "score"))
        self.assertEqual(m["sha256"], hashlib.sha256(self.graph).hexdigest())
        self.assertEqual(list(m["medians"]), list(FEATURES))
        self.assertEqual((m["semantics"], m["trained_on_cuts"]), (SEMANTICS, ["ready", "end"]))
        self.assertTrue(0 < m["threshold"] <= 1)
        self.assertEqual(list(m["severity"]), ["low", "medium", "high", "critical"])
        self.assertEqual(list(m["severity"].values()), sorted(m["severity"].values()))
        self.assertEqual(m["severity"]["low"], m["threshold"])
        self.assertEqual([d["weight"] for d in m["training"]["datasets"]], [1, 1, 5, 5, 5, 5, 5])
        for d in m["training"]["datasets"]:
            self.assertEqual(d["sha256"], hashlib.sha256((self.folder / d["name"]).read_bytes()).hexdigest())
        self.assertEqual(set(m["training"]["citations"]), {group for group, _, _ in data.PUBLISHED})

    def test_the_fingerprint_is_that_of_sha256sum_over_all_files(self):
        names = sorted(d["name"] for d in self.manifest["training"]["datasets"])
        sums = "".join(f"{hashlib.sha256((self.folder / n).read_bytes()).hexdigest()}  {n}\n" for n in names)
        self.assertEqual(self.manifest["training"]["fingerprint"], hashlib.sha256(sums.encode()).hexdigest())

    def test_the_model_with_the_higher_recall_ships_and_the_other_is_reported(self):
        models = self.manifest["choice"]["models"]
        self.assertEqual(set(models), {"flow-gbt", "flow-mlp"})
        self.assertEqual(max(models, key=lambda name: models[name]["mean"]), self.manifest["name"])
        [other] = self.manifest["others"]
        self.assertEqual({other["name"], self.manifest["name"]}, set(models))
        self.assertEqual(set(other["metrics"]), set(self.manifest["metrics"]))

    def test_the_report_has_its_figures(self):
        for name in ("roc", "precision-recall", "confusion", "score-distribution"):
            text = (self.bundle / "report" / f"{name}.svg").read_text()
            self.assertIn("lab, unseen capture", text)
            self.assertIn(f"report/{name}.svg", (self.bundle / "card.md").read_text())

    def test_the_graph_has_one_input_and_one_output(self):
        session = open_session(self.graph)
        [features], [score] = session.get_inputs(), session.get_outputs()
        self.assertEqual((features.name, features.type, features.shape), (INPUT, "tensor(float)", ["N", 31]))
        self.assertEqual((score.name, score.type, score.shape), (OUTPUT, "tensor(float)", ["N", 1]))

    def test_scores_are_probabilities_that_find_the_made_up_attacks(self):
        table = made_up_table(99)
        scores = run(open_session(self.graph), matrix(table))
        self.assertTrue(((scores >= 0) & (scores <= 1)).all())
        attack = (table["Label"] != "BENIGN").to_numpy()
        self.assertGreater(scores[attack].min(), scores[~attack].max())

    def test_odd_input_gives_the_same_score_as_the_library(self):
        flows = data.read_table(self.folder / "lab.csv.gz", "lab", 1.0, 7).flows
        holes = np.where(np.random.default_rng(4).random(flows.x.shape) < 0.1, np.float32(np.nan), flows.x)
        odd = np.array([0, -1, 1e-30, 3e38, np.nan], np.float32)
        x = np.random.default_rng(3).choice(odd, (500, 31)).astype(np.float32)
        x = np.concatenate([x, flows.x, np.nextafter(flows.x, np.float32(0))])
        for kind in train.KINDS:
            with self.subTest(kind.name):
                fitted = kind.fit(data.Flows(**{**vars(flows), "x": holes}), 7)
                np.testing.assert_allclose(run(open_session(fitted.to_onnx()), x), fitted.predict(x), atol=1e-5)

    def test_the_card_holds_the_numbers_of_the_manifest(self):
        text = (self.bundle / "card.md").read_text()
        self.assertIn(str(self.manifest["threshold"]), text)
        self.assertIn(f"{self.manifest['metrics']['test']['all']['f1']:.4f}", text)
        self.assertIn("One score must not block", text)
        self.assertIn("| lab | **never seen**, all rows |", text)

    def test_a_held_out_capture_is_reported_but_not_trained_on(self):
        [held_out] = [d for d in self.manifest["training"]["datasets"] if d["name"] == "lab-test.csv.gz"]
        self.assertEqual(held_out["trained_on"], 0)
        m = self.manifest["metrics"]["test"]["lab, held-out capture"]
        self.assertEqual((m["benign"], m["attack"]), (held_out["benign"], held_out["attack"]))

    def test_same_input_gives_the_same_bytes(self):
        code, _, err = run_main(*self.arguments, "--out", str(self.folder / "again"))
        self.assertEqual(code, 0, err)
        figures = [f"report/{path.name}" for path in (self.bundle / "report").iterdir()]
        for file in ("model.onnx", "manifest.json", "card.md", "check.json", *figures):
            self.assertEqual((self.bundle / file).read_bytes(), (self.folder / "again" / file).read_bytes(), file)

    def test_a_model_of_other_columns_is_refused(self):
        flows = data.read_table(self.folder / "lab.csv.gz", "lab", 1.0, 7).flows
        wide = np.concatenate([flows.x, flows.x[:, :1]], axis=1)
        for fit in (trees.fit, network.fit):
            with self.assertRaisesRegex(ValueError, "expected 31 features, got 32"):
                fit(data.Flows(**{**vars(flows), "x": wide}), 7)

    def test_a_missing_data_folder_is_said_and_nothing_is_written(self):
        out = self.folder / "nothing"
        code, _, err = run_main("--data", str(self.folder / "absent"), "--lab", "--out", str(out))
        self.assertEqual(code, 1)
        self.assertRegex(err, "no training data in .*absent: cicids2017_train.csv.gz.*--data")
        self.assertFalse(out.exists())


if __name__ == "__main__":
    unittest.main()
