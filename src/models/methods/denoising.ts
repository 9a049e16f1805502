// The denoising autoencoder (Vincent et al. 2010, Stacked Denoising Autoencoders, §3): the row is
// spoilt before it is encoded, and is to come out as it was. Of what the encoder sees, Gaussian
// noise is added to all of it, or a share of it is set to 0.
import type { Tensor } from "../../graph/index.ts";
import type { Features } from "../body.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";

export const denoising = method({
  title: "denoising autoencoder",
  summary: "a code that does without what is spoilt of a row",
  paper: "Vincent et al. 2010, Stacked Denoising Autoencoders",
  probabilistic: false,
  hasKl: false,
  options: {
    noise: choice("what is done to a row", ["gaussian", "masking"]),
    level: number(
      "the noise's standard deviation on the network's scale, or the share that is masked",
      0.3,
    ),
  },
  terms({ body, noise, options, training }) {
    const { level } = options;
    const spoilt = (x: Tensor) =>
      options.noise === "gaussian"
        ? x.add(noise.normal(x.shape[1]!).mul(level))
        : x.mul(noise.uniform(x.shape[1]!).greaterOrEqual(level).cast("float32"));
    const { flat, image } = body.features();
    const seen: Features = {
      flat: flat && spoilt(flat),
      image: image && { ...image, x: spoilt(image.x) },
    };
    return codeTerms(body, codeOf(body, training ? body.encode(seen) : body.encode()));
  },
});
