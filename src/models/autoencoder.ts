// The autoencoder (Hinton and Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural
// Networks): z = f(x), x̂ = g(z), trained to lower the mean squared error ‖x − x̂‖² / size.
import { activate, linear } from "../nn/layers.ts";
import { decoderNetwork, encoderNetwork } from "../nn/network.ts";
import { reconstructionLoss } from "./likelihood.ts";
import type { Method } from "./model.ts";

export const autoencoder: Method = {
  probabilistic: false,
  terms(config, parameters, { x, shape }) {
    const hidden = encoderNetwork(parameters, x, config.network, shape, config.activation);
    const code = linear(parameters, "encoder.code", hidden, config.latent);
    const mean = config.codeActivation ? activate(code, config.codeActivation) : code;
    const outputs = decoderNetwork(parameters, mean, config.network, shape, config.activation);
    const reconstruction = reconstructionLoss(config, parameters, x, outputs);
    return {
      loss: reconstruction,
      reconstruction,
      kl: null,
      mean,
      standardDeviation: null,
      logWeight: null,
    };
  },
  decode: (config, parameters, z, shape) =>
    decoderNetwork(parameters, z, config.network, shape, config.activation),
};
