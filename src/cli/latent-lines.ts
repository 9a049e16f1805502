// What --latent auto tells: the sizes tried, and how stable the found latents are.
import type { LatentEvent } from "../train/events.ts";
import { counted, figure } from "./format.ts";

const share = (value: number) => value.toFixed(2);

export function latentLines({ latent, used, lost, kept, stability }: LatentEvent): string[] {
  if (stability) {
    const { seeds, used: each, subspace, axes } = stability;
    const others = seeds.slice(1).join(" and ");
    return [
      `latent auto: ${counted(latent, "latent")}; with seeds ${others} ${each.slice(1).join(" and ")} of them are used`,
      `  the same space is found to ${share(subspace)} of its variance, the same axes to a correlation of ${share(axes)}${axes < 0.9 && subspace > 0.9 ? ": single latents have no meaning of their own" : ""}`,
    ];
  }
  const use = `latent auto: of ${counted(latent, "latent")} ${used} carry information`;
  if (lost === null) return [use];
  const by = `${figure(Math.abs(lost.nats))} ± ${figure(lost.standardError)} nats a row`;
  const verdict = lost.nats > 0 ? `lose ${by} by it` : `gain ${by} by it`;
  return [`${use}; held-out rows ${verdict}: ${kept ? "kept" : "the wider model is kept"}`];
}
