"""The 31 flow features that the model may see, and how a table becomes a matrix of them.

These are the columns whose meaning is the same in the published CIC tables and in the daemon. Ports, addresses, times,
windows, segment sizes, flags, header lengths, bulk and subflow columns are not among them: they name the network or
the tool of one capture, or are computed differently by the daemon.
"""

import numpy as np
import pandas as pd

# Order and spelling are the contract with the daemon: column i of the model input is FEATURES[i].
# Units: times in microseconds, sizes in bytes of payload, rates per second.
FEATURES = (
    "Flow Duration",
    "Total Fwd Packets",
    "Total Backward Packets",
    "Total Length of Fwd Packets",
    "Total Length of Bwd Packets",
    "Fwd Packet Length Max",
    "Fwd Packet Length Min",
    "Fwd Packet Length Mean",
    "Fwd Packet Length Std",
    "Bwd Packet Length Max",
    "Bwd Packet Length Min",
    "Bwd Packet Length Mean",
    "Bwd Packet Length Std",
    "Flow Bytes/s",
    "Flow Packets/s",
    "Flow IAT Mean",
    "Flow IAT Std",
    "Flow IAT Max",
    "Flow IAT Min",
    "Fwd IAT Mean",
    "Fwd IAT Std",
    "Fwd IAT Max",
    "Fwd IAT Min",
    "Bwd IAT Mean",
    "Bwd IAT Std",
    "Bwd IAT Max",
    "Bwd IAT Min",
    "Fwd Packets/s",
    "Bwd Packets/s",
    "Min Packet Length",
    "Max Packet Length",
)

# Name of what the features mean: the definitions of the corrected CICFlowMeter, fed by a strict packet reader. The daemon
# refuses a bundle that names another meaning.
SEMANTICS = "cic-corrected-1"

# What the daemon gives for a flow of zero duration, where a rate would be a division by zero.
AT_ZERO_DURATION = {
    "Flow Bytes/s": -1.0,
    "Flow Packets/s": -1.0,
    "Fwd Packets/s": 0.0,
    "Bwd Packets/s": 0.0,
}


def matrix(table: pd.DataFrame) -> np.ndarray:
    """The features of a table as the daemon would give them.

    Rates at zero duration become -1 or 0 (AT_ZERO_DURATION). Every other blank or infinite cell becomes 0, and so does
    a negative value: the published tables hold gaps below 0 from packets out of order, which the daemon clamps.

    Returns float32 [n, 31], columns in the order of FEATURES. Other columns of the table are ignored.
    Raises ValueError when a feature is missing from the table or is not numeric.
    """
    missing = [name for name in FEATURES if name not in table.columns]
    if missing:
        raise ValueError(f"missing feature columns: {', '.join(missing)}")
    try:
        x = table[list(FEATURES)].to_numpy(dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"a feature column holds something other than numbers: {error}") from error
    x = np.where(np.isfinite(x), x, 0.0).clip(min=0.0)
    at_zero = x[:, FEATURES.index("Flow Duration")] == 0
    for name, value in AT_ZERO_DURATION.items():
        x[at_zero, FEATURES.index(name)] = value
    return x.astype(np.float32)
