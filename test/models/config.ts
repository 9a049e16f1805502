// A model's configuration with what most tests do not care about.
import type { ModelConfig } from "#elbo/models/model.js";

export function modelConfig(config: Partial<ModelConfig> = {}): ModelConfig {
  return {
    method: "vae",
    options: {},
    latent: 2,
    network: { kind: "mlp", hidden: [4] },
    activation: "relu",
    output: "linear",
    kl: { freeBits: 0, freeBitsOf: "latent", capacity: null },
    ...config,
  };
}
