// What was learned of the training rows and does not hold for others.
import { grouped } from "../../base/words.ts";
import { type Diagnose, lasts, told } from "./course.ts";

/** Standard errors of the held-out rows' mean loss that it has risen by, and the epochs it has been so. */
const RISEN = 1;
const EPOCHS = 5;

export const overfitting: Diagnose = ({ ended, epochs, rows }) => {
  const last = epochs.at(-1);
  if (!ended || !last?.validation || last.figures.lossDeviation === null) return null;
  const best = epochs.reduce((a, b) => (b.validation!.loss < a.validation!.loss ? b : a));
  const error = last.figures.lossDeviation / Math.sqrt(rows.validation);
  const rise = last.validation.loss - best.validation!.loss;
  const risen = lasts(epochs, EPOCHS, ({ epoch, train, validation }) => {
    const above = validation!.loss - best.validation!.loss > RISEN * error;
    return epoch > best.epoch && above && train.loss < best.train.loss;
  });
  if (!risen) return null;
  return {
    code: "over-fitting",
    what: `the loss of held-out rows has risen by ${told(rise)} since epoch ${best.epoch}, while that of the training rows fell by ${told(best.train.loss - last.train.loss)}`,
    why: `the network has learned ${grouped(rows.training)} rows by heart; the model kept is that of epoch ${best.epoch}, so that nothing is lost but time`,
    remedy:
      "Give --patience 10 to stop there; a smaller --network or --weight-decay may hold out longer, and more rows do.",
  };
};
