"""nfstream with its statistics as CSV: nfstream_csv.py CAPTURE FILE. Lengths are those of the payload."""

import sys

from nfstream import NFStreamer

# It starts processes, which import this file again.
if __name__ == "__main__":
    _, capture, output = sys.argv
    NFStreamer(
        source=capture,
        statistical_analysis=True,
        accounting_mode=3,
        n_dissections=0,
        n_meters=1,
    ).to_csv(path=output)
