// Blocks of rows to bytes and back: columns that the model knows are coded by its likelihoods, bits back
// from its latents; all else, and what the model cannot express, stands beside, packed on its own.
import type { FieldSchema, ModelledField } from "../fields/field.ts";
import type { Group } from "../fields/groups/index.ts";
import { Body, roleOf } from "../models/body.ts";
import { USE } from "../models/graphs.ts";
import type { ModelConfig } from "../models/model.ts";
import { Parameters } from "../nn/parameters.ts";
import { Coder, damaged } from "./ans/coder.ts";
import { decodeBlock, encodeBlock } from "./bits-back.ts";
import type { BlockModel } from "./block-model.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import type { CellCodec } from "./cell-codec.ts";
import { imageCells, vectorCells } from "./cells/arrays.ts";
import type { Cells, FieldCells, Known } from "./cells/cells.ts";
import { leveledCells, truthCells } from "./cells/levels.ts";
import { bitNumbers, countNumbers, griddedNumbers } from "./cells/numbers.ts";
import { readPlain, writePlain } from "./cells/plain.ts";
import { textCells } from "./cells/texts.ts";
import { timeCells } from "./cells/times.ts";
import { type CodedColumn, fieldOf } from "./columns.ts";
import {
  type CodedGroup,
  type Networks,
  networksOf,
  type Programs,
  programsOf,
} from "./networks.ts";
import { blankSymbols, codesAt, seat, seatsOf } from "./seats.ts";
import { packBytes, unpackBytes } from "./side/pack.ts";
import {
  type GroupCoding,
  groupCodings,
  type Residuals,
  type Symbols,
  unseenInputs,
} from "./values.ts";
import type { Warps } from "./warp/groups.ts";

/** What the codec adds to a model: numbers that a block's bytes depend on and that archives hold. */
export interface CodecParameters {
  /** Where each latent lies, where that is not N(0, 1); null where all are. */
  prior: { mean: Float32Array; deviation: Float32Array } | null;
  residuals: Residuals;
  warps: Warps;
}

/** What is added to a model of which nothing was measured. */
export const nothingFitted: CodecParameters = {
  prior: null,
  residuals: new Map(),
  warps: new Map(),
};

/** What a block's side may unpack to: many times what any rows of a block hold. */
const LARGEST_SIDE = 2 ** 28;

function fieldCells(
  field: ModelledField,
  type: Cells["type"],
  gridded: boolean,
): FieldCells | null {
  switch (field.kind) {
    case "real":
    case "positive":
      return type === "number" ? griddedNumbers : null;
    case "count":
      if (type !== "number") return null;
      return gridded ? griddedNumbers : countNumbers;
    case "binary":
      return type === "number" ? bitNumbers : type === "text" ? truthCells : null;
    case "categorical":
    case "ordinal":
      return type === "number" || type === "text" ? leveledCells(field) : null;
    case "time":
      return type === "text" ? timeCells(field.format) : null;
    case "image":
      return type === "image" && field.bytes ? imageCells(field, gridded) : null;
    case "vector":
      return type === "vector" ? vectorCells(field) : null;
    case "text":
      return type === "text" ? textCells(field) : null;
    default:
      return field satisfies never;
  }
}

/** A column of the archive, and where its values are among the model's. */
interface Place {
  column: CodedColumn;
  coding: { cells: FieldCells; group: number; field: number; told: boolean } | null;
}

/**
 * A model's groups by how they are coded, and those of which no column has a value.
 * @param columns what there is; null: everything that the model speaks of.
 */
function groupsOf(
  schema: FieldSchema,
  config: ModelConfig,
  { residuals, warps }: Pick<CodecParameters, "residuals" | "warps">,
  columns: readonly CodedColumn[] | null,
) {
  const groups = Body.of(schema, config, new Parameters(), USE).parts.map(({ group }) => group);
  const all = groupCodings(groups, residuals, warps);
  const codings = all.filter(
    ({ group, gridded }) =>
      !columns ||
      group.layout.fields.some((field) =>
        columns.some(
          (column) => fieldOf(schema, column) === field && fieldCells(field, column.type, gridded),
        ),
      ),
  );
  return {
    codings,
    unseen: groups.filter((group) => !codings.some((each) => each.group === group)),
    conditions: codings.filter(({ group }) => roleOf(group) === "condition"),
    coded: codings.filter(({ group }) => roleOf(group) !== "condition"),
  };
}

/** The groups whose values the decoder codes. */
export const codedGroups = (
  schema: FieldSchema,
  config: ModelConfig,
  columns: readonly CodedColumn[],
  fitted: CodecParameters,
): readonly GroupCoding[] => groupsOf(schema, config, fitted, columns).coded;

const named = ({ group, bySum }: GroupCoding): CodedGroup => ({ name: group.layout.name, bySum });

/** What the networks of a model compute where rows are coded by it. */
export function rowPrograms(schema: FieldSchema, config: ModelConfig): Programs {
  return programsOf(schema, config, groupsOf(schema, config, nothingFitted, null).coded.map(named));
}

