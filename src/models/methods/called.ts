// What methods are called elsewhere, so that a name of the literature is answered with the way to have
// it here, and not with whatever is spelt alike.
import { checkChoice } from "../../base/validate.ts";
import { type MethodName, methodNames } from "./index.ts";

/** Names in small letters and figures alone, with what stands for them on the command line. */
export const called: Readonly<Record<string, string>> = {
  betavae: "--method vae --beta 4",
  annealedvae: "--method vae --beta 100 --capacity 25 --warmup 50",
  vanillavae: "--method vae",
  gaussianvae: "--method vae",
  cvae: "--method vae --condition COLUMN",
  conditionalvae: "--method vae --condition COLUMN",
  convvae: "--method vae --network conv:32,64/256",
  tcvae: "--method beta-tcvae",
  btcvae: "--method beta-tcvae",
  dipvae1: "--method dip-vae",
  dipvaei: "--method dip-vae",
  dipvae2: "--method dip-vae --method-option of=latents",
  dipvaeii: "--method dip-vae --method-option of=latents",
  mmdvae: "--method info-vae --method-option alpha=1",
  miwae: "--method iwae --method-option bound=miwae",
  ciwae: "--method iwae --method-option bound=ciwae",
  vampprior: "--method vamp-vae",
  vade: "--method mixture-vae",
  gmvae: "--method mixture-vae",
  gmmvae: "--method mixture-vae",
  svae: "--method hyperspherical",
  vmfvae: "--method hyperspherical",
  hypersphericalvae: "--method hyperspherical",
  iaf: "--method flow-vae",
  iafvae: "--method flow-vae",
  nfvae: "--method flow-vae",
  realnvp: "--method flow-vae --method-option flow=coupling",
  lvae: "--method ladder-vae",
  hvae: "--method ladder-vae",
  hierarchicalvae: "--method ladder-vae",
  hvampvae: "--method ladder-vae --method-option prior=vamp",
  ssvae: "--method m2 --target COLUMN",
  semisupervisedvae: "--method m2 --target COLUMN",
  autoencoder: "--method ae",
  pca: "--method ae --network linear",
  dae: "--method denoising",
  denoisingae: "--method denoising",
  denoisingautoencoder: "--method denoising",
  sae: "--method sparse",
  sparseae: "--method sparse",
  sparseautoencoder: "--method sparse",
  ksparse: "--method topk",
  ksparseautoencoder: "--method topk",
  topksae: "--method topk",
  cae: "--method contractive",
  contractiveae: "--method contractive",
  contractiveautoencoder: "--method contractive",
  raegp: "--method rae --method-option regularizer=gradient-penalty",
  raesn: "--method rae --method-option regularizer=spectral-norm",
  wae: "--method wae-mmd",
  waegan: "--method adversarial",
  aae: "--method adversarial",
  adversarialautoencoder: "--method adversarial",
};

const plain = (name: string) =>
  name
    .toLowerCase()
    .replaceAll("β", "beta")
    .replace(/[^a-z0-9]/g, "");

/** The method of a name, or a usage error `option-value` that says what it is called here. */
export function checkMethod(option: string, name: string): MethodName {
  const short = plain(name);
  const same = methodNames.find((each) => plain(each) === short);
  // A name that an object has by nature is no method's.
  const words = Object.hasOwn(called, short) ? called[short] : same && `--method ${same}`;
  return checkChoice(option, name, methodNames, words && `It is called ${words} here.`);
}
