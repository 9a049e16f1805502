"""Encoding, scoring or sampling rows of a Parquet file with a VAE in PyTorch, to another Parquet file.

Written as a user would write it: batches of record batches by pyarrow, one network, no gradients.
Prints one line of JSON. The weights are as PyTorch begins them: the work is the same.
"""

import argparse
import json
import math
import resource
import time

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import nn

BATCH = 65_536


class Vae(nn.Module):
    def __init__(self, columns, hidden, latent):
        super().__init__()
        layers = lambda a: [nn.Linear(a, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()]
        self.encoder = nn.Sequential(*layers(columns), nn.Linear(hidden, 2 * latent))
        self.decoder = nn.Sequential(*layers(latent), nn.Linear(hidden, columns))
        self.log_scale = nn.Parameter(torch.zeros(columns))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=["encode", "score", "sample"])
    parser.add_argument("--input")
    parser.add_argument("--output", required=True)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--latent", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    model = Vae(options.columns, options.hidden, options.latent).eval()
    mean, deviation = torch.zeros(options.columns), torch.ones(options.columns)
    begin = time.perf_counter()
    writer = None

    def write(tensor, names):
        nonlocal writer
        columns = [pa.array(column.numpy()) for column in tensor.t().contiguous()]
        table = pa.table(columns, names=names)
        if writer is None:
            writer = pq.ParquetWriter(options.output, table.schema)
        writer.write_table(table)

    latents = [f"z{j}" for j in range(options.latent)]
    names = [f"x{j}" for j in range(options.columns)]
    with torch.inference_mode():
        if options.work == "sample":
            for start in range(0, options.rows, BATCH):
                count = min(BATCH, options.rows - start)
                x = model.decoder(torch.randn(count, options.latent))
                x = x + model.log_scale.exp() * torch.randn_like(x)
                write(x * deviation + mean, names)
        else:
            for batch in pq.ParquetFile(options.input).iter_batches(BATCH):
                raw = torch.stack([torch.from_numpy(column.to_numpy()) for column in batch.columns], 1)
                x = (raw - mean) / deviation
                mu, log_variance = model.encoder(x).chunk(2, 1)
                if options.work == "encode":
                    write(mu, latents)
                    continue
                error = (x - model.decoder(mu)) * (-model.log_scale).exp()
                nll = (0.5 * error.pow(2) + model.log_scale + 0.5 * math.log(2 * math.pi)).sum(1)
                kl = 0.5 * (mu.pow(2) + log_variance.exp() - log_variance - 1).sum(1)
                write((nll + kl).unsqueeze(1), ["neg_elbo"])
    writer.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"work": options.work, "seconds": round(time.perf_counter() - begin, 3), "peakRssMiB": round(peak)}))


if __name__ == "__main__":
    main()
