// Which groups of a model are images whose pixels can be corrected, and how they are coded then.
import type { ImageField, ModelledField } from "../../fields/field.ts";
import type { Group } from "../../fields/groups/index.ts";
import { damaged } from "../ans/coder.ts";
import type { Distribution, ImageShape } from "../ans/distribution.ts";
import { canWarp } from "../ans/images.ts";
import { warpOf } from "./weights.ts";

/** What archives hold of corrections, by the name of a group. */
export type Warps = ReadonlyMap<string, Uint8Array>;

/** The shape of a group's images; null where they are none, or their likelihood cannot be corrected. */
export function shapeOf({ layout, likelihood }: Group): ImageShape | null {
  const [field] = layout.fields as [ModelledField];
  // Squared errors are coded by a Gaussian.
  if (field.kind !== "image" || !canWarp(likelihood?.name ?? "gaussian")) return null;
  const { channels, height, width } = field satisfies ImageField;
  return { channels, height, width };
}

/** @throws ElboError `archive-damaged` where the correction is of no such images. */
export function corrected<A extends unknown[]>(
  group: Group,
  of: (...given: A) => Distribution,
  warps: Warps,
): (...given: A) => Distribution {
  const bytes = warps.get(group.layout.name);
  if (!bytes) return of;
  const shape = shapeOf(group);
  if (!shape) throw damaged();
  const warp = warpOf(bytes, shape);
  return (...given) => ({ ...of(...given), warp });
}
