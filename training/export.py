"""Writes a model as an ONNX graph with one input, `features`, and one output, `score`, built node by node.

Trees are TreeEnsembleRegressor -> Sigmoid. XGBoost compares float32 values with `<`, hence BRANCH_LT. The network holds
its logarithm and its scaler, so that no scaler file can drift from it.
Source: ONNX operators, ai.onnx.ml TreeEnsembleRegressor version 3; XGBoost JSON model schema.
"""

import json
from collections.abc import Sequence
from math import log

import numpy as np
import onnx
import onnxruntime as ort
import xgboost as xgb
from onnx import TensorProto, helper, numpy_helper

from columns import FEATURES

INPUT = "features"
OUTPUT = "score"
OPSETS = {"": 17, "ai.onnx.ml": 3}
IR_VERSION = 8


def trees_to_onnx(booster: xgb.Booster) -> bytes:
    """The serialized graph of trees: input float32 [N, 31], output float32 [N, 1], probability of attack in [0, 1].

    Raises ValueError when the booster was not trained on exactly 31 features.
    """
    if booster.num_features() != len(FEATURES):
        raise ValueError(f"expected a model of {len(FEATURES)} features, got {booster.num_features()}")
    learner = json.loads(booster.save_raw("json"))["learner"]
    trees = learner["gradient_booster"]["model"]["trees"]
    base_score = float(learner["learner_model_param"]["base_score"].strip("[]"))
    nodes = [
        helper.make_node(
            "TreeEnsembleRegressor",
            [INPUT],
            ["margin"],
            domain="ai.onnx.ml",
            n_targets=1,
            aggregate_function="SUM",
            post_transform="NONE",
            base_values=[log(base_score / (1 - base_score))],
            **tree_attributes(trees),
        ),
        helper.make_node("Sigmoid", ["margin"], [OUTPUT]),
    ]
    return serialized("flow-gbt", nodes, [])


def network_to_onnx(
    mean: np.ndarray, scale: np.ndarray, weights: Sequence[np.ndarray], biases: Sequence[np.ndarray]
) -> bytes:
    """The serialized graph of a network: log(max(x + 1, 1/2)), scaler, layers with ReLU, sigmoid.

    mean and scale are float32 [31]; weights[i] is float32 [inputs, outputs], biases[i] float32 [outputs]. What is no
    number counts as 0. Raises ValueError when the first layer does not take 31 values.
    """
    if weights[0].shape[0] != len(FEATURES):
        raise ValueError(f"expected a model of {len(FEATURES)} features, got {weights[0].shape[0]}")
    values = {"zero": np.float32(0), "one": np.float32(1), "half": np.float32(0.5), "mean": mean, "scale": scale}
    nodes = [
        helper.make_node("IsNaN", [INPUT], ["blank"]),
        helper.make_node("Where", ["blank", "zero", INPUT], ["clean"]),
        helper.make_node("Add", ["clean", "one"], ["shifted"]),
        helper.make_node("Max", ["shifted", "half"], ["positive"]),
        helper.make_node("Log", ["positive"], ["logarithm"]),
        helper.make_node("Sub", ["logarithm", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "scale"], ["layer0"]),
    ]
    for i, (w, b) in enumerate(zip(weights, biases)):
        values |= {f"weights{i}": w, f"biases{i}": b}
        is_last = i == len(weights) - 1
        nodes.append(helper.make_node("Gemm", [f"layer{i}", f"weights{i}", f"biases{i}"], [f"sum{i}"]))
        nodes.append(
            helper.make_node("Sigmoid", [f"sum{i}"], [OUTPUT])
            if is_last
            else helper.make_node("Relu", [f"sum{i}"], [f"layer{i + 1}"])
        )
    return serialized("flow-mlp", nodes, [numpy_helper.from_array(np.asarray(v), n) for n, v in values.items()])


def serialized(name: str, nodes: list[onnx.NodeProto], constants: list[onnx.TensorProto]) -> bytes:
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["N", len(FEATURES)])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["N", 1])],
        constants,
    )
    opsets = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="idsd")
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def tree_attributes(trees: list[dict]) -> dict[str, list]:
    """Attributes of TreeEnsembleRegressor from the trees of an XGBoost JSON model.

    A node without children is a leaf; XGBoost keeps the value of a leaf where a split has its threshold.
    """
    a: dict[str, list] = {
        f"nodes_{name}": []
        for name in (
            "treeids", "nodeids", "featureids", "modes", "values",
            "truenodeids", "falsenodeids", "missing_value_tracks_true",
        )
    }  # fmt: skip
    a |= {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    for t, tree in enumerate(trees):
        for n, left in enumerate(tree["left_children"]):
            leaf = left == -1
            value = float(np.float32(tree["split_conditions"][n]))
            a["nodes_treeids"].append(t)
            a["nodes_nodeids"].append(n)
            a["nodes_featureids"].append(0 if leaf else tree["split_indices"][n])
            a["nodes_modes"].append("LEAF" if leaf else "BRANCH_LT")
            a["nodes_values"].append(0.0 if leaf else value)
            a["nodes_truenodeids"].append(0 if leaf else left)
            a["nodes_falsenodeids"].append(0 if leaf else tree["right_children"][n])
            a["nodes_missing_value_tracks_true"].append(0 if leaf else int(tree["default_left"][n]))
            if leaf:
                a["target_treeids"].append(t)
                a["target_nodeids"].append(n)
                a["target_ids"].append(0)
                a["target_weights"].append(value)
    return a


def open_session(model: bytes) -> ort.InferenceSession:
    """A single-threaded CPU session, as the daemon runs it."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(session: ort.InferenceSession, x: np.ndarray) -> np.ndarray:
    """Scores, float32 [n], for x float32 [n, 31]."""
    return session.run([OUTPUT], {INPUT: x})[0].reshape(-1)
