import type { Config } from "#config/config";
import { defaultTokens, variables } from "#config/variables";
import { AvtomatikaError } from "#core/errors";

/**
 * The warnings for default tokens that can be reached from outside.
 * @throws AvtomatikaError `invalid_config` for default tokens in production
 */
export function checkTokens(config: Config, nodeEnv: string | undefined = process.env["NODE_ENV"]): string[] {
  const keys = ["clientToken", "globalWorkerToken"] as const;
  const open = keys.filter((key) => config[key] === defaultTokens[key]).map((key) => variables[key].name);
  if (open.length === 0) return [];
  const what = `${open.join(" and ")} ${open.length === 1 ? "is the default one" : "are the default ones"}, which everybody knows`;
  if (nodeEnv === "production") {
    throw new AvtomatikaError(
      "invalid_config",
      `${what}: set ${open.length === 1 ? "it" : "them"} (NODE_ENV is production)`,
    );
  }
  return isLoopback(config.apiHost) ? [] : [`${what}, and ${config.apiHost} can be reached from outside`];
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
