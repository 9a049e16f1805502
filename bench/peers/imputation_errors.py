"""The errors of a filled file of the HI-VAE sets, a CSV with a header. Prints one line of JSON."""

import argparse
import csv
import json

import numpy as np

from imputation_sets import errors, read_set

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--data", required=True, help="folder of one of the sets")
parser.add_argument("--percent", required=True)
parser.add_argument("--filled", required=True)
options = parser.parse_args()
rows, kinds, classes, gaps = read_set(options.data, options.percent)
table = list(csv.reader(open(options.filled)))[1:]
filled = np.array([[float(cell) for cell in row] for row in table])
assert np.array_equal(filled[~gaps], rows[~gaps]), "a cell that was there has changed"
print(json.dumps(errors(rows, filled, kinds, classes, gaps)))
