// Real rows with gaps, from a CSV file to a batch.
import { join } from "node:path";
import { expect, test } from "vitest";
import { openShuffled, pageFile } from "#elbo/data/store/disk.js";
import { storeRows } from "#elbo/data/store/store.js";
import { openTable } from "#elbo/data/tables/open.js";
import { layoutOf, maskInput, rowsInput } from "#elbo/fields/layout.js";
import { categorical, real, schemaOf, time } from "../../fields/schemas.ts";
import { realData } from "../../helpers/data.ts";
import { testFolder } from "../../helpers/folder.ts";
import { drawOf, inputsOf } from "./mixed.ts";

const path = realData("penguins", "penguins_raw.csv");

test.skipIf(path === undefined)(
  "penguins keep their gaps in memory and in a file (needs the real data)",
  async () => {
    const schema = schemaOf(
      real("Culmen Length (mm)"),
      categorical("Sex", ["FEMALE", "MALE"]),
      time("Date Egg", true),
    );
    for (const memoryBytes of [1e9, 0]) {
      const source = await openTable(path!);
      const { training, notes } = await storeRows(source, schema, new Uint8Array(source.rows), {
        memoryBytes,
        overflow: pageFile(join(testFolder(), "rows")),
      });
      await source.close?.();
      expect(notes).toEqual([]);
      const shuffled = await openShuffled(training, 1);
      const { feeder, memory, inputs } = inputsOf(schema, 344);
      await shuffled.fill(feeder, memory, inputs, 0, 0, 344, drawOf());
      await shuffled.close();
      const [lengths, sexes, dates] = layoutOf(schema).map((layout) => ({
        rows: [...memory.view(inputs.get(rowsInput(layout))!)],
        there: [...memory.view(inputs.get(maskInput(layout))!)].filter((there) => there === 1)
          .length,
      }));
      // 344 birds, 2 of them not measured, 11 of unknown sex.
      expect([lengths!.there, sexes!.there, dates!.there]).toEqual([342, 333, 344]);
      expect(sexes!.rows.filter((code) => code === 1).length).toBe(168);
      expect(Math.max(...lengths!.rows)).toBeCloseTo(59.6, 5);
      // 2007-11-09 and 2009-12-01 are the first and the last day of eggs.
      const days = dates!.rows.filter((_, i) => i % 2 === 0);
      expect([Math.min(...days), Math.max(...days)]).toEqual([13_826, 14_579]);
    }
  },
);
