"""One training step of the conv VAE on 28×28, batch 128, Adam, data included. Prints one line of JSON."""

import common


def main():
    options = common.arguments(__doc__, warmup=8, windows=9, steps=8).parse_args()
    common.start(options)
    data = common.pixels(options.data)
    step = common.train_steps(common.ConvVae(), data, options, shape=(1, 28, 28))
    times, loss = common.windows(step, options)
    peak = common.peak_rss_mib()
    common.report(
        "pytorch",
        work="conv_vae",
        mode="compile" if options.compile else "eager",
        batch=128,
        binarize=options.binarize,
        data="mnist" if options.data else "synthetic",
        **common.timing(times),
        gflopsOfLargeMatmul=round(common.matmul_gflops(), 2),
        peakRssMiB=round(peak, 1),
        loss=loss,
    )


if __name__ == "__main__":
    main()
