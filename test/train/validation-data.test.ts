// Validation on data of its own.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { resume, train } from "#elbo/train/train.js";
import { testFolder } from "../helpers/folder.ts";
import { trained } from "./support.ts";

const csv = (rows: number, names: string, from = 0) =>
  [
    names,
    ...Array.from(
      { length: rows },
      (_, i) => `${Math.sin(from + i)},${Math.cos(1.3 * (from + i))}`,
    ),
  ].join("\n");

function files() {
  const folder = testFolder();
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    out: join(folder, "run"),
    data: write("train.csv", csv(200, "a,b")),
    held: write("held.csv", csv(40, "a,b", 1000)),
    other: write("other.csv", csv(40, "a,c")),
    write,
  };
}

const options = { epochs: 4, latent: 2, threads: 1 } as const;

test("all rows of the data train, all of the other validate, and a resumed run reads both", async () => {
  const { data, held, out, write } = files();
  const stop = new AbortController();
  const rows: object[] = [];
  const onEvent = (event: { event: string; rows?: object }) => {
    if (event.event === "start") rows.push(event.rows!);
    if (event.event === "epoch") stop.abort();
  };
  await train(
    data,
    { ...options, out, epochs: 3000, validation: held },
    {
      onEvent,
      signal: stop.signal,
    },
  );
  expect(rows).toEqual([{ training: 200, validation: 40 }]);
  // Other rows to validate on would choose another epoch: they are other data.
  write("held.csv", csv(40, "a,b", 2000));
  await expect(resume(out)).rejects.toMatchObject({ code: "resume-data" });
  write("held.csv", csv(40, "a,b", 1000));
  expect(await resume(out, undefined, { maxTime: 0.01 })).toMatchObject({ interrupted: true });
});

test("the figures are those of the other data, whatever it is called", async () => {
  const { data, held, write } = files();
  const first = await trained(data, { ...options, validation: held });
  const copy = write("copy.csv", csv(40, "a,b", 1000));
  const second = await trained(data, { ...options, validation: copy });
  const losses = (of: typeof first) => of.epochs.map(({ validation }) => validation!.loss);
  expect(losses(second)).toEqual(losses(first));
  const own = await trained(data, { ...options, validation: data });
  expect(losses(own)).not.toEqual(losses(first));
});

test("other columns, and a split beside it, are refused before training", async () => {
  const { data, other, held, out } = files();
  await expect(train(data, { ...options, out, validation: other })).rejects.toMatchObject({
    code: "data-mismatch",
    message: expect.stringContaining("b"),
  });
  await expect(
    train(data, { ...options, out, validation: held, split: "time:a" }),
  ).rejects.toMatchObject({ code: "options-contradict" });
  await expect(train(data, { ...options, out, validation: "none.csv" })).rejects.toMatchObject({
    code: "file-missing",
  });
});
