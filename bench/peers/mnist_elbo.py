"""Test ELBO of the MLP VAE after 30 epochs of MNIST, dynamically binarised. Prints one line of JSON.

Test rows are binarised once, stochastically, with a fixed seed, so that every model sees the same bits.
"""

import argparse
import sys
import time

import torch

from common import MlpVae, begin_at_mean, negative_elbo, peak_rss_mib, pixels, report

TEST_SEED = 20_000


def test_elbo(model, x, draws):
    """Nats per row with one posterior sample (the first draw), and the mean over all draws."""
    torch.manual_seed(TEST_SEED + 1)
    means = []
    with torch.inference_mode():
        for _ in range(draws):
            total = 0.0
            for rows in x.split(1000):
                total -= negative_elbo(rows, *model(rows)).item() * len(rows)
            means.append(total / len(x))
        mean, log_variance = model.encode(x)
        kl = -0.5 * (1 + log_variance - mean.pow(2) - log_variance.exp()).sum(1).mean().item()
    return means[0], sum(means) / draws, kl


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of MNIST IDX files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--begin", choices=["mean", "plain"], default="mean", help="decoder's last bias")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--draws", type=int, default=10)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    train = pixels(options.data)
    test = pixels(options.data, name="t10k-images-idx3-ubyte").float().div(255)
    test = torch.bernoulli(test, generator=torch.Generator().manual_seed(TEST_SEED))

    torch.manual_seed(options.seed)
    model = MlpVae()
    if options.begin == "mean":
        begin_at_mean(model.logits, train)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    begin = time.perf_counter()
    for epoch in range(1, options.epochs + 1):
        total = 0.0
        for rows in torch.randperm(len(train)).split(128):
            x = torch.bernoulli(train[rows].float().div(255))
            optimizer.zero_grad()
            loss = negative_elbo(x, *model(x))
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        print(f"epoch {epoch}: train ELBO {-total / len(train):.3f}", file=sys.stderr, flush=True)
    seconds = time.perf_counter() - begin

    one, averaged, kl = test_elbo(model, test, options.draws)
    report(
        "mnist_elbo",
        seed=options.seed,
        epochs=options.epochs,
        trainElboLastEpoch=round(-total / len(train), 4),
        testElboOneSample=round(one, 4),
        testElboAveraged=round(averaged, 4),
        draws=options.draws,
        testKl=round(kl, 4),
        testOnPixels=int(test.sum().item()),
        seconds=round(seconds, 1),
        peakRssMiB=round(peak_rss_mib(), 1),
    )


if __name__ == "__main__":
    main()
