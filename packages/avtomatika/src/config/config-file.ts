import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { configFaults } from "#config/config-faults";

/**
 * The text of a file that a variable names.
 * @throws AvtomatikaError `invalid_config` that names both
 */
export function readConfigFile(variable: string, path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : `it can't be read (${code})`;
    throw configFaults(path, [`${variable}: expected the path of a file, got ${JSON.stringify(path)}: ${why}`]);
  }
  if (!isUtf8(bytes)) throw configFaults(path, [`${path}: expected text in UTF-8 (${variable} names the file)`]);
  return bytes.toString();
}
