// xz and bzip2 by 7-Zip in WebAssembly (the optional package 7z-wasm). It computes on this thread.
import type { SevenZipModule, SevenZipModuleFactory, SevenZipModuleOptions } from "7z-wasm";
import { damagedRival, largeRival, type RivalName, type Way } from "./way.ts";

/** Its memory is that of 32 bits: the dictionary of level 9 takes 700 MB beside input and output. */
const largest = 512 * 2 ** 20;

/** A level 9 of bzip2 is 900 kB sorted at a time; 7-Zip's own 9 tries several tables, too. */
const levels = { xz: ["-mx=9", "-mmt=off"], bzip2: ["-mx=9", "-mpass=1", "-mmt=off"] };

type Name = keyof typeof levels;

async function start(options: Partial<SevenZipModuleOptions>): Promise<SevenZipModule | null> {
  const silent = { print: () => undefined, printErr: () => undefined, ...options };
  try {
    // It is CommonJS, whose declaration says otherwise.
    const { default: load } = (await import("7z-wasm")) as unknown as {
      default: SevenZipModuleFactory;
    };
    return await load(silent);
  } catch {
    return null;
  }
}

/** The exit status of a command. */
function command(zip: SevenZipModule, words: string[]): number {
  // Its declaration leaves out that there is one.
  return Number(zip.callMain(words) as unknown);
}

async function pack(name: Name, bytes: Uint8Array): Promise<Uint8Array | null> {
  if (bytes.length > largest) throw new Error(`7z-wasm packs ${largest} bytes at most`);
  const complaints: string[] = [];
  const zip = await start({ printErr: (line) => complaints.push(line) });
  if (zip === null) return null;
  zip.FS.writeFile("input", bytes);
  const output = name === "xz" ? "output.xz" : "output.bz2";
  const status = command(zip, ["a", `-t${name}`, ...levels[name], output, "input"]);
  if (status !== 0) throw new Error(said(complaints, status));
  return zip.FS.readFile(output);
}

async function unpack(name: Name, bytes: Uint8Array, limit: number): Promise<Uint8Array | null> {
  const complaints: string[] = [];
  let output = new Uint8Array(Math.min(limit, 1 << 16));
  let length = 0;
  let beyondLimit = false;
  const zip = await start({
    stdout(byte) {
      // An exception is an error of writing to the program, which ends it.
      beyondLimit = length === limit;
      if (beyondLimit) throw new RangeError("more than may come out");
      if (length === output.length) {
        const larger = new Uint8Array(Math.min(2 * length, limit));
        larger.set(output);
        output = larger;
      }
      output[length++] = byte;
    },
    printErr: (line) => complaints.push(line),
  });
  if (zip === null) return null;
  zip.FS.writeFile("input", bytes);
  const status = command(zip, ["e", `-t${name}`, "-so", "input"]);
  if (beyondLimit) throw largeRival(name, limit);
  if (status !== 0) throw damagedRival(name, said(complaints, status));
  return output.slice(0, length);
}

/** Of its lines, some of which are but a name, the longest says what is wrong. */
function said(complaints: readonly string[], status: number): string {
  const longest = complaints.reduce(
    (found, line) => (line.length > found.length ? line : found),
    "",
  );
  return longest.trim() || `it ended with status ${status}`;
}

export function sevenZipWay(name: Extract<RivalName, Name>): Way {
  return {
    pack: (bytes) => pack(name, bytes),
    unpack: (bytes, limit) => unpack(name, bytes, limit),
  };
}
