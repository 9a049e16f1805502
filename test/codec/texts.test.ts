// Texts symbol by symbol, and files of lines.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutAtLines, linesBlock, linesReader } from "#elbo/codec/contents/lines.js";
import { columnsOf } from "#elbo/data/in-memory.js";
import type { ModelConfig } from "#elbo/models/model.js";
import { comesBack, modelOf } from "./models.ts";

describe("texts", () => {
  const words = ["", "a", "abba", "cab", "abcabcabc", null, "bac"];
  const source = (texts: (string | null)[]) =>
    columnsOf({ word: texts, size: texts.map((_, i) => i) });
  const many = Array.from({ length: 60 }, (_, i) => words[i % 7]!);

  test.each([
    ["convolutions, in turn", { network: { kind: "mlp", hidden: [4] } }],
    ["convolutions, all at once", { decoding: "one-shot" }],
    ["a transformer", { network: { kind: "transformer", width: 8, layers: 1, dense: [8] } }],
  ] as const)("by %s, with symbols and lengths that training has not seen", async (_, config) => {
    const model = await modelOf(source(many), config as Partial<ModelConfig>, {
      kind: { word: "text" },
    });
    await comesBack(model, source(many));
    await comesBack(
      model,
      source(["zebra", "abc", "a".repeat(500), null, "", "\u{1f984}", "b\nc"]),
    );
  });
});

test("lines of any bytes come back", () => {
  const piece = fc.constantFrom("a", "é", "\n", "\r\n", "\r", "word", "\ufeff", "\n\n");
  const bytes = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((all) => new TextEncoder().encode(all.join(""))),
    fc.uint8Array({ maxLength: 12 }),
  );
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 4 }), (file, lines) => {
      const parts = [...cutAtLines(file, lines)];
      expect(parts.flatMap((part) => [...part])).toEqual([...file]);
      for (const part of parts) {
        const block = linesBlock(part);
        if (!block) continue;
        expect(block.rows).toBeLessThanOrEqual(lines);
        const back = linesReader.restore(block.frame, block.cells, block.rows);
        expect([...back]).toEqual([...part]);
      }
    }),
  );
});
