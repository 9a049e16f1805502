// Numbers as they go by, seen in one place: their range and order, the different ones, an estimate of how many those
// are, their moments. What is told by which is ../tally.ts.

export { allocate } from "./memory";
export { addShape } from "./shape";
export { addMoments } from "./moments";
export { sketchNumbers } from "./sketch";
export { addNumbers, mostFrequent, openTable } from "./table";
export { addRange, countEqual, firstFraction } from "./range";
