// What --auto-fix tells: the remedy that is tried, and what it did.
import type { FixEvent, Outcome, UnfixedEvent } from "../train/events.ts";
import { counted, figure } from "./format.ts";

function outcomeText({ epochs, validation, activeUnits }: Outcome): string {
  const { elbo = null, loss } = validation ?? {};
  return [
    ...(elbo !== null
      ? [`validation elbo ${figure(elbo)}`]
      : loss === undefined
        ? []
        : [`validation loss ${figure(loss)}`]),
    ...(activeUnits === null ? [] : [`${counted(activeUnits, "latent")} active`]),
    `${counted(epochs, "epoch")} in all`,
  ].join(", ");
}

function verdict({ compared, kept }: FixEvent): string {
  if (compared === null && !kept) return "its loss became no number: the run before it is kept";
  if (compared === null) return "kept; the two do not compare";
  const by = `the best of the first ${counted(compared, "epoch")} of each`;
  return kept ? `kept, by ${by}` : `no better, by ${by}: the run before it is kept`;
}

export function fixLines(event: FixEvent | UnfixedEvent): string[] {
  if (event.event === "unfixed") {
    return [`fix: ${event.code}: no training anew would mend it; the hint says what you can do`];
  }
  const { code, remedy, before, after } = event;
  if (after === null) return [`fix: ${code}: training with ${remedy}`];
  return [
    `fix: ${code}: ${remedy}: ${verdict(event)}`,
    `  before: ${outcomeText(before)}`,
    `  after:  ${outcomeText(after)}`,
  ];
}
