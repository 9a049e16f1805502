// Columns that enter the network far from the size that its weights begin for (LeCun et al. 1998,
// "Efficient BackProp", §4.3).
import { type Diagnose, told } from "./course.ts";

const FAR = 10;
const NARROW = 0.01;

export const unscaledInputs: Diagnose = ({ inputs, config }) => {
  const wrong = inputs.filter(
    ({ mean, deviation }) =>
      Math.abs(mean) > FAR || deviation > FAR || (deviation > 0 && deviation < NARROW),
  );
  const [first] = wrong;
  if (!first) return null;
  const field = config.schema.fields.find(({ name }) => name === first.field);
  const unscaled = field !== undefined && "scale" in field && field.scale === "none";
  const others = wrong.length > 1 ? `, and ${wrong.length - 1} more` : "";
  return {
    code: "input-unscaled",
    what: `column ${first.field} enters the network with mean ${told(first.mean)} and deviation ${told(first.deviation)}${others}`,
    why: unscaled
      ? "--scale none leaves values as they are, and a network's weights begin for values of about 1 in size"
      : "the rows held out are far from those trained on, whose mean and deviation scale both",
    remedy: unscaled
      ? "Leave --scale out, or give --scale standardize."
      : "Look at how --split parts them, and at outliers of the column.",
  };
};
