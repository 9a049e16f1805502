// Packages that not everyone needs: loaded when first used, and where one is missing the error
// says how to install it.
import { ElboError } from "../base/errors.ts";

/** `load` imports the package; `purpose` says what for, as in "reading images". */
export async function optionalPackage<Module>(
  name: string,
  purpose: string,
  path: string,
  load: () => Promise<Module>,
): Promise<Module> {
  try {
    return await load();
  } catch (cause) {
    throw new ElboError({
      code: `${name}-missing`,
      message: `${path}: ${purpose} needs the package ${name}, which is not installed here or does not load`,
      hint: `run npm install ${name}`,
      where: { file: path },
      cause,
    });
  }
}
