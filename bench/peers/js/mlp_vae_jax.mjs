// One training step of the MLP VAE in jax-js on its wasm backend, data included.
import { readFileSync } from "node:fs";
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  nn,
  numpy as np,
  random,
  tree,
  valueAndGrad,
} from "@jax-js/jax";
import {
  batch,
  batches,
  initial,
  inputs,
  latent,
  layers,
  measure,
  options,
  pixels,
} from "./common.mjs";

const settings = options();
await init("wasm");
defaultDevice("wasm");

// jax-js counts references: an array's last use takes it, each earlier one is `.ref`.
const dense = (p, x) => np.matmul(x, p.weight).add(p.bias);

function negativeElbo(p, x, noise) {
  const h = nn.relu(dense(p.hidden, x.ref));
  const mean = dense(p.mean, h.ref);
  const logVariance = dense(p.logVariance, h);
  const z = mean.ref.add(np.exp(logVariance.ref.mul(0.5)).mul(noise));
  const logits = dense(p.logits, nn.relu(dense(p.decoderHidden, z)));
  const nll = nn.softplus(logits.ref).sub(x.mul(logits)).sum();
  const kl = logVariance.ref.add(1).sub(np.square(mean)).sub(np.exp(logVariance)).sum().mul(-0.5);
  return nll.add(kl).div(batch);
}

// Adam by hand: its optax package is not needed for one update rule.
const update = jit((p, m, v, x, noise, rate) => {
  const [loss, gradients] = valueAndGrad(negativeElbo)(tree.ref(p), x, noise);
  m = tree.map((m, g) => m.mul(0.9).add(g.mul(0.1)), m, tree.ref(gradients));
  v = tree.map((v, g) => v.mul(0.999).add(np.square(g).mul(0.001)), v, gradients);
  p = tree.map(
    (p, m, v) => p.sub(m.div(np.sqrt(v).add(1e-8)).mul(rate.ref)),
    p,
    tree.ref(m),
    tree.ref(v),
  );
  rate.dispose();
  return { p, m, v, loss };
});

let p = {};
for (const [name, { weight, bias }] of Object.entries(initial())) {
  p[name] = { weight: np.array(weight).reshape(layers[name]), bias: np.array(bias) };
}
let m = tree.map((x) => np.zerosLike(x), tree.ref(p));
let v = tree.map((x) => np.zerosLike(x), tree.ref(p));
let key = random.key(1);
let count = 0;
const nextBatch = batches(pixels(settings.data));

async function step() {
  count++;
  const x = np.array(nextBatch()).reshape([batch, inputs]);
  const [next, current] = np.unstack(random.split(key));
  key = next;
  // Both bias corrections in the rate, as in the Adam paper's section 2.
  const rate = (1e-3 * Math.sqrt(1 - 0.999 ** count)) / (1 - 0.9 ** count);
  const noise = random.normal(current, [batch, latent]);
  const result = update(p, m, v, x, noise, np.array(rate));
  ({ p, m, v } = result);
  const loss = await result.loss.jsAsync();
  await blockUntilReady([p, m, v]);
  return loss;
}

const manifest = new URL("node_modules/@jax-js/jax/package.json", import.meta.url);
await measure("jax-js", step, settings, {
  jaxJs: JSON.parse(readFileSync(manifest, "utf8")).version,
  threads: 1,
});
