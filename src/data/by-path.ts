// Readers that take bytes, given the path of a file: what they throw, and the errors of the file
// system. Those that DuckDB or HDF5 open by themselves stand in folders of their own.
import { stat } from "node:fs/promises";
import { fileError } from "../base/file-errors.ts";
import { idxSource } from "./arrays/idx.ts";
import { matrixMarketSource } from "./arrays/matrix-market.ts";
import { npySource } from "./arrays/npy.ts";
import { npzSource } from "./arrays/npz.ts";
import { fileBytes, openUnpacked } from "./file-bytes.ts";
import { zippedImages } from "./images/files.ts";
import { folderImages } from "./images/folder.ts";
import { type ImageOptions, imageSource } from "./images/images.ts";
import { openDecoder } from "./images/sharp.ts";
import { nodeInflater } from "./node-inflater.ts";
import type { DataSource } from "./source.ts";
import { csvSource } from "./tables/csv.ts";
import { type TextOptions, textSource } from "./texts/texts.ts";

export async function openCsv(paths: readonly string[], source?: string): Promise<DataSource> {
  return csvSource(await Promise.all(paths.map(openUnpacked)), source);
}

export async function openTexts(path: string, options?: TextOptions): Promise<DataSource> {
  return textSource(await openUnpacked(path), options);
}

export async function openMatrixMarket(path: string): Promise<DataSource> {
  return matrixMarketSource(await openUnpacked(path));
}

export interface IdxOptions {
  /** An IDX file of classes, one for each row: the number column `label`, carried along. */
  labels?: string;
}

export async function openIdx(path: string, { labels }: IdxOptions = {}): Promise<DataSource> {
  const file = await openUnpacked(path);
  return idxSource(file, labels === undefined ? undefined : await openUnpacked(labels));
}

export async function openNpy(path: string): Promise<DataSource> {
  return npySource(await fileBytes(path));
}

export async function openNpz(path: string, member?: string): Promise<DataSource> {
  return npzSource(await fileBytes(path), nodeInflater, member);
}

/** @param path of a folder or a zip; `sharp-missing` where nothing decodes images. */
export async function openImages(path: string, options?: ImageOptions): Promise<DataSource> {
  const found = await stat(path).catch((cause: unknown) => {
    throw fileError(cause, path);
  });
  const images = found.isDirectory()
    ? await folderImages(path)
    : await zippedImages(await fileBytes(path), nodeInflater);
  return imageSource({ source: path, ...images, openDecoder: () => openDecoder(path) }, options);
}
