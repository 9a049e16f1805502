// What autoencoders without a posterior have in common: a code, and the error of what it decodes to.
import type { Tensor } from "../graph/index.ts";
import { activate, linear } from "../nn/layers.ts";
import type { Body } from "./body.ts";
import type { RowTerms } from "./model.ts";

/** The code of each row, `(batch, latent)`. */
export function codeOf({ config, parameters }: Body, hidden: Tensor): Tensor {
  const code = linear(parameters, "encoder.code", hidden, config.latent);
  return config.codeActivation ? activate(code, config.codeActivation) : code;
}

/** The terms of a code: the loss is its mean squared error, on the network's scale. */
export function codeTerms(body: Body, code: Tensor, decoded = body.decode(code)): RowTerms {
  const logProbs = body.logProbs(decoded);
  const values = body.of("data").reduce((sum, { group }) => sum + group.values, 0);
  const reconstruction = body.total(logProbs, "data")!.mul(-1 / values);
  const target = body.total(logProbs, "target")?.neg() ?? null;
  return {
    loss: target ? reconstruction.add(target) : reconstruction,
    reconstruction,
    target,
    logProbs,
    kl: null,
    mean: code,
    standardDeviation: null,
    latent: code,
    logWeight: null,
  };
}
