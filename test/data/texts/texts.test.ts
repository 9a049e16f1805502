// Text files by line and by window, and what is no text.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openTexts } from "#elbo/data/by-path.js";
import { realData } from "../../helpers/data.ts";
import { elboError } from "../../helpers/errors.ts";
import { testFolder } from "../../helpers/folder.ts";
import { collect } from "../rows.ts";

function written(content: string | Uint8Array): string {
  const path = join(testFolder(), "lines.txt");
  writeFileSync(path, content);
  return path;
}

test("lines are texts, empty ones are not", async () => {
  for (const end of ["\n", "\r\n"]) {
    const content = `\uFEFFone${end}${end}  two ${end}dreißig 😀`;
    for (const bytes of [Buffer.from(content), gzipSync(content), Buffer.from(content + end)]) {
      const source = await openTexts(written(bytes));
      expect(source).toMatchObject({ rows: 3, columns: [{ name: "text", type: "text" }] });
      expect(await collect(source)).toEqual({ text: ["one", "  two ", "dreißig 😀"] });
    }
  }
});

test("windows of any width put together are the text, and positions count characters", async () => {
  const folder = testFolder();
  const text = fc
    .string({ unit: fc.constantFrom("a", "é", "漢", "😀", "\n", "\r\n", " "), maxLength: 300 })
    .filter((one) => one !== "");
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 40 }), async (content, window) => {
      const path = join(folder, "running.txt");
      writeFileSync(path, content);
      const source = await openTexts(path, { window });
      const rows = await collect(source);
      const plain = content.replaceAll("\r\n", "\n");
      const texts = rows["text"] as string[];
      expect(texts.join("")).toBe(plain);
      expect(texts.slice(0, -1).every((one) => Array.from(one).length === window)).toBe(true);
      expect(rows["position"]).toEqual(texts.map((_, i) => i * window));
    }),
  );
});

test("characters and line breaks that blocks cut are whole again", async () => {
  const text = `${"é😀\r\n".repeat(200_000)}`;
  const lines = await openTexts(written(text));
  expect(lines.rows).toBe(200_000);
  expect(new Set((await collect(lines))["text"])).toEqual(new Set(["é😀"]));
  const windows = await openTexts(written(`x${text}`), { window: 100 });
  expect((await collect(windows))["text"]!.join("")).toBe(`x${"é😀\n".repeat(200_000)}`);
});

test("what is not UTF-8 is named by its row", async () => {
  const path = written(Buffer.concat([Buffer.from("fine\n\n"), Buffer.from("Größe\n", "latin1")]));
  for (const options of [{}, { window: 3 }]) {
    const error = await elboError(() => openTexts(path, options));
    expect(error).toMatchObject({ code: "text-encoding", where: { file: path, row: 3 } });
  }
});

test("an endless line, no text and a wrong window are clear errors", async () => {
  const endless = written("x".repeat((1 << 24) + 1000));
  const error = await elboError(() => openTexts(endless));
  expect(error.code).toBe("text-line-long");
  expect(error.hint).toContain("--window");
  expect((await openTexts(endless, { window: 1 << 20 })).rows).toBe(17);
  expect((await elboError(() => openTexts(written("\n\n")))).code).toBe("data-empty");
  for (const window of [0, 1.5, -1]) {
    const wrong = await elboError(() => openTexts(written("a"), { window }));
    expect(wrong).toMatchObject({ code: "option-value", kind: "usage" });
  }
});

const smiles = realData("smiles", "valid.txt");
test.skipIf(smiles === undefined)("molecules (needs the real data)", async () => {
  expect((await openTexts(smiles!)).rows).toBe(24_445);
});

const shakespeare = realData("text", "tinyshakespeare.txt");
test.skipIf(shakespeare === undefined)("a running text (needs the real data)", async () => {
  const source = await openTexts(shakespeare!, { window: 128 });
  expect(source.rows).toBe(Math.ceil(1_115_394 / 128));
  expect((await collect(source))["text"]![0]).toMatch(/^First Citizen:\nBefore we proceed/);
});
