// What --auto-fix tells: the remedy that is tried, and what it did.
import type { FixEvent, Outcome } from "../train/events.ts";
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
    `${counted(epochs, "epoch")}`,
  ].join(", ");
}

export function fixLines({ code, remedy, before, after, kept }: FixEvent): string[] {
  if (after === null) return [`fix: ${code}: training with ${remedy}`];
  const verdict = kept ? "kept" : "no better: the run before it is kept";
  return [
    `fix: ${code}: ${remedy}: ${verdict}`,
    `  before: ${outcomeText(before)}`,
    `  after:  ${outcomeText(after)}`,
  ];
}
