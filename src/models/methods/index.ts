// The published methods by name.
import type { Method } from "../model.ts";
import { autoencoder } from "./autoencoder.ts";
import { vae } from "./vae.ts";

export const methods = { vae, ae: autoencoder } as const satisfies Record<string, Method>;

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as readonly MethodName[];
