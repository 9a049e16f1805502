// A run that is stopped, killed or starved of disk goes on to the bytes of one that never was.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { testFolder } from "../helpers/folder.ts";
import { onFullDisk } from "../helpers/full-disk.ts";
import { contents } from "./killed.ts";
import { elbo, elboDone, elboFails, numbers, startElbo, writeData } from "./support.ts";

// Long enough to be met in the middle.
const DATA = numbers(600, 6);
const TRAIN = ["train", "d.csv", "--epochs", "200", "--seed", "3", "--threads", "1", "--json"];

let whole: ReturnType<typeof contents>;
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "elbo-test-"));
  writeData(folder, "d.csv", DATA);
  await elboDone(folder, ...TRAIN, "--out", "whole");
  whole = contents(join(folder, "whole"));
  rmSync(folder, { recursive: true });
});

test("Ctrl-C saves a checkpoint and prints what resumes, to the same bytes", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", DATA);
  const cut = startElbo(folder, ...TRAIN.slice(0, -1), "--out", "cut");
  let told = "";
  let sent = false;
  cut.child.stderr!.on("data", (text) => {
    told += text;
    if (sent || !/^epoch +\d\d\//m.test(told)) return;
    sent = true;
    cut.child.kill("SIGINT");
  });
  const stopped = await cut.ended;
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(stopped.stdout).toBe("cut\n");
  expect(stopped.stderr).toContain("\n  elbo train --resume cut\n");
  expect(contents(join(folder, "cut")).model).not.toEqual(whole.model);
  const resumed = await elboDone(folder, "train", "--resume", "cut");
  expect(resumed.stdout).toBe("cut\n");
  expect(contents(join(folder, "cut"))).toEqual(whole);
  // Resumed again, a finished run stays as it is, and still knows its best epoch.
  const again = await elboDone(folder, "train", "--resume", "cut", "d.csv", "--json");
  const done = JSON.parse(again.stdout.trimEnd().split("\n").at(-1)!);
  expect(done).toMatchObject({ epochs: 200, interrupted: false });
  expect(done.best.epoch).toBeGreaterThan(0);
  expect(contents(join(folder, "cut"))).toEqual(whole);
});

test("kill -9 loses no more than the work since the last checkpoint", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", DATA);
  const first = startElbo(folder, ...TRAIN, "--out", "cut");
  await first.shows('"epoch":20,');
  first.child.kill("SIGKILL");
  await first.ended;
  // Killed before the first checkpoint: it starts again, and is stopped by its time.
  const timed = await elboDone(folder, "train", "--resume", "cut", "--max-time", "0.1", "--json");
  expect(timed.stdout).toContain('"code":"no-checkpoint"');
  const reached = JSON.parse(timed.stdout.trimEnd().split("\n").at(-1)!);
  expect(reached).toMatchObject({ event: "done", interrupted: true });
  const second = startElbo(folder, "train", "--resume", "cut", "--json");
  await second.shows(`"epoch":${reached.epochs + 3},`);
  second.child.kill("SIGKILL");
  await second.ended;
  await elboDone(folder, "train", "--resume", "cut", "--quiet");
  expect(contents(join(folder, "cut"))).toEqual(whole);
});

test("a second Ctrl-C ends at once", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", DATA);
  const run = startElbo(folder, ...TRAIN, "--out", "r");
  await run.shows('"event":"start"');
  run.child.kill("SIGINT");
  run.child.kill("SIGTERM");
  const { code, stdout } = await run.ended;
  expect(code).toBe(130);
  expect(stdout).not.toContain('"event":"done"');
});

