// Files are written whole or not at all: also on a full disk and past a size limit.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fileError } from "#elbo/base/file-errors.js";
import { refuseExisting, replaceFile, writeFileAtomic } from "#elbo/base/files.js";
import { elboError } from "../helpers/errors.ts";
import { testFolder } from "../helpers/folder.ts";
import { onFullDisk } from "../helpers/full-disk.ts";

const onLinux = process.platform === "linux";

test("what is written is read back, whatever the pieces", async () => {
  const folder = testFolder();
  const piece = fc.oneof(fc.string({ unit: "grapheme" }), fc.uint8Array());
  await fc.assert(
    fc.asyncProperty(fc.array(piece), async (pieces) => {
      const path = join(folder, "out.bin");
      await writeFileAtomic(path, pieces);
      expect(readFileSync(path)).toEqual(Buffer.concat(pieces.map((part) => Buffer.from(part))));
      expect(readdirSync(folder)).toEqual(["out.bin"]);
    }),
    { numRuns: 30 },
  );
});

test("a stream of many small texts arrives in order", async () => {
  const path = join(testFolder(), "lines.txt");
  await writeFileAtomic(
    path,
    (function* () {
      for (let i = 0; i < 100_000; i++) yield `${i}\n`;
    })(),
  );
  const expected = `${Array.from({ length: 100_000 }, (_, i) => i).join("\n")}\n`;
  expect(readFileSync(path, "utf8") === expected).toBe(true);
});

test("a failure half-way leaves the old file and no other", async () => {
  const folder = testFolder();
  const path = join(folder, "out.txt");
  writeFileSync(path, "old");
  const broken = (function* () {
    yield new Uint8Array(1000);
    throw new Error("the source broke");
  })();
  await expect(writeFileAtomic(path, broken)).rejects.toThrow("the source broke");
  await expect(
    replaceFile(path, async (temporary) => {
      writeFileSync(temporary, "half");
      throw new Error("the writer broke");
    }),
  ).rejects.toThrow("the writer broke");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["out.txt"]);
});

test("a replaced file keeps its permissions, and a link stays a link", async () => {
  const folder = testFolder();
  const path = join(folder, "private.txt");
  writeFileSync(path, "old");
  chmodSync(path, 0o600);
  symlinkSync("private.txt", join(folder, "link.txt"));
  await writeFileAtomic(join(folder, "link.txt"), "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(lstatSync(join(folder, "link.txt")).isSymbolicLink()).toBe(true);
});

test.skipIf(process.platform === "win32")("a device is written to and not replaced", async () => {
  await writeFileAtomic("/dev/null", "nothing");
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  expect(() => refuseExisting("/dev/null")).not.toThrow();
});

test("an output that exists is refused without force", async () => {
  const folder = testFolder();
  const path = join(folder, "out.csv");
  refuseExisting(path);
  writeFileSync(path, "");
  const error = await elboError(() => refuseExisting(path));
  expect(error).toMatchObject({ code: "output-exists", kind: "usage" });
  expect(error.hint).toContain("--force");
  expect((await elboError(() => refuseExisting(folder))).code).toBe("output-exists");
  refuseExisting(path, true);
});

test("each place that cannot be written is one clear error", async () => {
  const folder = testFolder();
  writeFileSync(join(folder, "file"), "");
  mkdirSync(join(folder, "sub"));
  const codeOf = async (...parts: string[]) =>
    (await elboError(() => writeFileAtomic(join(folder, ...parts), "x"))).code;
  expect(await codeOf("missing", "out")).toBe("file-missing");
  expect(await codeOf("file", "out")).toBe("folder-is-file");
  expect(await codeOf("sub")).toBe("file-is-folder");
  expect(readdirSync(folder).sort()).toEqual(["file", "sub"]);
});

test.skipIf(!onLinux)("a folder that takes no files is not said to be missing", async () => {
  const error = await elboError(() => writeFileAtomic("/proc/out.csv", "x"));
  expect(error.code).toBe("file-permission");
  expect(error.message).toMatch(/^\/proc\/out\.csv (cannot be written|may not be accessed)/);
});

test("system errors become sentences, mistakes of a program stay", () => {
  const raised = (code: string) => Object.assign(new Error(`${code}: it went wrong`), { code });
  for (const code of ["ENOENT", "EACCES", "ENOSPC", "EFBIG", "EISDIR", "ENOTDIR", "EROFS", "EIO"]) {
    const error = fileError(raised(code), "data/out.csv") as Error & { hint: string };
    expect(error.name).toBe("ElboError");
    expect(error.message).toContain("data/out.csv");
    expect(error.hint).not.toBe("");
  }
  const bug = new TypeError("x is undefined");
  expect(fileError(bug, "a")).toBe(bug);
  const argument = raised("ERR_INVALID_ARG_TYPE");
  expect(fileError(argument, "a")).toBe(argument);
});

const script = (path: string, bytes: number) => `
  import { writeFileAtomic } from ${JSON.stringify(resolve("build/base/files.js"))};
  try {
    await writeFileAtomic(${JSON.stringify(path)}, [new Uint8Array(1000), new Uint8Array(${bytes})]);
    console.log("written");
  } catch (error) { console.log(error.name, error.code); }`;

const writeInChild = (path: string, bytes: number, limit: string) =>
  spawnSync("/bin/sh", ["-c", `${limit}exec "$0" --input-type=module`, process.execPath], {
    input: script(path, bytes),
    encoding: "utf8",
  }).stdout.trim();

test.skipIf(!onLinux)("past a file-size limit the old file stays (needs ulimit)", () => {
  const folder = testFolder();
  const path = join(folder, "model.bin");
  writeFileSync(path, "old");
  // Blocks of 512 bytes in POSIX's shells: 512 KiB.
  expect(writeInChild(path, 4 << 20, "ulimit -f 1024; ")).toBe("ElboError file-too-large");
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(readdirSync(folder)).toEqual(["model.bin"]);
  expect(writeInChild(path, 1 << 10, "ulimit -f 1024; ")).toBe("written");
});

test("on a full disk the old file stays (needs the right to mount)", async (context) => {
  await onFullDisk(context, (folder) => {
    const path = join(folder, "model.bin");
    writeFileSync(path, "old");
    expect(writeInChild(path, 1 << 20, "")).toBe("ElboError disk-full");
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(["model.bin"]);
  });
});

test("a process killed in the middle of a write leaves the old file", async () => {
  const folder = testFolder();
  const path = join(folder, "model.bin");
  writeFileSync(path, "old");
  const endless = `
    import { writeFileAtomic } from ${JSON.stringify(resolve("build/base/files.js"))};
    const pieces = async function* () {
      yield new Uint8Array(1 << 16);
      console.log("half");
      await new Promise(() => setInterval(() => {}, 1000));
    };
    await writeFileAtomic(${JSON.stringify(path)}, pieces());`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", endless]);
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(readFileSync(path, "utf8")).toBe("old");
  // What the killed process left does not bar the next write.
  await writeFileAtomic(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
});
