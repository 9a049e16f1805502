"""One training step of the VAE of texts that elbo trains by default, batch 128, Adam, data included: a
convolutional encoder, a latent of 32 unfolded over the places, causal residual convolutions. Batches are
drawn at random and padded to their longest text. Prints one line of JSON."""

import common
import torch
from torch import nn
from torch.nn import functional as F

CHANNELS, EMBEDDING, LATENT, HALVINGS = 64, 32, 32, 3
STEP = 2**HALVINGS


class TextVae(nn.Module):
    def __init__(self, depth, length):
        super().__init__()
        self.blocks = -(-length // STEP)
        conv = lambda n, kernel, **options: nn.Conv1d(n, CHANNELS, kernel, **options)
        self.embedding = nn.Embedding(depth, EMBEDDING, padding_idx=0)
        self.inward = conv(EMBEDDING, 3, padding=1)
        self.halve = nn.ModuleList(conv(CHANNELS, 2, stride=2) for _ in range(HALVINGS))
        self.norm = nn.LayerNorm(CHANNELS)
        self.dense = nn.Linear(self.blocks * CHANNELS, 256)
        self.posterior = nn.Linear(256, 2 * LATENT)
        self.decoder_dense = nn.Linear(LATENT, 256)
        told = HALVINGS * CHANNELS + self.blocks * CHANNELS
        self.context = nn.Linear(256, told)
        self.context_norm = nn.LayerNorm(told)
        self.doubles = nn.ModuleList(nn.Linear(CHANNELS, 2 * CHANNELS) for _ in range(HALVINGS))
        self.symbols = nn.Embedding(depth, CHANNELS)
        self.place = nn.Parameter(torch.zeros(self.blocks * STEP, CHANNELS))
        self.causal = nn.ModuleList(conv(CHANNELS, 3, dilation=2**i) for i in range(HALVINGS))
        self.mix = nn.ModuleList(nn.Linear(CHANNELS, CHANNELS) for _ in range(HALVINGS))
        self.out = nn.Linear(CHANNELS, depth)

    def forward(self, codes):
        batch, places = codes.shape
        h = F.relu(self.inward(self.embedding(codes).mT))
        for halve in self.halve:
            h = F.relu(halve(h))
        there = codes.view(batch, -1, STEP).amax(2) > 0
        flat = (self.norm(h.mT) * there[..., None]).flatten(1)
        h = F.relu(self.dense(F.pad(flat, (0, self.blocks * CHANNELS - flat.shape[1]))))
        mean, log_variance = self.posterior(h).chunk(2, 1)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        context = self.context_norm(self.context(F.relu(self.decoder_dense(z))))
        *told, folded = context.split([CHANNELS] * HALVINGS + [self.blocks * CHANNELS], 1)
        h = folded.view(batch, -1, CHANNELS)[:, : places // STEP]
        for double in self.doubles:
            h = F.relu(double(h)).reshape(batch, -1, CHANNELS)
        x = h + self.place[:places] + self.symbols(F.pad(codes[:, :-1], (1, 0)))
        for i, each in enumerate(told):
            inner = self.causal[i](F.pad(F.relu(x).mT, (2 ** (i + 1), 0))).mT + each[:, None]
            x = x + self.mix[i](F.relu(inner))
        return self.out(F.relu(x)), mean, log_variance


def main():
    parser = common.arguments(__doc__, warmup=10, windows=9, steps=8)
    parser.add_argument("--texts", required=True, help="a file with one text a line")
    options = parser.parse_args()
    common.start(options)
    lines = open(options.texts, encoding="utf8").read().split("\n")[:12_800]
    symbols = {c: i + 1 for i, c in enumerate(sorted(set("".join(lines))))}
    rows = [torch.tensor([symbols[c] for c in line] + [0]) for line in lines]
    length = max(map(len, rows))
    model = TextVae(len(symbols) + 2, length)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    forward = torch.compile(model, dynamic=True) if options.compile else model
    indices = common.batches(len(rows), 128)

    def step():
        chosen = [rows[i] for i in next(indices).tolist()]
        codes = nn.utils.rnn.pad_sequence(chosen, batch_first=True)
        codes = F.pad(codes, (0, -codes.shape[1] % STEP))
        optimizer.zero_grad()
        logits, mean, log_variance = forward(codes)
        each = F.cross_entropy(logits.flatten(0, 1), codes.flatten(), reduction="none").view_as(codes)
        there = F.pad((codes[:, :-1] > 0).float(), (1, 0), value=1.0)
        kl = -0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
        loss = ((each * there).sum() + kl) / len(codes)
        loss.backward()
        optimizer.step()
        return loss.item()

    times, loss = common.windows(step, options)
    peak = common.peak_rss_mib()
    common.report(
        "pytorch",
        work="text_vae",
        mode="compile" if options.compile else "eager",
        batch=128,
        **common.timing(times),
        peakRssMiB=round(peak, 1),
        loss=loss,
    )


if __name__ == "__main__":
    main()
