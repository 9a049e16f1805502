// The autoencoder (Hinton and Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural
// Networks): z = f(x), x̂ = g(z), trained to lower the mean squared error ‖x − x̂‖² / size on the
// network's scale. Of levels, which have no distance, it is the cross-entropy.
import { activate, linear } from "../nn/layers.ts";
import type { Method } from "./model.ts";

export const autoencoder: Method = {
  probabilistic: false,
  terms({ body }) {
    const { config, parameters } = body;
    const code = linear(parameters, "encoder.code", body.encode(), config.latent);
    const mean = config.codeActivation ? activate(code, config.codeActivation) : code;
    const logProbs = body.logProbs(body.decode(mean));
    const values = body.of("data").reduce((sum, { group }) => sum + group.values, 0);
    const reconstruction = body.total(logProbs, "data")!.mul(-1 / values);
    const target = body.total(logProbs, "target")?.neg() ?? null;
    return {
      loss: target ? reconstruction.add(target) : reconstruction,
      reconstruction,
      target,
      logProbs,
      kl: null,
      mean,
      standardDeviation: null,
      logWeight: null,
    };
  },
};
