// The regularised autoencoder (Ghosh et al. 2020, From Variational to Deterministic Autoencoders,
// equation 11): ‖x − x̂‖² / size + β·½‖z‖² + λ·R, where R keeps the decoder smooth: its squared
// weights (RAE-L2), its squared derivatives by the code (RAE-GP; estimated as ‖Jᵀv‖² of a normal v),
// or nothing, while each of its matrices is divided by its largest singular value (RAE-SN). It has no
// prior; new rows come from a density fitted to its codes afterwards.
import { gradients, type Tensor } from "../../graph/index.ts";
import { SpectralParameters } from "../../nn/spectral.ts";
import { codeOf, codeTerms } from "../codes.ts";
import { choice, number } from "../method-options.ts";
import { method } from "../model.ts";

export const rae = method({
  title: "RAE",
  summary: "a code kept small and a decoder kept smooth, without noise",
  paper: "Ghosh et al. 2020, From Variational to Deterministic Autoencoders",
  probabilistic: false,
  hasKl: false,
  options: {
    regularizer: choice("of the decoder", ["l2", "gradient-penalty", "spectral-norm"]),
    beta: number("β, the weight of half the squared code", 1e-4),
    lambda: number("λ, the weight of the decoder's penalty", 1e-6, {
      of: ["regularizer", ["l2", "gradient-penalty"]],
    }),
  },
  terms({ body, noise, options, training }) {
    const { regularizer, beta, lambda } = options;
    const spectral =
      regularizer === "spectral-norm" ? new SpectralParameters(body.parameters, "decoder.") : null;
    const decoding = spectral ? body.with(spectral) : body;
    const code = codeOf(body, body.encode());
    const decoded = decoding.decode(code);
    const terms = codeTerms(decoding, code, decoded);
    if (!training) return terms;
    const loss = terms.loss.add(
      code
        .square()
        .sum(1)
        .mul(beta / 2),
    );
    if (spectral) return { ...terms, loss, assignments: spectral.assignments };
    if (regularizer === "l2") {
      const weights = body.parameters.tensors("decoder.");
      const penalty = weights.map((weight) => weight.square().sum()).reduce((a, b) => a.add(b));
      return { ...terms, loss, batchLoss: penalty.mul(lambda) };
    }
    const along = decoded
      .map((part): Tensor => part.mul(noise.normal(part.shape[1]!)).sum())
      .reduce((a, b) => a.add(b));
    const [gradient] = gradients(along, [code]);
    return { ...terms, loss: loss.add(gradient!.square().sum(1).mul(lambda)) };
  },
});
