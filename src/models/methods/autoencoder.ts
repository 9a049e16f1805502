// The autoencoder (Hinton and Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural
// Networks): z = f(x), x̂ = g(z), trained to lower the mean squared error ‖x − x̂‖² / size on the
// network's scale. Of levels, which have no distance, it is the cross-entropy.
import { codeOf, codeTerms } from "../codes.ts";
import { method } from "../model.ts";

export const autoencoder = method({
  title: "autoencoder",
  summary: "a code as small as the latents, and no distribution of it",
  paper: "Hinton and Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks",
  probabilistic: false,
  hasKl: false,
  options: {},
  terms: ({ body }) => codeTerms(body, codeOf(body, body.encode())),
});
