// An npy or IDX file as what is compressed: the model takes its array's rows, and its bytes come back.
import { type ArrayElement, arrayElements } from "../../codec/contents/array.ts";
import { fileContent } from "../../codec/contents/file.ts";
import { elementBytes } from "../../data/arrays/elements.ts";
import { idxLayout } from "../../data/arrays/idx.ts";
import { headerPlace, isNpy, parseNpyHeader } from "../../data/arrays/npy-header.ts";
import { type ArrayLayout, rowLength } from "../../data/arrays/stored-array.ts";
import type { ColumnInfo } from "../../fields/columns.ts";

/**
 * A file of one array, and what stands before it.
 * @param bytes that with it begin.
 */
export function layoutOf(bytes: Uint8Array, path: string): { layout: ArrayLayout; head: number } {
  if (!isNpy(bytes)) {
    const { headerBytes, ...layout } = idxLayout(bytes, path);
    return { layout, head: headerBytes };
  }
  const { start, length } = headerPlace(bytes, path);
  const layout = parseNpyHeader(bytes.subarray(start, start + length), path);
  return { layout, head: start + length };
}

const isCoded = (element: string): element is ArrayElement =>
  arrayElements.some((known) => known === element);

/** An array of rows in the order of C, by the model; a reason where it is another one. */
export function arraySource(bytes: Uint8Array, path: string, [info]: readonly ColumnInfo[]) {
  const { layout, head } = layoutOf(bytes, path);
  const { element, bigEndian, columnMajor } = layout;
  if (info?.type !== "image" && info?.type !== "vector") return "it has one number in a row";
  if (columnMajor) return "its order is Fortran's";
  if (!isCoded(element)) return `its elements are ${element}`;
  const size = rowLength(layout.shape);
  const content = fileContent(bytes, {
    ...{ kind: "array", name: info.name, head, element, size },
    ...(bigEndian && elementBytes(element) > 1 ? { swapped: true } : {}),
    ...(info.type === "vector" ? { vector: true } : {}),
  });
  const pixels =
    info.type === "image" && element === "u1" ? { data: bytes.subarray(head), ...info } : null;
  return { ...content, pixels };
}
