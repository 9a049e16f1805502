// The published methods by name.
import type { Method } from "../model.ts";
import { adversarial } from "./adversarial.ts";
import { autoencoder } from "./autoencoder.ts";
import { betaTcvae } from "./beta-tcvae.ts";
import { bitSwap } from "./bit-swap.ts";
import { contractive } from "./contractive.ts";
import { denoising } from "./denoising.ts";
import { dipVae } from "./dip-vae.ts";
import { factorVae } from "./factor-vae.ts";
import { flowVae } from "./flow-vae.ts";
import { fsq } from "./fsq.ts";
import { hyperspherical } from "./hyperspherical.ts";
import { infoVae } from "./info-vae.ts";
import { iwae } from "./iwae.ts";
import { ladderVae } from "./ladder-vae.ts";
import { m2 } from "./m2.ts";
import { mixtureVae } from "./mixture-vae.ts";
import { rae } from "./rae.ts";
import { sparse } from "./sparse.ts";
import { topk } from "./topk.ts";
import { vae } from "./vae.ts";
import { vampVae } from "./vamp-vae.ts";
import { vqVae } from "./vq-vae.ts";
import { waeMmd } from "./wae-mmd.ts";

export const methods = {
  vae,
  "beta-tcvae": betaTcvae,
  "factor-vae": factorVae,
  "dip-vae": dipVae,
  "info-vae": infoVae,
  iwae,
  "vamp-vae": vampVae,
  "mixture-vae": mixtureVae,
  hyperspherical,
  "flow-vae": flowVae,
  "ladder-vae": ladderVae,
  "bit-swap": bitSwap,
  m2,
  ae: autoencoder,
  denoising,
  sparse,
  contractive,
  topk,
  rae,
  "vq-vae": vqVae,
  fsq,
  "wae-mmd": waeMmd,
  adversarial,
} as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as readonly MethodName[];
