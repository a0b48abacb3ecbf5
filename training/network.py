"""A multilayer perceptron over the 31 features: two hidden layers with ReLU, one sigmoid, fitted with Adam in NumPy.

Sizes, gaps and rates span nine powers of ten, so each feature enters as log(max(x + 1, 1/2)): 0 stays 0, and the -1
of a rate at zero duration stays apart from it. Logarithm and scaler are part of the exported graph.
Source of the optimizer and its constants: Kingma and Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015; of
the first weights: He et al., "Delving Deep into Rectifiers", ICCV 2015.
"""

from dataclasses import dataclass

import numpy as np

import export
from columns import FEATURES
from data import Flows
from model import Kind, check_rows

HIDDEN = (64, 32)
# More passes fit the rows of the same captures better, and held-out recordings of the lab worse.
EPOCHS = 24
BATCH = 256
STEP = 2e-3  # falls to 0 along half a cosine
DECAY = 1e-4  # of the weights, per step, times the step
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Network:
    """Fitted weights, float32; see model.Fitted. Layer i maps weights[i].shape[0] values to weights[i].shape[1]."""

    mean: np.ndarray  # [31], of the logarithms of the training rows
    scale: np.ndarray  # [31], their standard deviation; 1 where it is 0
    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    def predict(self, x: np.ndarray) -> np.ndarray:
        z = (logarithms(x) - self.mean) / self.scale
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            z = np.maximum(z @ w + b, 0)
        return sigmoid((z @ self.weights[-1] + self.biases[-1])[:, 0])

    def to_onnx(self) -> bytes:
        return export.network_to_onnx(self.mean, self.scale, self.weights, self.biases)


def logarithms(x: np.ndarray) -> np.ndarray:
    """log(max(x + 1, 1/2)), float32, of the same shape. What is no number counts as 0."""
    clean = np.where(np.isnan(x), np.float32(0), x.astype(np.float32))
    return np.log(np.maximum(clean + np.float32(1), np.float32(0.5)))


def fit(flows: Flows, seed: int) -> Network:
    """A network fitted to all given rows with their weights. Raises ValueError unless both classes are there."""
    check_rows(flows)
    random = np.random.default_rng(seed)
    logs = logarithms(flows.x)
    mean = logs.mean(axis=0, dtype=np.float64).astype(np.float32)
    scale = logs.std(axis=0, dtype=np.float64).astype(np.float32)
    scale[scale == 0] = 1
    z = (logs - mean) / scale
    target = flows.attack.astype(np.float32)
    importance = (flows.weight / flows.weight.mean()).astype(np.float32)

    sizes = (len(FEATURES), *HIDDEN, 1)
    weights = [(random.standard_normal((a, b)) * np.sqrt(2 / a)).astype(np.float32) for a, b in zip(sizes, sizes[1:])]
    biases = [np.zeros(b, np.float32) for b in sizes[1:]]
    parameters = weights + biases
    first = [np.zeros_like(p) for p in parameters]
    second = [np.zeros_like(p) for p in parameters]
    steps = EPOCHS * -(-len(z) // BATCH)
    done = 0
    for _ in range(EPOCHS):
        order = random.permutation(len(z))
        for begin in range(0, len(z), BATCH):
            rows = order[begin : begin + BATCH]
            step = np.float32(STEP * (1 + np.cos(np.pi * done / steps)) / 2)
            done += 1
            of_first, of_second = np.float32(1 - BETA1**done), np.float32(1 - BETA2**done)
            for i, gradient in enumerate(gradients(weights, biases, z[rows], target[rows], importance[rows])):
                p = parameters[i]
                first[i] += np.float32(1 - BETA1) * (gradient - first[i])
                second[i] += np.float32(1 - BETA2) * (gradient * gradient - second[i])
                p -= step * (first[i] / of_first) / (np.sqrt(second[i] / of_second) + np.float32(EPSILON))
                if i < len(weights):
                    p -= step * np.float32(DECAY) * p
    return Network(mean, scale, tuple(weights), tuple(biases))


def gradients(weights, biases, z, target, importance) -> list[np.ndarray]:
    """Of the weighted mean cross-entropy over the rows: by all weights, then by all biases."""
    layers = [z]
    for w, b in zip(weights[:-1], biases[:-1]):
        layers.append(np.maximum(layers[-1] @ w + b, 0))
    margin = (layers[-1] @ weights[-1] + biases[-1])[:, 0]
    back = ((sigmoid(margin) - target) * importance / z.dtype.type(len(z)))[:, None]
    by_weights, by_biases = [], []
    for i in reversed(range(len(weights))):
        by_weights.insert(0, layers[i].T @ back)
        by_biases.insert(0, back.sum(axis=0))
        if i > 0:
            back = (back @ weights[i].T) * (layers[i] > 0)
    return by_weights + by_biases


def sigmoid(margin: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-margin))


NETWORK = Kind(
    name="flow-mlp",
    library=f"numpy {np.__version__}",
    size=f"perceptron with {' and '.join(str(n) for n in HIDDEN)} hidden units",
    fit=fit,
)
