// The published methods by name.
import { autoencoder } from "./autoencoder.ts";
import type { Method, MethodName } from "./model.ts";
import { vae } from "./vae.ts";

export const methods: Readonly<Record<MethodName, Method>> = { ae: autoencoder, vae };
