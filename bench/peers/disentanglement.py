"""How latents match known factors: MIG, DCI and the FactorVAE score. Prints one line of JSON.

MIG (Chen et al. 2018, equation 6) by 20 bins of each latent; DCI (Eastwood and Williams 2018) by the
importances of random forests; the score of Kim and Mnih (2018, section 4) by 1,000 votes of 64 rows each.
Latents whose variance is below 0.05 of the largest are left out of the score, as the paper prunes them.
"""

import argparse
import json

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import mutual_info_score


def entropy(p, axis):
    p = np.clip(p, 1e-12, None)
    return -(p * np.log(p)).sum(axis)


def mig(z, factors, bins=20):
    binned = np.stack([np.digitize(c, np.histogram(c, bins)[1][:-1]) for c in z.T])
    gaps = []
    for factor in factors.T:
        information = np.sort([mutual_info_score(c, factor) for c in binned])[::-1]
        gaps.append((information[0] - information[1]) / mutual_info_score(factor, factor))
    return float(np.mean(gaps))


def dci(z, factors, random):
    order = random.permutation(len(z))
    train, test = order[: len(z) // 2], order[len(z) // 2 :]
    importances, accuracies = [], []
    for factor in factors.T:
        forest = RandomForestClassifier(20, max_depth=12, random_state=0, n_jobs=2).fit(z[train], factor[train])
        importances.append(forest.feature_importances_)
        accuracies.append(forest.score(z[test], factor[test]))
    weights = np.stack(importances, 1)
    of_latent = weights / np.clip(weights.sum(1, keepdims=True), 1e-12, None)
    share = weights.sum(1) / weights.sum()
    disentangled = float((share * (1 - entropy(of_latent, 1) / np.log(weights.shape[1]))).sum())
    of_factor = weights / np.clip(weights.sum(0, keepdims=True), 1e-12, None)
    complete = float((1 - entropy(of_factor, 0) / np.log(weights.shape[0])).mean())
    return disentangled, complete, float(np.mean(accuracies))


def factor_score(z, factors, random, votes=1000, rows=64):
    variance = z.var(0)
    kept = z[:, variance > 0.05 * variance.max()]
    scale = kept.std(0)
    table = np.zeros((2, kept.shape[1], factors.shape[1]))
    for part in range(2):
        for _ in range(votes):
            k = random.integers(factors.shape[1])
            value = random.choice(factors[:, k])
            chosen = random.choice(np.flatnonzero(factors[:, k] == value), rows)
            table[part, np.argmin((kept[chosen] / scale).var(0)), k] += 1
    guess = table[0].argmax(1)
    return float(table[1][np.arange(len(guess)), guess].sum() / votes)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("latents", help=".npy of posterior means")
    parser.add_argument("factors", help=".npy of whole numbers")
    options = parser.parse_args()
    z, factors = np.load(options.latents).astype(np.float64), np.load(options.factors).astype(int)
    random = np.random.default_rng(0)
    disentangled, complete, informative = dci(z, factors, random)
    figures = {
        "mig": mig(z, factors),
        "disentanglement": disentangled,
        "completeness": complete,
        "informativeness": informative,
        "factorScore": factor_score(z, factors, random),
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
