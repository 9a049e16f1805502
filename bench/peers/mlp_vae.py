"""One training step of the MLP VAE 784-400-20, batch 128, Adam, data included. Prints one line of JSON."""

import common

PARAMETERS = 784 * 400 + 400 * 40 + 20 * 400 + 400 * 784
# Forward, gradient to weights and gradient to inputs are two FLOP a weight and row each; the first
# layer needs no gradient to its input.
FLOP = 2 * 128 * (3 * PARAMETERS - 784 * 400)


def main():
    options = common.arguments(__doc__).parse_args()
    common.start(options)
    data = common.pixels(options.data)
    step = common.train_steps(common.MlpVae(), data, options)
    times, loss = common.windows(step, options)
    peak = common.peak_rss_mib()
    figures = common.timing(times)
    common.report(
        "pytorch",
        work="mlp_vae",
        mode="compile" if options.compile else "eager",
        batch=128,
        binarize=options.binarize,
        data="mnist" if options.data else "synthetic",
        **figures,
        gflopsOfStep=round(FLOP / figures["msPerStep"] / 1e6, 2),
        gflopsOfLargeMatmul=round(common.matmul_gflops(), 2),
        peakRssMiB=round(peak, 1),
        loss=loss,
    )


if __name__ == "__main__":
    main()
