"""One split of an ADBench set, and what neighbours and principal components tell of it.

Half of the normal rows, shuffled, train; the others and all anomalies test. Writes train.csv and
test.csv, and prints one line of JSON: the test rows' labels, and the ROC-AUC of the distance to the 5th
nearest training row, of the mean distance to the 5 nearest, and of the squared error of as many
principal components as explain 90 % of the variance, all of columns standardised by the training rows.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler


def write(path, rows):
    names = ",".join(f"c{j}" for j in range(rows.shape[1]))
    np.savetxt(path, rows, delimiter=",", header=names, comments="", fmt="%.10g")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="an .npz of X and y")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", required=True, help="folder to write to")
    options = parser.parse_args()
    data = np.load(options.data)
    rows, labels = np.asarray(data["X"], dtype=float), data["y"].ravel()
    normal = np.random.default_rng(options.seed).permutation(np.flatnonzero(labels == 0))
    half = len(normal) // 2
    places = np.concatenate([normal[half:], np.flatnonzero(labels == 1)])
    train, test, truth = rows[normal[:half]], rows[places], labels[places]
    write(Path(options.out) / "train.csv", train)
    write(Path(options.out) / "test.csv", test)
    scaler = StandardScaler().fit(train)
    train, test = scaler.transform(train), scaler.transform(test)
    distances, _ = NearestNeighbors(n_neighbors=5).fit(train).kneighbors(test)
    pca = PCA(0.9, svd_solver="full").fit(train)
    errors = ((test - pca.inverse_transform(pca.transform(test))) ** 2).sum(1)
    scores = {"fifth": distances[:, 4], "nearest": distances.mean(1), "pca": errors}
    result = {name: roc_auc_score(truth, score) for name, score in scores.items()}
    print(json.dumps({**result, "labels": [int(label) for label in truth]}))


if __name__ == "__main__":
    main()