/** Codes a block of rows at a time; one block at once. */
export class RowCodec implements CellCodec {
  /** Made when rows are coded: it has tables to fill. */
  #coder: Coder | null = null;
  readonly #places: Place[];
  readonly #codings: GroupCoding[];
  /** Conditions: told beside, and given to both networks. */
  readonly #conditions: GroupCoding[];
  /** Those whose values are coded by the decoder. */
  readonly #coded: GroupCoding[];
  readonly #unseen: Group[];
  readonly #networks: Networks;
  readonly #prior: CodecParameters["prior"];

  /** @throws ElboError `compress-likelihood` where the model gives some field's values no probabilities. */
  constructor(
    schema: FieldSchema,
    config: ModelConfig,
    weights: ReadonlyMap<string, Float32Array>,
    columns: readonly CodedColumn[],
    fitted: CodecParameters,
  ) {
    const { codings, unseen, conditions, coded } = groupsOf(schema, config, fitted, columns);
    this.#codings = codings;
    this.#unseen = unseen;
    this.#conditions = conditions;
    this.#coded = coded;
    this.#prior = fitted.prior;
    this.#networks = networksOf(schema, config, weights, coded.map(named));
    this.#places = columns.map((column) => ({ column, coding: this.#codingOf(schema, column) }));
  }

  /** Those of the model. */
  get networks(): Networks {
    return this.#networks;
  }

  /** Whose values the decoder codes. */
  get groups(): readonly GroupCoding[] {
    return this.#coded;
  }

  #codingOf(schema: FieldSchema, column: CodedColumn): Place["coding"] {
    const field = fieldOf(schema, column);
    if (!field) return null;
    const group = this.#codings.findIndex(({ group }) => group.layout.fields.includes(field));
    const coding = this.#codings[group];
    if (!coding) return null;
    const cells = fieldCells(field, column.type, coding.gridded);
    const place = coding.group.layout.fields.indexOf(field);
    return cells && { cells, group, field: place, told: field.role === "condition" };
  }

  #modelFor(symbols: readonly Symbols[]): BlockModel {
    return {
      networks: this.#networks,
      groups: this.#coded,
      prior: this.#prior,
      given: (from, to) =>
        Object.assign(
          {},
          ...this.#unseen.map((group) => unseenInputs(group, to - from)),
          ...this.#conditions.map((coding) =>
            coding.inputs(symbols[this.#codings.indexOf(coding)]!, from, to),
          ),
        ),
    };
  }

  #codedOf(symbols: readonly Symbols[]): Symbols[] {
    return this.#coded.map((coding) => symbols[this.#codings.indexOf(coding)]!);
  }

  /** Rows as the model sees them, and what stands beside. */
  seen(cells: readonly Cells[], rows: number) {
    const side = new ByteWriter();
    const symbols = this.#codings.map((coding) => blankSymbols(coding, rows));
    for (const [i, { coding }] of this.#places.entries()) {
      if (!coding) {
        writePlain(side, cells[i]!);
        continue;
      }
      const own = coding.cells.encode(cells[i]!, rows, side);
      seat(symbols[coding.group]!, own, seatsOf(this.#codings[coding.group]!, coding.field));
      if (coding.told) {
        const writer = new ByteWriter();
        for (const code of own.codes) writer.count(code);
        side.block(packBytes(writer.finish()));
      }
    }
    return { side, model: this.#modelFor(symbols), coded: this.#codedOf(symbols) };
  }

  /** @throws ElboError `compress-likelihood`: values that the model's likelihood has no probabilities for. */
  encode(cells: readonly Cells[], rows: number): Uint8Array {
    const { side, model, coded } = this.seen(cells, rows);
    const whole = new ByteWriter();
    whole.block(packBytes(side.finish()));
    this.#coder ??= new Coder();
    whole.raw(encodeBlock(this.#coder, model, coded, rows));
    return whole.finish();
  }

  /** @throws ElboError `archive-damaged`. */
  decode(bytes: Uint8Array, known: readonly Known[], rows: number): Cells[] {
    const whole = new ByteReader(bytes);
    const side = new ByteReader(unpackBytes(whole.block(), LARGEST_SIDE));
    const symbols = this.#codings.map((coding) => blankSymbols(coding, rows));
    const restored = this.#places.map(({ coding }, i): (() => Cells) | Cells => {
      if (!coding) return readPlain(side, known[i]!);
      const seats = seatsOf(this.#codings[coding.group]!, coding.field);
      const found = coding.cells.prepare(known[i]!, rows, side);
      if (coding.told) {
        const limit = 10 * found.symbols.codes.length;
        const reader = new ByteReader(unpackBytes(side.block(), limit));
        for (let k = 0; k < found.symbols.codes.length; k++)
          found.symbols.codes[k] = reader.count();
      }
      seat(symbols[coding.group]!, found.symbols, seats);
      return () => found.restore(codesAt(symbols[coding.group]!, seats, rows));
    });
    if (side.left > 0) throw damaged();
    const coded = this.#codedOf(symbols);
    this.#coder ??= new Coder();
    decodeBlock(this.#coder, this.#modelFor(symbols), whole.raw(whole.left), coded, rows);
    return restored.map((each) => (typeof each === "function" ? each() : each));
  }
}
