// What an archive says of the arithmetic that it was made by, and what is said where it is another.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { readSections, type Section, sectionBytes } from "#elbo/codec/archive.js";
import { decompressBytes, openArchive } from "#elbo/codec/open.js";

const path = fileURLToPath(new URL("../fixtures/archives/grey.elbo", import.meta.url));

/** The archive with what a section of JSON says changed, all checksums right. */
function changed(
  change: (said: Record<string, unknown>) => void,
  kind: Section["kind"] = "header",
): Uint8Array {
  const bytes = readFileSync(path);
  const { sections } = readSections(bytes);
  const parts = sections.map((section): Section => {
    if (section.kind !== kind) return section;
    const said = JSON.parse(new TextDecoder().decode(section.content));
    change(said);
    return { ...section, content: new TextEncoder().encode(JSON.stringify(said)) };
  });
  return Buffer.concat([bytes.subarray(0, 5), ...parts.map(sectionBytes)]);
}

const arithmetic = (by: number) => (header: Record<string, unknown>) => {
  const { networks, coder } = header["arithmetic"] as { networks: number; coder: number };
  header["arithmetic"] = { networks: networks + by, coder };
  header["elbo"] = "9.8.7";
};

test("newer arithmetic asks for a newer elbo", async () => {
  await expect(decompressBytes(changed(arithmetic(1)))).rejects.toMatchObject({
    code: "archive-newer",
    hint: expect.stringContaining("Update elbo"),
  });
});

test("older arithmetic asks for the elbo that wrote it", async () => {
  await expect(decompressBytes(changed(arithmetic(-1)))).rejects.toMatchObject({
    code: "archive-arithmetic",
    hint: expect.stringContaining("version 9.8.7"),
  });
});

test("networks that compute otherwise are told before anything is decoded", async () => {
  const other = changed((header) => {
    header["programs"] = "0".repeat(64);
  });
  await expect(decompressBytes(other)).rejects.toMatchObject({
    code: "archive-arithmetic",
    message: expect.stringContaining("computes the model otherwise"),
  });
});

test("blocks that stand twice are told, and come back once", async () => {
  const sound = readFileSync(path);
  const twice = Buffer.concat([sound, sound]);
  await expect(decompressBytes(twice)).rejects.toMatchObject({ code: "archive-damaged" });
  expect(openArchive(twice).blocks).toEqual(openArchive(sound).blocks);
});

test("blocks that are not all the rows that were written are told", async () => {
  const more = changed((end) => {
    end["rows"] = (end["rows"] as number) + 1;
  }, "end");
  await expect(decompressBytes(more)).rejects.toMatchObject({ code: "archive-damaged" });
});
