"""What latents tell of classes: a logistic regression and 5 nearest neighbours. Prints one line of JSON.

Posterior means as they are; logistic regression with C = 1 and at most 1,000 iterations. With --pixels,
principal components of the training pixels in the place of latents, for comparison.
"""

import argparse
import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from common import pixels, read_idx


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder of MNIST IDX files")
    parser.add_argument("--latents", nargs=2, help=".npy of training and of test rows")
    parser.add_argument("--components", type=int, default=32)
    options = parser.parse_args()
    train_labels = read_idx(options.data, "train-labels-idx1-ubyte")
    test_labels = read_idx(options.data, "t10k-labels-idx1-ubyte")
    if options.latents:
        train, test = (np.load(path) for path in options.latents)
    else:
        images = pixels(options.data)[:10_000].numpy() / 255
        pca = PCA(options.components, random_state=0).fit(images)
        test_images = pixels(options.data, name="t10k-images-idx3-ubyte").numpy() / 255
        train, test = pca.transform(images), pca.transform(test_images)
    train_labels, test_labels = train_labels[: len(train)], test_labels[: len(test)]
    linear = LogisticRegression(C=1.0, max_iter=1000).fit(train, train_labels)
    nearest = KNeighborsClassifier(5).fit(train, train_labels)
    scores = {"linear": linear.score(test, test_labels), "nearest": nearest.score(test, test_labels)}
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
