import type { Config } from "#config/config";
import { accessFiles, sharedToken } from "#config/shared-tokens";
import { defaultTokens, variables } from "#config/variables";
import { AvtomatikaError } from "#core/errors";

/**
 * The warnings for default tokens that are in effect and can be reached from outside. `sections` are those of the
 * files that have one.
 * @throws AvtomatikaError `invalid_config` for default tokens in production
 */
export function checkTokens(
  config: Config,
  sections: readonly string[] = [],
  nodeEnv: string | undefined = process.env["NODE_ENV"],
): string[] {
  const kinds = ["clients", "workers"] as const;
  const open = [
    ...kinds.filter((kind) => sharedToken(kind, config) === defaultTokens[accessFiles[kind].token]).map(variableOf),
    ...sections.map((section) => `the token of ${section}`),
  ];
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

function variableOf(kind: keyof typeof accessFiles): string {
  return variables[accessFiles[kind].token].name;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
