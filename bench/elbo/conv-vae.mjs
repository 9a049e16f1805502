// The conv VAE of 28×28 images: 32 and 64 channels, kernel 4, stride 2, dense 256, 20 latents.
import { images, options, report, timedTraining } from "./common.mjs";

const { data, threads } = options();
const part = await images(data, 12_800);
const settings = { network: "conv:32,64/256", latent: 20, batch: 128, epochs: 5, threads };
report("conv_vae", { ...(await timedTraining(part, settings)), threads });
