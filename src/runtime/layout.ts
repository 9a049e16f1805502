// How parameters lie in memory. Small ones share one tensor, since every input and output of a
// run costs microseconds; each group that is trained together is one contiguous range.
import { concat, parameter, sizeOf, type Tensor } from "../graph/index.ts";

/** Parameters up to this many values are packed with the other small ones of their group. */
const SMALL = 1024;

/** A tensor of the training graph that holds one parameter or several small ones. */
export interface Block {
  name: string;
  /** The tensor that the graph takes. */
  tensor: Tensor;
  length: number;
  members: { name: string; source: Tensor; start: number; length: number }[];
}

function nameOf(source: Tensor): string {
  return source.attributes["name"] as string;
}

/** Blocks for one group of parameters: the large ones by themselves, the small ones as one. */
export function blocksOf(group: readonly Tensor[], label: string): Block[] {
  const small = group.filter((source) => sizeOf(source.shape) <= SMALL);
  const large = small.length > 1 ? group.filter((source) => !small.includes(source)) : group;
  const blocks: Block[] = large.map((source) => {
    const length = sizeOf(source.shape);
    const name = nameOf(source);
    return { name, tensor: source, length, members: [{ name, source, start: 0, length }] };
  });
  if (small.length > 1) {
    let length = 0;
    const members = small.map((source) => {
      const size = sizeOf(source.shape);
      length += size;
      return { name: nameOf(source), source, start: length - size, length: size };
    });
    const name = `packed/${label}`;
    blocks.push({ name, tensor: parameter(name, [length]), length, members });
  }
  return blocks;
}

/** For each packed parameter, the part of its block that stands for it in the graph. */
export function replacementsOf(blocks: readonly Block[]): Map<Tensor, Tensor> {
  return new Map(
    blocks
      .filter(({ tensor, members }) => members[0]!.source !== tensor)
      .flatMap(({ tensor, members }) =>
        members.map(({ source, start, length }): [Tensor, Tensor] => [
          source,
          tensor.slice(0, start, start + length).reshape(source.shape),
        ]),
      ),
  );
}

/** One gradient for the block, of its members' gradients. */
export function blockGradient(block: Block, gradients: ReadonlyMap<Tensor, Tensor>): Tensor {
  const parts = block.members.map(({ source }) => gradients.get(source)!);
  if (parts.length === 1) return parts[0]!;
  return concat(
    parts.map((part) => part.reshape([sizeOf(part.shape)])),
    0,
  );
}

/** Copies of the parameters in blocks of these values, by name. */
export function copyMembers(
  blocks: readonly Block[],
  values: readonly Float32Array[],
  prefix: string,
): [string, Float32Array][] {
  return blocks.flatMap(({ members }, i) =>
    members.map(({ name, start, length }): [string, Float32Array] => [
      prefix + name,
      values[i]!.slice(start, start + length),
    ]),
  );
}

/** Puts what `state` holds of the blocks' parameters into their values. */
export function fillMembers(
  blocks: readonly Block[],
  values: readonly Float32Array[],
  prefix: string,
  state: ReadonlyMap<string, Float32Array>,
): void {
  for (const [i, { members }] of blocks.entries()) {
    for (const { name, start } of members) {
      const part = state.get(prefix + name);
      if (part) values[i]!.set(part, start);
    }
  }
}
