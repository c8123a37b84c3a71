// A client of an engine over memory; both end with the test.
import { AvtomatikaClient, type AvtomatikaClientOptions } from "@avtomatika/client";
import { onTestFinished } from "vitest";
import { type Served, serve, tokens } from "../http/served.ts";

export async function connect(
  overrides: Parameters<typeof serve>[0] = {},
  options: Partial<AvtomatikaClientOptions> = {},
): Promise<{ served: Served; client: AvtomatikaClient }> {
  const served = await serve(overrides);
  const client = new AvtomatikaClient({ url: served.engine.address, token: tokens.clientToken, ...options });
  onTestFinished(() => client.close());
  return { served, client };
}

/** Counts the engine's requests by path, from now on. */
export function countRequests(served: Served): Map<string, number> {
  const counts = new Map<string, number>();
  served.engine.app.server.on("request", ({ method, url = "" }: { method?: string; url?: string }) => {
    const call = `${method} ${url.replace(/\?.*/, "")}`;
    counts.set(call, (counts.get(call) ?? 0) + 1);
  });
  return counts;
}
