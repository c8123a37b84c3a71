// The files of a folder. Paths are bytes, since not every name is valid UTF-8; in JSON they stand as latin1 text.
import { type Dirent, readdirSync } from "node:fs";

export interface Listing {
  /** Paths of regular files, relative to the folder, sorted by bytes. */
  files: Buffer[];
  folders: number;
  /** Symbolic links are counted and not followed: they may dangle or lead in circles. */
  links: number;
  /** Sockets, pipes, devices. */
  others: number;
  unreadable_folders: number;
}

const slash = Buffer.from("/");

/** `leaveOut` names folders by their last segment; `without` is one folder by its absolute path. */
export function walk(folder: Buffer, leaveOut: readonly string[], without: Buffer): Listing {
  const listing: Listing = { files: [], folders: 0, links: 0, others: 0, unreadable_folders: 0 };
  const names = new Set(leaveOut);
  const waiting: (Buffer | null)[] = [null];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    for (const entry of read(path === null ? folder : join(folder, path), listing)) {
      const inside = path === null ? entry.name : join(path, entry.name);
      if (entry.isSymbolicLink()) listing.links += 1;
      else if (entry.isFile()) listing.files.push(inside);
      else if (!entry.isDirectory()) listing.others += 1;
      else if (!names.has(entry.name.toString()) && !join(folder, inside).equals(without)) {
        listing.folders += 1;
        waiting.push(inside);
      }
    }
  }
  listing.files.sort(Buffer.compare);
  return listing;
}

export function join(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, slash, name]);
}

function read(folder: Buffer, listing: Listing): Dirent<Buffer>[] {
  try {
    return readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
  } catch {
    listing.unreadable_folders += 1;
    return [];
  }
}
