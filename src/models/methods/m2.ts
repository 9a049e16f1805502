// The semi-supervised VAE of a class (Kingma et al. 2014, Semi-supervised Learning with Deep
// Generative Models, model M2): x has a class y and latents z, p(x | y, z) p(y) p(z), a classifier
// q(y | x) and a posterior q(z | x, y). With U(y) = −log p(x | y, z) − log p(y) + KL(q(z | x, y) ‖ p(z)),
// a row with its class counts U(y) − α log q(y | x) (equations 6 and 9), one without
//   Σ_y q(y | x) U(y) + Σ_y q(y | x) log q(y | x)  (equation 7).
// The class is the target, a column of levels. Latents are z and, last, the class's logits.
import { ElboError } from "../../base/errors.ts";
import { BATCH, concat, constant, type Tensor } from "../../graph/index.ts";
import { linear } from "../../nn/layers.ts";
import { beside, mlp } from "../../nn/network.ts";
import { diagonalGaussian } from "../../prob/posteriors/index.ts";
import { standardNormal } from "../../prob/priors/index.ts";
import { type Body, type Part, repeatRows } from "../body.ts";
import { number } from "../method-options.ts";
import { method } from "../model.ts";
import { posteriorOf } from "../variational.ts";

/** A class that is certain, as a logit. */
const CERTAIN = 1e3;

/** The target, as classes: its outputs are `size` numbers, which are logits of `count` classes. */
interface Classes {
  part: Part;
  size: number;
  count: number;
  /** `(batch, count)`, with what is known of the classes' shares. */
  logits(outputs: Tensor): Tensor;
  /** 1 at the row's class, all 0 where it is missing: `(batch, count)`. */
  label: Tensor;
}

function classesOf(body: Body): Classes {
  const targets = body.of("target");
  const [part] = targets;
  const field = part?.group.layout.fields[0];
  const fits =
    targets.length === 1 &&
    part!.group.layout.fields.length === 1 &&
    (field!.kind === "binary" || (field!.kind === "categorical" && !!part!.group.likelihood));
  const { parameters, config } = body;
  if (!fits) {
    throw new ElboError({
      code: "method-data",
      kind: "usage",
      message: `m2 learns one class, a target of levels; received ${targets.length === 0 ? "no target" : "other targets"}`,
      hint: "Name it by --target COLUMN, or use --method vae, whose targets may be of any kind.",
    });
  }
  const { group, raw } = part!;
  const size = group.outputs;
  if (config.latent <= size) {
    throw new ElboError({
      code: "method-data",
      kind: "usage",
      message: `the latents of m2 hold ${size} logits of the class beside its own, received ${config.latent} latents`,
      hint: `Give --latent ${size + 2} or more.`,
    });
  }
  const drawn = (outputs: Tensor) => group.drawn(parameters, outputs, null)[0]!;
  if (field!.kind === "binary") {
    const there = raw.mask ?? raw.rows.mul(0).add(1);
    return {
      ...{ part: part!, size, count: 2 },
      logits: (outputs) => drawn(outputs).pad(1, 1, 0),
      label: concat([there.sub(raw.rows), raw.rows], 1),
    };
  }
  return {
    ...{ part: part!, size, count: size },
    logits: (outputs) => drawn(outputs).reshape([outputs.shape[0]!, size]),
    label: group.features(parameters, raw),
  };
}

/** What the decoder gives at z and the class's shares; the class itself as its logits say. */
function outputsAt(body: Body, z: Tensor, shares: Tensor, { part }: Classes, own: Tensor) {
  const outputs = body.decode(beside(z, shares));
  const place = body.decoded.findIndex(({ group }) => group === part.group);
  return outputs.map((each, i) => (i === place ? own : each));
}

export const m2 = method({
  title: "M2",
  summary: "a class that some rows have, learned from all of them (with --target)",
  paper: "Kingma et al. 2014, Semi-supervised Learning with Deep Generative Models",
  probabilistic: true,
  hasKl: true,
  options: {
    alpha: number("α, the weight of the classifier's loss on a row with its class", 10),
    width: number("hidden units where a row and its class meet", 128, {
      min: 1,
      integer: true,
      max: 10_000,
    }),
  },
  prior: ({ config }) => ({ prior: standardNormal(config.latent), parameters: [] }),
  /** The last of the normal draws choose a class, by its share: the largest of Gumbel noise added. */
  fromPrior(body, drawn) {
    const { size, count, logits } = classesOf(body);
    const [z, noise] = drawn.split(1, [body.config.latent - size, size]) as [Tensor, Tensor];
    const uniform = noise
      .mul(Math.SQRT1_2)
      .erf()
      .add(1)
      .mul(0.5)
      .clip(1e-7, 1 - 1e-7);
    if (size === count) {
      const gumbel = uniform.log().neg().log().neg();
      const chosen = logits(noise.mul(0)).add(gumbel).argmax(1).oneHot(count);
      return beside(z, chosen.mul(CERTAIN));
    }
    const share = logits(noise.mul(0)).softmax(1).slice(1, 1, 2);
    return beside(z, uniform.less(share).cast("float32").mul(2).sub(1).mul(CERTAIN));
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
    // Every class in turn, for each row.
    const identity = Array.from({ length: count ** 2 }, (_, i) => +(i % (count + 1) === 0));
    const each = constant(identity, [1, count, count])
      .broadcastTo([BATCH, count, count])
      .reshape([-count, count]);
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
    // A draw of the class, for importance weights: the largest of Gumbel noise added.
    const gumbel = noise
      .uniform(count)
      .clip(1e-7, 1 - 1e-7)
      .log()
      .neg()
      .log()
      .neg();
    const chosen = logShares.add(gumbel).argmax(1).oneHot(count);
    const ratio = perClass(standardNormal(family.latent).logProb(z, []).sub(logProb));
    const ofChosen = z
      .reshape([BATCH, count, family.latent])
      .mul(chosen.reshape([BATCH, count, 1]))
      .sum(1);
    const certain =
      size === count ? chosen.mul(CERTAIN) : chosen.slice(1, 1, 2).mul(2).sub(1).mul(CERTAIN);
    const joined = likelihood.add(ratio).add(logPrior).sub(logShares);
    return {
      loss: loss.sub(target.mul(training ? options.alpha : 1)),
      reconstruction,
      target: target.neg(),
      logProbs: logProbs.map(expected),
      kl,
      mean: beside(expected(family.mean(posterior)), own),
      standardDeviation: null,
      latent: beside(ofChosen, certain),
      logWeight: joined.mul(chosen).sum(1),
    };
  },
});
