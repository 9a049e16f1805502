export { heapBase, reservedBytes } from "./scratch";
export * from "./operations";
export { elementwise } from "./elementwise";
export { copy, fill } from "./copy";
export { argmax, cumulativeSum, max, min, prod, sum } from "./reduce";
export { gather, scatterAdd, topKIndices } from "./indices";
export { matmul, pack } from "./matmul";
export { fold, unfold } from "./convolution";
