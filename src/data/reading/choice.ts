// How the columns of a source are to be read: as a person and a look at their texts say, or as a run does.
import { type DeclaredReading, declaredReading } from "../../fields/declarations.ts";
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

/** Columns that a person calls something else than the times that a file's dates were read as, as texts. */
function notAsTimes(source: DataSource, settled: ReadonlySet<string>): DataSource {
  const names = source.columns
    .filter(({ name, type }) => type === "time" && settled.has(name))
    .map(({ name }) => name);
  return names.length === 0 ? source : (source.asTexts?.(names) ?? source);
}

/**
 * The source read so. Of declared readings its texts are read first, as far as that takes.
 * @param choice default: as the texts tell, where nobody declared anything.
 */
export async function readBy(
  source: DataSource,
  choice: ReadingChoice = { declared: declaredReading({}) },
): Promise<DataSource> {
  if ("settled" in choice) return readAs(source, choice.settled);
  const { declared } = choice;
  const own = notAsTimes(source, declared.settled);
  const readings = declaredReadings(own, declared);
  return readAs(own, await detectReadings(own, readings, declared.settled));
}
