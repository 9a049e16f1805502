// A GPU without a GPU: the software Vulkan driver of Debian's chromium, for child processes.
import { execFileSync } from "node:child_process";
import { existsSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The browser to test in: `CHROMIUM`, or the one that the PATH finds. */
export function findChromium(): string | undefined {
  const { CHROMIUM } = process.env;
  if (CHROMIUM) return CHROMIUM;
  try {
    return execFileSync("which", ["chromium"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

function findDriver(): string | undefined {
  const chromium = findChromium();
  const folders = ["/usr/lib/chromium", ...(chromium ? [dirname(realpathSync(chromium))] : [])];
  return folders.map((folder) => join(folder, "libvk_swiftshader.so")).find(existsSync);
}

/** Whether the system has Vulkan's loader, which finds the driver. */
function hasLoader(): boolean {
  try {
    const known = execFileSync("ldconfig", ["-p"], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` },
    });
    return known.includes("libvulkan.so.1");
  } catch {
    return false;
  }
}

/** Why there is no software GPU here, or null where there is one. */
export function missingGpu(): string | null {
  if (process.platform !== "linux") return "the software driver is looked for on Linux alone";
  if (!findDriver()) return "no libvk_swiftshader.so: apt-get install chromium";
  return hasLoader() ? null : "no Vulkan loader: apt-get install libvulkan1";
}

/** The environment in which a process finds the driver; `folder` keeps what names it. */
export function gpuEnvironment(folder: string): NodeJS.ProcessEnv {
  const icd = join(folder, "icd.json");
  const driver = { library_path: findDriver(), api_version: "1.1.0" };
  writeFileSync(icd, JSON.stringify({ file_format_version: "1.0.0", ICD: driver }));
  const names = { VK_ICD_FILENAMES: icd, VK_DRIVER_FILES: icd, XDG_RUNTIME_DIR: folder };
  return { ...process.env, ...names };
}
