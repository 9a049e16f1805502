// What the golden archives decode to, and what is made of that anew: the same in Node and in a page.
import { compress, decompress, type FileContent, openArchive } from "#elbo/browser.js";

export interface Golden {
  sha256: string;
  file: FileContent;
  lossy: boolean;
}

const bytesOf = (base64: string) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice().buffer);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param archive in base64.
 * @returns the digest of its file, and the file compressed again by the same model, which is put in.
 */
export async function again(
  archive: string,
  { file, lossy }: Golden,
): Promise<{ sha256: string; archive: string }> {
  const bytes = bytesOf(archive);
  const { model } = openArchive(bytes);
  const decoded = await decompress(bytes);
  const options = { withModel: true, weightBits: 32, lossy } as const;
  const made = await compress(decoded, file, model, options);
  return { sha256: await sha256(decoded), archive: base64Of(made) };
}
