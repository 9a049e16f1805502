"""What the PyTorch peers share: data, the two VAEs, timing, and the one line of JSON each prints."""

import argparse
import gzip
import json
import os
import platform
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


def arguments(description, **defaults):
    """The options that every timed peer takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", help="folder of MNIST IDX files (default: synthetic pixels)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=defaults.get("warmup", 30), help="steps before timing")
    parser.add_argument("--windows", type=int, default=defaults.get("windows", 15), help="timed windows")
    parser.add_argument("--steps", type=int, default=defaults.get("steps", 20), help="steps in a window")
    parser.add_argument("--compile", action="store_true", help="torch.compile the model")
    parser.add_argument("--binarize", choices=["none", "dynamic"], default="none")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def start(options):
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)


def read_idx(folder, name):
    """An IDX file of unsigned bytes, gzipped or not."""
    path = Path(folder) / name
    packed = path.with_name(path.name + ".gz")
    content = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    if content[:3] != b"\0\0\x08":
        sys.exit(f"{path}: not an IDX file of unsigned bytes")
    rank = content[3]
    shape = np.frombuffer(content, ">i4", rank, 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def begin_at_mean(layer, images):
    """Moves the last layer of a decoder so that it begins at the mean image, as elbo's does."""
    mean = images.float().mean(0).div(255).clamp(0.01, 0.99)
    with torch.no_grad():
        layer.bias += torch.log(mean / (1 - mean))


def pixels(folder, rows=60000, name="train-images-idx3-ubyte"):
    """uint8 rows of 784 pixels: MNIST where a folder is given, else random strokes as sparse as MNIST."""
    if folder:
        images = read_idx(folder, name)
        return torch.from_numpy(images.reshape(len(images), -1).copy())
    random = np.random.default_rng(0)
    ink = random.random((rows, 784), dtype=np.float32) < 0.19
    return torch.from_numpy(np.where(ink, random.integers(1, 256, (rows, 784), dtype=np.uint8), 0).astype(np.uint8))


class MlpVae(nn.Module):
    """784-400-20 with 400 hidden units each side."""

    def __init__(self, inputs=784, hidden=400, latent=20):
        super().__init__()
        self.hidden = nn.Linear(inputs, hidden)
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder_hidden = nn.Linear(latent, hidden)
        self.logits = nn.Linear(hidden, inputs)

    def encode(self, x):
        h = F.relu(self.hidden(x))
        return self.mean(h), self.log_variance(h)

    def decode(self, z):
        return self.logits(F.relu(self.decoder_hidden(z)))

    def forward(self, x):
        mean, log_variance = self.encode(x)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decode(z), mean, log_variance


class ConvVae(nn.Module):
    """28×28: two strided convolutions, dense 256, 20 latents, and the mirror image back."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1), nn.ReLU(),
            nn.Conv2d(32, 64, 4, 2, 1), nn.ReLU(),
            nn.Flatten(), nn.Linear(3136, 256), nn.ReLU(),
        )
        self.mean = nn.Linear(256, 20)
        self.log_variance = nn.Linear(256, 20)
        self.decoder = nn.Sequential(
            nn.Linear(20, 256), nn.ReLU(),
            nn.Linear(256, 3136), nn.ReLU(),
            nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 4, 2, 1),
        )

    def forward(self, x):
        h = self.encoder(x)
        mean, log_variance = self.mean(h), self.log_variance(h)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        return self.decoder(z), mean, log_variance


def negative_elbo(x, logits, mean, log_variance):
    """Nats per row: Bernoulli likelihood, analytic KL to the standard normal."""
    nll = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
    return (nll + kl) / x.shape[0]


def batches(rows, size):
    """Shuffled index batches for ever; a last, smaller one is left out so that every step is alike."""
    while True:
        order = torch.randperm(rows)
        for first in range(0, rows - size + 1, size):
            yield order[first : first + size]


def train_steps(model, data, options, shape=(784,), batch=128):
    """A function that makes one whole training step, data included, and returns the loss."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    forward = torch.compile(model) if options.compile else model
    indices = batches(len(data), batch)

    def step():
        x = data[next(indices)].float().div(255).view(batch, *shape)
        if options.binarize == "dynamic":
            x = torch.bernoulli(x)
        optimizer.zero_grad()
        loss = negative_elbo(x, *forward(x))
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def windows(step, options):
    """Milliseconds per step in each window after the warm-up, and the last loss."""
    for _ in range(options.warmup):
        loss = step()
    times = []
    for _ in range(options.windows):
        begin = time.perf_counter()
        for _ in range(options.steps):
            loss = step()
        times.append((time.perf_counter() - begin) * 1000 / options.steps)
    return times, loss


def matmul_gflops(size=2048, repeats=7):
    """What a large float32 matmul reaches in this process: the yardstick of the step's FLOP/s."""
    a, b = torch.rand(size, size), torch.rand(size, size)
    times = []
    with torch.inference_mode():
        torch.matmul(a, b)
        for _ in range(repeats):
            begin = time.perf_counter()
            torch.matmul(a, b)
            times.append(time.perf_counter() - begin)
    return 2 * size**3 / statistics.median(times) / 1e9


def peak_rss_mib():
    """Peak resident memory of this process, MiB (Linux reports KiB, macOS bytes)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def timing(times):
    return {
        "msPerStep": round(statistics.median(times), 4),
        "msPerStepBest": round(min(times), 4),
        "msPerStepWorst": round(max(times), 4),
        "windows": len(times),
    }


def report(peer, **figures):
    """The one line of JSON, with what is needed to read it later."""
    line = {
        "peer": peer,
        **figures,
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "cpus": os.cpu_count(),
    }
    print(json.dumps(line), flush=True)
