"""Gaps of the HI-VAE sets filled by scikit-learn, and the errors of it. Prints one line of JSON.

mean: the mean of numbers, the most frequent level. knn: 5 nearest neighbours (KNNImputer) of standardised
numbers and of levels as indicators over the square root of 2, so that two levels are 1 apart. iterative:
IterativeImputer with its defaults, levels as indicators less one. Levels are the likeliest, those with an
order the nearest to the number that comes.
"""

import argparse
import json
import time
import warnings

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, KNNImputer

from imputation_sets import errors, read_set


def columns_of(hidden, kinds, drop):
    """Numbers that imputers take, and how to come back from them."""
    columns, ways = [], []
    for j, kind in enumerate(kinds):
        x = hidden[:, j]
        there = ~np.isnan(x)
        if kind == "cat":
            levels = np.unique(x[there])
            own = levels[1:] if drop else levels
            shown = np.where(there[:, None], x[:, None] == own[None], np.nan)
            ways.append((len(columns), len(own), levels, None))
            columns += list(shown.T if drop else shown.T / np.sqrt(2))
        else:
            mean, deviation = x[there].mean(), x[there].std() or 1
            levels = np.unique(x[there]) if kind == "ordinal" else None
            ways.append((len(columns), 1, levels, (mean, deviation)))
            columns.append((x - mean) / deviation)
    return np.array(columns).T, ways


def raw_of(filled, ways, drop):
    out = []
    for start, count, levels, scale in ways:
        own = filled[:, start : start + count]
        if scale is not None:
            value = own[:, 0] * scale[1] + scale[0]
            if levels is not None:
                value = levels[np.abs(value[:, None] - levels[None]).argmin(1)]
            out.append(value)
            continue
        if drop:
            own = np.hstack([1 - own.sum(1, keepdims=True), own])
        out.append(levels[own.argmax(1)])
    return np.array(out).T


def mean_of(hidden, kinds):
    out = hidden.copy()
    for j, kind in enumerate(kinds):
        there = ~np.isnan(hidden[:, j])
        if kind in ("cat", "ordinal"):
            levels, counts = np.unique(hidden[there, j], return_counts=True)
            value = levels[counts.argmax()]
        else:
            value = hidden[there, j].mean()
        out[~there, j] = value
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of one of the sets")
    parser.add_argument("--percent", required=True)
    parser.add_argument("--method", choices=["mean", "knn", "iterative"], required=True)
    options = parser.parse_args()
    rows, kinds, classes, gaps = read_set(options.data, options.percent)
    hidden = np.where(gaps, np.nan, rows)
    begin = time.time()
    if options.method == "mean":
        filled = mean_of(hidden, kinds)
    else:
        drop = options.method == "iterative"
        numbers, ways = columns_of(hidden, kinds, drop)
        imputer = IterativeImputer(random_state=0) if drop else KNNImputer(n_neighbors=5)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            filled = raw_of(imputer.fit_transform(numbers), ways, drop)
    told = errors(rows, filled, kinds, classes, gaps)
    print(json.dumps({**told, "seconds": time.time() - begin}))


if __name__ == "__main__":
    main()
