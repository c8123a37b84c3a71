// Makes a clean checkout usable: installs what the lockfile names and runs the caller under the repo's own Node.
// Plain JavaScript without dependencies, because the machine's Node may be too old for everything else.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { handOver } from "./hand-over.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldest = [22, 19];
const bin = join(root, "node_modules", ".bin");

/**
 * Call it first in an entry script. Returns only in a process that has a complete install and a new enough Node;
 * otherwise it installs, runs the script again under the right Node, and exits as that run did.
 */
export async function ensure() {
  if (!isInstalled()) install();
  const node = findNode();
  if (node === undefined) fail(missingNode());
  if (!isThisProcess(node)) process.exit(await handOver(node, process.argv.slice(1)));
  if (!isNewEnough(process.version)) fail(missingNode());
  process.env.PATH = bin + delimiter + machinePath();
}

/** Is everything that package-lock.json names in node_modules, in that version, and nothing else? */
function isInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  if (wanted === undefined) fail("package-lock.json is missing or broken: this is not a complete checkout");
  const present = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (present === undefined) return false;
  const same = (path) => existsSync(join(root, path)) && fingerprint(wanted[path]) === fingerprint(present[path]);
  const isFine = (path) => (path in present ? same(path) : isOptional(wanted[path]));
  return external(wanted).every(isFine) && external(present).every((path) => path in wanted);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** npm leaves the root out of the installed list and writes workspaces a little differently. */
function external(packages) {
  return Object.keys(packages).filter((path) => path.includes("node_modules/"));
}

function fingerprint(entry) {
  return [entry?.version, entry?.resolved, entry?.integrity, entry?.link].join(" ");
}

/** Made for another system, mostly. */
function isOptional(entry) {
  return Boolean(entry.optional || entry.devOptional);
}

function install() {
  console.error("installing dependencies: npm ci --ignore-scripts");
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  // npm deletes node_modules first, so it must not run on a Node from there.
  const env = { ...process.env, PATH: machinePath() };
  const { status, error } = spawnSync("npm", args, {
    cwd: root,
    env,
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (error || status !== 0) fail(`npm ci failed${error ? `: ${error.message}` : ""}`);
}

function machinePath() {
  const inRepo = join(root, "node_modules");
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(inRepo))
    .join(delimiter);
}

/** The repo's Node where there is one for this system, else the running one if it is new enough. */
function findNode() {
  const own = join(bin, "node");
  if (existsSync(own)) {
    const { status, stdout } = spawnSync(own, ["--version"], { encoding: "utf8" });
    if (status === 0 && isNewEnough(stdout.trim())) return own;
  }
  return isNewEnough(process.version) ? process.execPath : undefined;
}

function isThisProcess(node) {
  return realpathSync(node) === realpathSync(process.execPath);
}

function isNewEnough(version) {
  const [major, minor] = version.slice(1).split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function missingNode() {
  return (
    `Node ${oldest.join(".")} or newer is needed, this is ${process.version}, and the install brought none for ` +
    `${process.platform}-${process.arch}. Install a newer Node and try again.`
  );
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
