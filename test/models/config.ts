// A model's configuration with what most tests do not care about.
import { type OptionSpecs, resolveOptions, takesPart } from "#elbo/models/method-options.js";
import { type MethodName, methods } from "#elbo/models/methods/index.js";
import type { ModelConfig } from "#elbo/models/model.js";

type Options = Readonly<Record<string, number | string>>;

/** A method's options: those given, and small sizes where it has such that take part. */
export function smallOptions(method: MethodName, small: Options, given: Options = {}): Options {
  const specs: OptionSpecs = methods[method].options;
  const chosen = resolveOptions(method, specs, given);
  const limited = Object.entries(small).filter(([name]) => {
    const spec = specs[name];
    return spec && takesPart(spec, chosen);
  });
  // Of a vector quantiser, width is that of a piece of the latents.
  const widths = method === "vq-vae" ? { width: 2 } : {};
  return resolveOptions(method, specs, { ...Object.fromEntries(limited), ...widths, ...given });
}

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
