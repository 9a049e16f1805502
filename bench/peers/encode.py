"""Posterior means of 60,000 rows of 784 uint8 pixels by the MLP VAE. Prints one line of JSON.

Several batch sizes are tried, as a user who cares for speed would, and the best counts.
"""

import statistics
import time

import torch

import common

BATCHES = [128, 256, 512, 1024, 2048, 4096, 10000, 60000]


def main():
    options = common.arguments(__doc__, windows=5).parse_args()
    common.start(options)
    data = common.pixels(options.data)
    model = common.MlpVae().eval()
    encode_batch = torch.compile(model.encode, dynamic=False) if options.compile else model.encode

    def encode(size):
        means = [encode_batch(rows.float().div(255))[0] for rows in data.split(size)]
        return torch.cat(means)

    rates = {}
    with torch.inference_mode():
        for size in BATCHES:
            if options.compile:
                torch.compiler.reset()  # else compiled shapes pile up to the limit of recompilation
            encode(size)
            times = []
            for _ in range(options.windows):
                begin = time.perf_counter()
                encode(size)
                times.append(time.perf_counter() - begin)
            rates[size] = round(len(data) / statistics.median(times))
    best = max(rates, key=rates.get)
    common.report(
        "pytorch",
        work="encode",
        mode="compile" if options.compile else "eager",
        data="mnist" if options.data else "synthetic",
        rows=len(data),
        rowsPerSecond=rates[best],
        bestBatch=best,
        rowsPerSecondByBatch=rates,
        peakRssMiB=round(common.peak_rss_mib(), 1),
    )


if __name__ == "__main__":
    main()
