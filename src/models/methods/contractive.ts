// The contractive autoencoder (Rifai et al. 2011, Contractive Auto-Encoders, equation 3):
//   ‖x − x̂‖² / size + λ·‖J‖²_F,
// J the code's derivatives by what the encoder sees. Its squared norm is estimated without bias as
// ‖Jᵀv‖² of normal draws v (Hutchinson 1990), one backward pass each, whatever the network.
import { gradients, type Tensor } from "../../graph/index.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";

export const contractive = method({
  title: "contractive autoencoder",
  summary: "a code that changes little where the row changes little",
  paper: "Rifai et al. 2011, Contractive Auto-Encoders",
  probabilistic: false,
  hasKl: false,
  options: {
    lambda: number("λ, the weight of the code's squared derivatives", 1e-3),
    probes: number("draws by which their norm is estimated", 1, {
      min: 1,
      integer: true,
      max: 100,
    }),
  },
  terms({ body, noise, options, training }) {
    const features = body.features();
    const code = codeOf(body, body.encode(features));
    const terms = codeTerms(body, code);
    if (!training) return terms;
    const seen = [features.flat, features.image?.x].filter((x) => x instanceof Object) as Tensor[];
    const norms = Array.from({ length: options.probes }, () => {
      const along = code.mul(noise.normal(body.config.latent)).sum();
      return gradients(along, seen)
        .map((gradient) => gradient.square().sum(1))
        .reduce((sum, part) => sum.add(part));
    });
    const norm = norms.reduce((sum, each) => sum.add(each)).mul(1 / options.probes);
    return {
      ...terms,
      loss: terms.loss.add(norm.mul(options.lambda)),
      metrics: { contraction: norm },
    };
  },
});