test("a second process in a run folder is refused, and a killed one leaves it free", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", DATA);
  const first = startElbo(folder, ...TRAIN, "--epochs", "100000", "--out", "r");
  await first.shows('"epoch":3,');
  const resumed = await elboFails(folder, 2, "train", "--resume", "r");
  expect(resumed.code).toBe("run-in-use");
  expect(resumed.message).toContain(`process ${first.child.pid} trains in r`);
  const replaced = await elboFails(folder, 2, "train", "d.csv", "--out", "r", "--force");
  expect(replaced.code).toBe("run-in-use");
  expect(first.child.exitCode).toBeNull();
  first.child.kill("SIGKILL");
  await first.ended;
  const locks = () => readdirSync(join(folder, "r")).filter((name) => name.startsWith(".training"));
  expect(locks()).toHaveLength(1);
  await elboDone(folder, "train", "--resume", "r", "--max-time", "0.1", "--quiet");
  expect(locks()).toEqual([]);
  // A process of another machine cannot be asked for; one of this that never was is no holder.
  writeFileSync(join(folder, "r", ".training-12-34-elsewhere"), "");
  const far = await elboFails(folder, 2, "train", "--resume", "r");
  expect(far.message).toContain("process 12 on elsewhere trains in r");
  expect(far.hint).toContain("remove r/.training-12-34-elsewhere");
  expect(locks()).toEqual([".training-12-34-elsewhere"]);
});

test("a run goes on only with its own data", async () => {
  const folder = testFolder();
  writeData(folder, "d.csv", numbers(60, 3));
  writeData(folder, "other.csv", numbers(61, 3));
  await elboDone(folder, "train", "d.csv", "--epochs", "1", "--out", "r");
  const before = contents(join(folder, "r"));
  const other = await elboFails(folder, 2, "train", "--resume", "r", "other.csv");
  expect(other.code).toBe("resume-data");
  const asked = ["--latent", "7", "--network", "mlp:5", "--target", "a"];
  const changed = await elboFails(folder, 2, "train", "--resume", "r", ...asked);
  expect(changed.code).toBe("options-contradict");
  expect(changed.message).toContain(
    "--latent 7 (the run has 2), --network mlp:5 (the run has mlp:",
  );
  expect(changed.message).toContain(", --target");
  const none = await elboFails(folder, 1, "train", "--resume", "nowhere");
  expect(none.code).toBe("file-missing");
  rmSync(join(folder, "d.csv"));
  expect((await elboFails(folder, 1, "train", "--resume", "r")).code).toBe("file-missing");
  expect(contents(join(folder, "r"))).toEqual(before);
});

test("a disk that is full leaves the last checkpoint whole, and the run goes on from it", async (context) => {
  await onFullDisk(context, async (disk) => {
    const folder = testFolder();
    const data = join(folder, writeData(folder, "d.csv", numbers(300, 8)));
    const words = ["train", data, "--epochs", "150", "--network", "mlp:40", "--quiet"];
    const run = join(disk, "r");
    await elboDone(folder, ...words, "--out", run, "--max-time", "0.1");
    const before = contents(run);
    writeFileSync(join(disk, "filler"), "");
    try {
      for (;;) writeFileSync(join(disk, "filler"), Buffer.alloc(1024), { flag: "a" });
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
    }
    const full = await elbo(folder, "train", "--resume", run, "--json");
    expect(full.code).toBe(1);
    expect(JSON.parse(full.stdout.trimEnd().split("\n").at(-1)!)).toMatchObject({
      ok: false,
      error: { code: "disk-full", message: expect.stringContaining("the disk is full") },
    });
    const after = contents(run);
    expect([after.model, after.state]).toEqual([before.model, before.state]);
    await elboDone(folder, "evaluate", run, data);
    rmSync(join(disk, "filler"));
    await elboDone(folder, "train", "--resume", run, "--quiet");
    await elboDone(folder, ...words, "--out", join(folder, "whole"));
    expect(contents(run)).toEqual(contents(join(folder, "whole")));
  });
});

test("a disk too small for a first checkpoint leaves no weights and one clear error", async (context) => {
  await onFullDisk(context, async (disk) => {
    const folder = testFolder();
    const data = join(folder, writeData(folder, "d.csv", numbers(60, 8)));
    const run = join(disk, "r");
    const big = ["--network", "mlp:300,300", "--epochs", "1", "--quiet"];
    const outcome = await elbo(folder, "train", data, "--out", run, ...big);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^error: the disk is full: .*model\.safetensors.*\nhint: .+\n$/);
    expect((await elboFails(folder, 1, "evaluate", run, data)).code).toBe("file-missing");
  });
});
