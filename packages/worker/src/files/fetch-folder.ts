import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { addressText, keyProblem, type ObjectAddress } from "#files/object-address";
import type { ObjectStore } from "#files/object-store";
import { together } from "#files/together";
import { InvalidInputError } from "#task/errors";

/** Fetches everything below a prefix into the folder `path`. Throws `InvalidInputError` if there is nothing, or it can't be files. */
export async function fetchFolder(
  store: ObjectStore,
  address: ObjectAddress,
  path: string,
  at: string,
  signal: AbortSignal,
): Promise<void> {
  const keys = await store.list(address, at, signal);
  if (keys.length === 0) throw new InvalidInputError(`${at}: there is nothing below ${addressText(address)}`);
  const names = keys.map((key) => key.slice(address.key.length));
  const problem = folderProblem(names);
  if (problem !== null) throw new InvalidInputError(`${at}: ${addressText(address)} can't be a folder: ${problem}`);
  // An object whose key ends with a slash stands for a folder.
  const folders = names.map((name) => (isFolder(name) ? join(path, name) : dirname(join(path, name))));
  for (const folder of new Set([path, ...folders])) await mkdir(folder, { recursive: true });
  const files = names.filter((name) => !isFolder(name));
  await together(files, signal, (name, any) =>
    store.download({ bucket: address.bucket, key: address.key + name }, join(path, name), at, any),
  );
}

/** Why these names can't be files below one folder, or null. */
export function folderProblem(names: readonly string[]): string | null {
  const files = new Set(names.filter((name) => !isFolder(name)));
  for (const name of names) {
    const parts = name.replace(/\/$/, "").split("/");
    const problem = name === "" ? null : (keyProblem(name) ?? partProblem(parts));
    if (problem !== null) return `it has ${JSON.stringify(name.slice(0, 300))}, and ${problem}`;
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join("/");
      if (files.has(above)) return `it has ${JSON.stringify(above)} as a file and as a folder`;
    }
  }
  return null;
}

function partProblem(parts: readonly string[]): string | null {
  if (parts.includes("")) return "a file has a name";
  if (parts.some((part) => Buffer.byteLength(part) > 255)) return "a name has at most 255 bytes";
  return process.platform === "win32" && parts.some((part) => /[\\:]/.test(part)) ? 'a name has no "\\" or ":"' : null;
}

function isFolder(name: string): boolean {
  return name === "" || name.endsWith("/");
}
