"""One training step of the 10-20-10 autoencoder on 100 random rows, batch 32. Prints one line of JSON."""

import torch
from torch import nn
from torch.nn import functional as F

import common


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Linear(10, 20)
        self.decoder = nn.Linear(20, 10)

    def forward(self, x):
        return torch.sigmoid(self.decoder(F.relu(self.encoder(x))))


def main():
    options = common.arguments(__doc__, warmup=400, windows=15, steps=400).parse_args()
    common.start(options)
    data = torch.rand(100, 10)
    model = Autoencoder()
    forward = torch.compile(model) if options.compile else model
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
    indices = common.batches(len(data), 32)

    def step():
        x = data[next(indices)]
        optimizer.zero_grad()
        loss = F.mse_loss(forward(x), x)
        loss.backward()
        optimizer.step()
        return loss.item()

    times, loss = common.windows(step, options)
    common.report(
        "pytorch",
        work="tiny",
        mode="compile" if options.compile else "eager",
        batch=32,
        **common.timing(times),
        peakRssMiB=round(common.peak_rss_mib(), 1),
        loss=loss,
    )


if __name__ == "__main__":
    main()
