"""A whole small process: read a CSV of numbers (with a header line), train the 10-20-10
autoencoder for 20 epochs, save it.

Its wall time is what counts, so it stands alone and imports only what the job needs. It prints one
line of JSON with the seconds it could measure itself; time the process from outside for the figure.

    python random_csv.py random.csv model.pt
"""

import json
import sys
import time

begin = time.perf_counter()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

imported = time.perf_counter()

source, target = sys.argv[1:3]
torch.manual_seed(1)
data = torch.from_numpy(np.loadtxt(source, delimiter=",", skiprows=1, dtype=np.float32))
model = nn.Sequential(nn.Linear(data.shape[1], 20), nn.ReLU(), nn.Linear(20, data.shape[1]), nn.Sigmoid())
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
for epoch in range(20):
    for rows in torch.randperm(len(data)).split(32):
        x = data[rows]
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
torch.save(model.state_dict(), target)

print(
    json.dumps(
        {
            "peer": "pytorch",
            "work": "random_csv",
            "secondsOfImports": round(imported - begin, 3),
            "secondsAfterImports": round(time.perf_counter() - imported, 3),
            "loss": loss.item(),
            "torch": torch.__version__,
        }
    )
)
