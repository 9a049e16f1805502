// Trains on onnxruntime-node's WebGPU, in a process whose environment names the software driver.
// Takes the data set and the options as JSON, prints the result as JSON.
import { resume, train } from "#elbo/train/train.js";

const { set, options } = JSON.parse(process.argv[2]);
const data = { ...set, values: Float32Array.from(set.values) };
const stop = new AbortController();
const onEvent = ({ event }) => {
  if (event === "epoch") stop.abort();
};
const { interrupted, config } = await train(data, options, { onEvent, signal: stop.signal });
const { epochs } = await resume(options.out, data);
console.log(JSON.stringify({ interrupted, epochs, device: config.compute.device }));
