// How the columns of a source are to be read: as a person and a look at their texts say, or as a run does.
import type { DeclaredReading } from "../../fields/declarations.ts";
import type { DataSource } from "../source.ts";
import { detectReadings } from "./detect.ts";
import { type ColumnReading, type Readings, readAs } from "./read-as.ts";

/** `declared`: what is not declared, the texts tell. `settled`: as here and no otherwise. */
export type ReadingChoice = { declared: DeclaredReading } | { settled: Readings };

function declaredReadings(
  { columns }: DataSource,
  { missing, formats }: DeclaredReading,
): Readings {
  const readings = new Map<string, ColumnReading>();
  for (const { name } of columns) {
    const words = [...new Set([...missing.every, ...(missing.of.get(name) ?? [])])];
    const format = formats.get(name);
    if (words.length > 0 || format !== undefined) readings.set(name, { missing: words, format });
  }
  return readings;
}

/** The source read so. Of declared readings its texts are read first, as far as that takes. */
export async function readBy(
  source: DataSource,
  choice: ReadingChoice | undefined,
): Promise<DataSource> {
  if (choice === undefined) return source;
  if ("settled" in choice) return readAs(source, choice.settled);
  const { declared } = choice;
  const readings = declaredReadings(source, declared);
  return readAs(source, await detectReadings(source, readings, declared.settled));
}
