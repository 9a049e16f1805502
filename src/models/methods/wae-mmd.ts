// The Wasserstein autoencoder with the maximum mean discrepancy (Tolstikhin et al. 2018, Wasserstein
// Auto-Encoders, algorithm 2): codes without noise, of which a batch together is near the prior,
//   ‖x − x̂‖² + λ·MMD(q(z) ‖ N(0, I)),
// on the network's scale. Rows held out count by their squared error alone.
import { standardNormal } from "../../prob/priors/index.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { mmd, mmdKernels } from "../latent-losses.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";

export const waeMmd = method({
  title: "WAE-MMD",
  summary: "codes without noise that together follow a standard normal prior",
  paper: "Tolstikhin et al. 2018, Wasserstein Auto-Encoders",
  probabilistic: false,
  hasKl: false,
  options: {
    lambda: number("λ, the weight of the MMD beside the squared error of a row", 10),
    kernel: choice("of the MMD", mmdKernels),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  terms({ body, noise, options, training }) {
    const terms = codeTerms(body, codeOf(body, body.encode()));
    if (!training) return terms;
    // The loss is of a value, the paper's of a row: its weight is brought to that scale.
    const values = body.of("data").reduce((sum, { group }) => sum + group.values, 0);
    const draws = noise.normal(body.config.latent);
    const distance = mmd(terms.mean, draws, options.kernel);
    return { ...terms, batchLoss: distance.mul(options.lambda / values) };
  },
});
