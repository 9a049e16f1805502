"""The HI-VAE sets with their masks, and errors as its paper has them (Nazabal et al. 2020, section 4.1)."""

import csv
from pathlib import Path

import numpy as np


def read_set(folder, percent):
    folder = Path(folder)
    rows = np.array([[float(v) for v in row] for row in csv.reader(open(folder / "data.csv"))])
    types = list(csv.reader(open(folder / "data_types.csv")))[1:]
    kinds = [row[0] for row in types]
    classes = [int(row[2] or 0) for row in types]
    gaps = np.zeros(rows.shape, bool)
    for row, column in csv.reader(open(folder / f"Missing{percent}_1.csv")):
        gaps[int(row) - 1, int(column) - 1] = True
    return rows, kinds, classes, gaps


def errors(rows, filled, kinds, classes, gaps):
    """Of numbers the RMSE over their range, of levels the share that is wrong, of ordered ones the
    distance over their number; means over columns of each sort, and over all."""
    each = {"numbers": [], "levels": [], "ordered": []}
    for j, kind in enumerate(kinds):
        x, y = rows[gaps[:, j], j], filled[gaps[:, j], j]
        if kind == "cat":
            each["levels"].append((x != y).mean())
        elif kind == "ordinal":
            each["ordered"].append(np.abs(x - y).mean() / classes[j])
        else:
            spread = rows[:, j].max() - rows[:, j].min()
            each["numbers"].append(np.sqrt(((x - y) ** 2).mean()) / spread)
    sums = {name: float(np.mean(values)) if values else None for name, values in each.items()}
    return {**sums, "all": float(np.mean(sum(each.values(), [])))}
