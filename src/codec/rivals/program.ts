// The compressors that are programs of the system. Bytes stream through them, so that what comes out
// is never more than was asked for.
import { spawn } from "node:child_process";
import { concatenated } from "../../data/bytes.ts";
import { damagedRival, largeRival, type RivalName, type Way } from "./way.ts";

const options: Record<RivalName, { pack: (size: number) => string[]; unpack: string[] }> = {
  // More threads would cut the input into blocks and pack it less.
  xz: { pack: () => ["-9", "-c", "-T1"], unpack: ["-d", "-c", "-M", "512MiB"] },
  // Of a stream whose size it does not know it chooses other settings.
  zstd: {
    pack: (size) => ["-19", "-c", "-q", "-T1", `--stream-size=${size}`],
    unpack: ["-d", "-c", "-q", "-M512MB"],
  },
  bzip2: { pack: () => ["-9", "-c"], unpack: ["-d", "-c"] },
};

/** By these people give the programs other options than those above. */
const overruling = new Set([
  ...["XZ_OPT", "XZ_DEFAULTS", "ZSTD_CLEVEL", "ZSTD_NBTHREADS", "BZIP", "BZIP2"],
]);

/** How each begins what it says. */
const aboutInput = /^(\w+: )?(\(stdin\)|\/\*stdin\*\\)? ?:? ?/;

interface Ran {
  output: Uint8Array;
  /** What went wrong, in the program's words. */
  complaint: string | undefined;
  beyondLimit: boolean;
}

/** Runs a program with the bytes as its input; null where there is no such program. */
function run(
  name: string,
  words: readonly string[],
  input: Uint8Array,
  limit: number,
): Promise<Ran | null> {
  const entries = Object.entries(process.env).filter(([key]) => !overruling.has(key));
  return new Promise((resolve, reject) => {
    const child = spawn(name, words, { env: Object.fromEntries(entries) });
    const pieces: Uint8Array[] = [];
    let complaint = "";
    let length = 0;
    child.on("error", (cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT" || cause.code === "EACCES") resolve(null);
      else reject(cause);
    });
    child.stdout.on("data", (piece: Uint8Array) => {
      length += piece.length;
      if (length > limit) child.kill("SIGKILL");
      else pieces.push(piece);
    });
    child.stderr.on("data", (piece: Uint8Array) => {
      if (complaint.length < 500) complaint += new TextDecoder().decode(piece);
    });
    child.on("close", (status) => {
      const beyondLimit = length > limit;
      const said = complaint.trim().split("\n")[0]!.replace(aboutInput, "");
      const output = beyondLimit ? new Uint8Array(0) : concatenated(pieces);
      const failed = status === 0 ? undefined : said || `it ended with status ${status}`;
      resolve({ output, complaint: failed, beyondLimit });
    });
    // A program that has seen enough closes its input; its status says what is wrong.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Windows looks for programs in the folder that one stands in, where anybody may have put them. */
const isTrusted = process.platform !== "win32";

export function programWay(name: RivalName): Way {
  const { pack, unpack } = options[name];
  return {
    async pack(bytes) {
      const ran = isTrusted ? await run(name, pack(bytes.length), bytes, Infinity) : null;
      if (ran?.complaint !== undefined) throw new Error(ran.complaint);
      return ran === null ? null : ran.output;
    },
    async unpack(bytes, limit) {
      const ran = isTrusted ? await run(name, unpack, bytes, limit) : null;
      if (ran === null) return null;
      if (ran.beyondLimit) throw largeRival(name, limit);
      if (ran.complaint !== undefined) throw damagedRival(name, ran.complaint);
      return ran.output;
    },
  };
}
