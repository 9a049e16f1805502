// Runs the bundled suite on onnxruntime-node's WebGPU, with nothing left to the CPU, in a process
// of its own, whose environment names the software driver. Prints the outcomes as JSON.
import { pathToFileURL } from "node:url";
import { openDevice } from "#elbo/runtime/open.js";

const { runCases, strictly } = await import(pathToFileURL(process.argv[2]).href);
const { device } = await openDevice("webgpu");
console.log(JSON.stringify(await runCases(strictly(device))));
