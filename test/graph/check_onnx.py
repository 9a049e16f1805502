"""Checks each model listed in manifest.json of a folder, runs it, and prints what it gives."""

import json
import sys
from pathlib import Path

import numpy
import onnx
import onnxruntime

folder = Path(sys.argv[1])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
results = []
for entry in json.loads((folder / "manifest.json").read_text()):
    model = onnx.load(folder / entry["file"])
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    feeds = {
        name: numpy.array(feed["data"], feed["dtype"]).reshape(feed["shape"])
        for name, feed in entry["feeds"].items()
    }
    outputs = session.run(None, feeds)
    results.append([{"shape": list(y.shape), "data": y.ravel().tolist()} for y in outputs])
json.dump(results, sys.stdout)
