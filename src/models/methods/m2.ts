// The semi-supervised VAE of a class (Kingma et al. 2014, Semi-supervised Learning with Deep
// Generative Models, model M2): x has a class y and latents z, p(x | y, z) p(y) p(z), a classifier
// q(y | x) and a posterior q(z | x, y). With U(y) = −log p(x | y, z) − log p(y) + KL(q(z | x, y) ‖ p(z)),
// a row with its class counts U(y) − α log q(y | x) (equations 6 and 9), one without
//   Σ_y q(y | x) U(y) + Σ_y q(y | x) log q(y | x)  (equation 7).
// The class is the target, a column of levels. Latents are z and, last, the class's logits.
import { BATCH, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/layers.ts";
import { beside, mlp } from "../../nn/network.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { repeatRows } from "../body.ts";
import { certain, chosenBy, classesOf, drawnClass, everyClass, outputsAt } from "../classes.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { posteriorOf } from "../variational.ts";

export const m2 = method({
  title: "M2",
  summary: "a class that some rows have, learned from all of them (with --target)",
  paper: "Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models",
  probabilistic: true,
  hasKl: true,
  ownKl: "its loss counts the KL of each class",
  options: {
    alpha: number("α, the weight of the classifier's loss on a row with its class", 10),
    width: number("hidden units where a row and its class meet", 128, {
      min: 1,
      integer: true,
      max: 10_000,
    }),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  /** The last of the normal draws choose a class. */
  fromPrior(body, drawn) {
    const classes = classesOf(body);
    const [z, noise] = drawn.split(1, [body.config.latent - classes.size, classes.size]);
    return beside(z!, drawnClass(classes, noise!));
  },
  decode(body, latents) {
    const classes = classesOf(body);
    const { latent } = body.config;
    const [z, own] = latents.split(1, [latent - classes.size, classes.size]) as [Tensor, Tensor];
    return outputsAt(body, z, classes.logits(own).softmax(1), classes, own);
  },
  terms({ body, noise, options, training, klWeight }) {
    const { parameters, config } = body;
    const classes = classesOf(body);
    const { count, size, label, part } = classes;
    const family = diagonalGaussian(config.latent - size);
    const hidden = body.encode();
    const own = linear(parameters, "encoder.class", hidden, size);
    const logits = classes.logits(own);
    const logShares = logits.logSoftmax(1);
    const shares = logShares.exp();
    const logPrior = classes.logits(own.mul(0)).logSoftmax(1);
    const each = everyClass(count);
    const joint = mlp(
      parameters,
      "encoder.joint",
      beside(repeatRows(hidden, count), each),
      [options.width],
      config.activation,
    );
    const posterior = posteriorOf(body, family, joint);
    const normal = repeatRows(noise.normal(family.latent), count);
    const { z, logProb } = family.draw(posterior, { normal, uniform: null });
    const rows = body.repeated(count);
    const logProbs = rows.logProbs(outputsAt(rows, z, each, classes, repeatRows(own, count)));
    const perClass = (x: Tensor) => x.reshape([BATCH, count]);
    const likelihood = perClass(rows.total(logProbs, "data")!);
    const divergences = family.klFromStandardNormal!(posterior);
    // While it trains, what is known of the class counts; in use no row's is known.
    const there = label.sum(1, true);
    const weights = training ? label.add(there.neg().add(1).mul(shares)) : shares;
    const guessed = training ? there.neg().add(1) : there.mul(0).add(1);
    const expected = (x: Tensor) =>
      x
        .reshape([BATCH, count, x.shape[1]!])
        .mul(weights.reshape([BATCH, count, 1]))
        .sum(1);
    const reconstruction = likelihood.mul(weights).sum(1).neg();
    const ofClass = shares.mul(logShares.sub(logPrior)).sum(1, true).mul(guessed);
    const kl = beside(expected(divergences), ofClass);
    const target = part.group.logProb(parameters, part.raw, own).sum(1);
    const known = label.mul(logPrior).sum(1).neg();
    const bound = reconstruction.add(kl.sum(1).mul(klWeight));
    const loss = training ? bound.add(known) : bound;
    // A draw of the class, for importance weights.
    const chosen = chosenBy(logShares, noise.uniform(count));
    const ratio = perClass(standardNormal(family.latent).logProb(z, []).sub(logProb));
    const ofChosen = z
      .reshape([BATCH, count, family.latent])
      .mul(chosen.reshape([BATCH, count, 1]))
      .sum(1);
    const joined = likelihood.add(ratio).add(logPrior).sub(logShares);
    return {
      loss: loss.sub(target.mul(training ? options.alpha : 1)),
      reconstruction,
      target: target.neg(),
      logProbs: logProbs.map(expected),
      kl,
      mean: beside(expected(family.mean(posterior)), own),
      standardDeviation: null,
      latent: beside(ofChosen, certain(classes, chosen)),
      logWeight: joined.mul(chosen).sum(1),
    };
  },
});
