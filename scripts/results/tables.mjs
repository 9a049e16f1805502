// The tables of docs/results.md: rows with what computes them, columns with what they show.
import { anomalies } from "./anomalies.mjs";
import { compression } from "./compression.mjs";
import { factorTable } from "./factors.mjs";
import { fashion } from "./fashion.mjs";
import { imputation } from "./imputation.mjs";
import { labels } from "./labels.mjs";
import { likelihoods } from "./likelihoods.mjs";
import { plainVae } from "./plain-vae.mjs";
import { probes } from "./probes.mjs";
import { rateDistortion } from "./rate-distortion.mjs";

export const tables = [
  plainVae,
  likelihoods,
  fashion,
  factorTable,
  probes,
  imputation,
  labels,
  anomalies,
  compression,
  rateDistortion,
];
