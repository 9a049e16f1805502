export { reservedBytes, heapBase } from "./scratch";
export { fill, normalFromWords } from "./fill";
export { bernoulli } from "./bernoulli";
export { accumulate, sumOfSquares } from "./reduce";
export { addColumns } from "./columns";
export { sgd, sgdMomentum } from "./sgd";
export { rmsprop, rmspropMomentum } from "./rmsprop";
export { adam } from "./adam";
