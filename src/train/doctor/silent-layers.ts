// Layers of ReLUs that no row passes: they have no gradient, and never come back (Maas, Hannun and
// Ng 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", §2).

import { type Diagnose, lasts } from "./course.ts";
import { lowered } from "./remedies.ts";

const EPOCHS = 3;

export const silentLayers: Diagnose = ({ epochs, config }) => {
  if (config.model.activation !== "relu") return null;
  const dead = (silent: Readonly<Record<string, number>> | null | undefined) =>
    Object.entries(silent ?? {}).flatMap(([layer, share]) => (share === 1 ? [layer] : []));
  const [first] = dead(epochs.at(-1)?.figures.silentUnits);
  if (first === undefined) return null;
  const stays = lasts(epochs, EPOCHS, ({ figures }) => figures.silentUnits?.[first] === 1);
  if (!stays) return null;
  const { learningRate } = config.training.optimizer;
  return {
    code: "layer-dead",
    what: `no row passes the ReLUs of layer ${first}: the network gives the same whatever comes in`,
    why: "a step too large made all of the layer's inputs negative, and from there no gradient leads back",
    remedy: `Train anew with --lr ${lowered(learningRate)} or --activation leakyRelu.`,
  };
};
