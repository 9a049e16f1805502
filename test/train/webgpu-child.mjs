// Trains on onnxruntime-node's WebGPU, in a process whose environment names the software driver.
// Takes the rows and the options as JSON, prints the result as JSON.
import { tableOf } from "#elbo/data/in-memory.js";
import { resume, train } from "#elbo/train/train.js";

const { values, columns, options } = JSON.parse(process.argv[2]);
const data = tableOf(Float32Array.from(values), columns);
const stop = new AbortController();
const onEvent = ({ event }) => {
  if (event === "epoch") stop.abort();
};
const { interrupted, config } = await train(data, options, { onEvent, signal: stop.signal });
const { epochs } = await resume(options.out, data);
console.log(JSON.stringify({ interrupted, epochs, device: config.compute.device }));
