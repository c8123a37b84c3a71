import { readdir, realpath, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { messageOf, PermanentError } from "#task/errors";

/** What is to be stored. */
export interface Output {
  /** Relative to the task's folder, with slashes; it ends with one if it is a folder without files. */
  readonly name: string;
  /** The file without links in its path; null for a folder without files. */
  readonly path: string | null;
}

export interface Outputs {
  /** What stands for all of it: a file's name, or a folder's, which ends with a slash (the task's own is empty). */
  readonly name: string;
  readonly files: readonly Output[];
}

/**
 * The file `path`, or all files below it; `dir` is the task's folder, without links, and `at` the place in the result.
 * Throws `PermanentError` for what isn't there, is no file or folder, or leads out of the task's folder by a link.
 */
export async function findOutputs(path: string, dir: string, at: string): Promise<Outputs> {
  const name = relative(dir, path).split(sep).join("/");
  const real = await follow(path, dir, at);
  const info = await stat(real);
  if (info.isFile()) return { name, files: [{ name, path: real }] };
  if (!info.isDirectory()) throw new PermanentError(`${at}: ${path} is neither a file nor a folder`);
  const prefix = name === "" ? "" : `${name}/`;
  return { name: prefix, files: await walk(real, prefix, dir, at) };
}

async function walk(folder: string, prefix: string, dir: string, at: string): Promise<Output[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  if (entries.length === 0) return [{ name: prefix, path: null }];
  const found: Output[] = [];
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const name = prefix + entry.name;
    if (entry.isDirectory()) found.push(...(await walk(path, `${name}/`, dir, at)));
    else if (entry.isFile()) found.push({ name, path });
    else found.push({ name, path: await linkedFile(path, dir, at) });
  }
  return found;
}

/** Links to folders could lead in circles. */
async function linkedFile(path: string, dir: string, at: string): Promise<string> {
  const real = await follow(path, dir, at);
  if ((await stat(real)).isFile()) return real;
  throw new PermanentError(`${at}: ${path} is neither a file nor a folder, nor a link to a file`);
}

async function follow(path: string, dir: string, at: string): Promise<string> {
  let real: string;
  try {
    real = await realpath(path);
  } catch (cause) {
    throw new PermanentError(`${at}: ${path} isn't there (${messageOf(cause)})`, { cause });
  }
  if (real === dir || real.startsWith(dir + sep)) return real;
  throw new PermanentError(`${at}: ${path} is a link that leads out of the task's folder`);
}
