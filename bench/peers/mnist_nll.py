"""log p(x) of a VAE 784-200-200-50 (tanh) on dynamically binarised MNIST, by importance samples.

Trained on the first rows of the training images, tested on the first rows of the test images, binarised
once with a fixed seed. Prints one line of JSON, a figure for each number of epochs asked for.
"""

import argparse
import math
import time

import torch
from torch import nn

from common import begin_at_mean, pixels, report

TEST_SEED = 20_000


class Vae(nn.Module):
    def __init__(self, hidden=200, latent=50):
        super().__init__()
        layers = lambda a: [nn.Linear(a, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()]
        self.encoder = nn.Sequential(*layers(784))
        self.mean = nn.Linear(hidden, latent)
        self.log_variance = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(*layers(latent), nn.Linear(hidden, 784))

    def encode(self, x):
        h = self.encoder(x)
        return self.mean(h), self.log_variance(h)


def log_bernoulli(x, logits):
    return -nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


def negative_elbo(model, x):
    mean, log_variance = model.encode(x)
    z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
    kl = -0.5 * (1 + log_variance - mean.pow(2) - log_variance.exp()).sum(1)
    return (kl - log_bernoulli(x, model.decoder(z))).mean()


def log_likelihood(model, x, samples):
    torch.manual_seed(TEST_SEED + 1)
    total = []
    with torch.inference_mode():
        for rows in x.split(100):
            mean, log_variance = model.encode(rows)
            weights = []
            for _ in range(samples):
                noise = torch.randn_like(mean)
                z = mean + torch.exp(0.5 * log_variance) * noise
                ratio = 0.5 * (noise.pow(2) + log_variance - z.pow(2)).sum(1)
                weights.append(log_bernoulli(rows, model.decoder(z)) + ratio)
            total.append(torch.logsumexp(torch.stack(weights), 0) - math.log(samples))
    return torch.cat(total).mean().item()


def rate_at(epoch, steps):
    """The learning rate of an epoch from 1: 1e-3 times the factors of the steps before it."""
    return 1e-3 * math.prod(factor for start, factor in steps if epoch > start)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of MNIST IDX files")
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--epochs", default="25,50,100", help="when to test")
    parser.add_argument("--steps", default="", help="EPOCH:FACTOR,... by which the rate falls")
    parser.add_argument("--test-rows", type=int, default=2000)
    parser.add_argument("--samples", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--begin", choices=["mean", "plain"], default="mean", help="decoder's last bias")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    steps = [(int(e), float(f)) for e, f in (part.split(":") for part in options.steps.split(",") if part)]
    train = pixels(options.data)[: options.rows]
    test = pixels(options.data, name="t10k-images-idx3-ubyte")[: options.test_rows].float().div(255)
    test = torch.bernoulli(test, generator=torch.Generator().manual_seed(TEST_SEED))
    torch.manual_seed(options.seed)
    model = Vae()
    if options.begin == "mean":
        begin_at_mean(model.decoder[-1], train)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    wanted = [int(e) for e in options.epochs.split(",")]
    results = {}
    seconds = 0.0
    for epoch in range(1, max(wanted) + 1):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(epoch, steps)
        begin = time.perf_counter()
        for rows in torch.randperm(len(train)).split(100):
            x = torch.bernoulli(train[rows].float().div(255))
            optimizer.zero_grad()
            loss = negative_elbo(model, x)
            loss.backward()
            optimizer.step()
        seconds += time.perf_counter() - begin
        if epoch in wanted:
            results[str(epoch)] = round(log_likelihood(model, test, options.samples), 4)
    report("mnist_nll", seed=options.seed, logLikelihood=results, seconds=round(seconds, 1))


if __name__ == "__main__":
    main()
