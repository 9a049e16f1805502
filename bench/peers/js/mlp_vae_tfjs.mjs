// One training step of the MLP VAE in TensorFlow.js on its wasm backend, data included.
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
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

// TensorFlow.js warns on stderr that a native package exists; its CommonJS builds are its Node builds.
const require = createRequire(import.meta.url);
const tf = require("@tensorflow/tfjs");
const wasm = require("@tensorflow/tfjs-backend-wasm");

const settings = options();
const folder = dirname(require.resolve("@tensorflow/tfjs-backend-wasm"));
wasm.setWasmPaths(`${join(folder, "..", "wasm-out")}/`);
if (!(await tf.setBackend("wasm"))) throw new Error("the wasm backend did not start");

const weights = {};
for (const [name, { weight, bias }] of Object.entries(initial())) {
  weights[name] = {
    weight: tf.variable(tf.tensor2d(weight, layers[name])),
    bias: tf.variable(tf.tensor1d(bias)),
  };
}
const dense = (name, x) => tf.add(tf.matMul(x, weights[name].weight), weights[name].bias);

function negativeElbo(x) {
  const h = tf.relu(dense("hidden", x));
  const mean = dense("mean", h);
  const logVariance = dense("logVariance", h);
  const noise = tf.randomNormal([batch, latent]);
  const z = tf.add(mean, tf.mul(tf.exp(tf.mul(logVariance, 0.5)), noise));
  const logits = dense("logits", tf.relu(dense("decoderHidden", z)));
  // softplus(logits) - x * logits, safe for large logits.
  const nll = tf.sum(
    tf.add(tf.sub(tf.relu(logits), tf.mul(logits, x)), tf.log1p(tf.exp(tf.neg(tf.abs(logits))))),
  );
  const kl = tf.mul(
    tf.sum(tf.sub(tf.sub(tf.add(logVariance, 1), tf.square(mean)), tf.exp(logVariance))),
    -0.5,
  );
  return tf.div(tf.add(nll, kl), batch);
}

const optimizer = tf.train.adam(1e-3);
const nextBatch = batches(pixels(settings.data));

async function step() {
  const x = tf.tensor2d(nextBatch(), [batch, inputs]);
  const loss = optimizer.minimize(() => negativeElbo(x), true);
  const [value] = await loss.data();
  tf.dispose([x, loss]);
  return value;
}

await measure("tfjs-wasm", step, settings, {
  tfjs: tf.version.tfjs,
  threads: wasm.getThreadsCount(),
  simd: await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"),
});
