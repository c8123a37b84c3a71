import type { Config } from "#config/config";
import { type Variable, variables } from "#config/variables";
import { describe } from "#core/describe";
import { AvtomatikaError } from "#core/errors";
import { didYouMean } from "#core/nearest";

const keys = Object.keys(variables) as (keyof Config)[];
/** The keys of a configuration that nobody set. A copy by spreading has them too. */
const defaulted = Symbol("defaulted");
type Traced = Config & { [defaulted]?: ReadonlySet<keyof Config> };

/**
 * The configuration from the environment, with `overrides` before it and the defaults behind it. The object may be
 * changed until the engine starts.
 * @throws AvtomatikaError `invalid_config` for an unknown key or a value that can't be used
 */
export function loadConfig(overrides: { [Key in keyof Config]?: Config[Key] | undefined } = {}): Config {
  refuseUnknown(overrides);
  const config = Object.fromEntries(keys.map((key) => [key, choose(key, overrides[key])])) as unknown as Traced;
  config[defaulted] = new Set(keys.filter((key) => isLeftOut(key, overrides)));
  return config;
}

/** True for a key that neither the environment nor the program set: its value is the default. */
export function isDefaulted(config: Config, key: keyof Config): boolean {
  return (config as Traced)[defaulted]?.has(key) === true && config[key] === variables[key].fallback;
}

function isLeftOut(key: keyof Config, overrides: object): boolean {
  if ((overrides as Partial<Config>)[key] !== undefined) return isDefaulted(overrides as Config, key);
  return (process.env[variables[key].name] ?? "") === "";
}

/** A checked copy of a configuration that may have been changed since it was loaded. Throws like `loadConfig`. */
export function checkConfig(config: Config): Config {
  return loadConfig(config);
}

function refuseUnknown(overrides: object): void {
  for (const key of Object.keys(overrides)) {
    if (Object.hasOwn(variables, key)) continue;
    const hint = didYouMean(key, keys) || `; the keys are ${keys.join(", ")}`;
    throw new AvtomatikaError("invalid_config", `unknown configuration key "${key}"${hint}`);
  }
}

function choose<Key extends keyof Config>(key: Key, override: unknown): Config[Key] {
  const variable: Variable<Config[Key]> = variables[key];
  if (override !== undefined) return read(variable, `config.${key}`, override);
  const text = process.env[variable.name];
  // An empty variable is what compose files leave of one that isn't set; an empty token would be an open door.
  if (text === undefined || (text === "" && variable.kind.secret !== true)) return variable.fallback;
  return read(variable, variable.name, text);
}

function read<T>({ kind }: Variable<T>, what: string, value: unknown): T {
  const usable = kind.read(value);
  if (usable !== undefined) return usable;
  const came = kind.secret === true && value !== "" ? "another value" : describe(value);
  throw new AvtomatikaError("invalid_config", `${what}: expected ${kind.expected}, got ${came}`);
}
