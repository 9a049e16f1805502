"""Checks each file listed in manifest.json of a folder, runs it, and prints what it gives."""

import json
import math
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime

folder = Path(sys.argv[1])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
types = {"string": object}


def plain(value):
    return None if isinstance(value, float) and math.isnan(value) else value


results = []
for entry in json.loads((folder / "manifest.json").read_text("utf-8")):
    onnx.checker.check_model(str(folder / entry["file"]), full_check=True)
    session = onnxruntime.InferenceSession(
        str(folder / entry["file"]), options, ["CPUExecutionProvider"]
    )
    feeds = {
        name: numpy.array(feed["data"], types.get(feed["dtype"], feed["dtype"])).reshape(
            feed["shape"]
        )
        for name, feed in entry["feeds"].items()
    }
    names = [output.name for output in session.get_outputs()]
    outputs = session.run(names, feeds)
    results.append(
        {name: [plain(v) for v in y.ravel().tolist()] for name, y in zip(names, outputs)}
    )
json.dump(results, sys.stdout)
