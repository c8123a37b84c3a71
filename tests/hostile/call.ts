import type { Random } from "../simulate/random.ts";
import { objectOf } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";
import type { Run } from "./run.ts";

/** A right request: its status and its body, which is empty if there was no answer. */
export async function call(
  run: Run,
  random: Random,
  [route, path, body]: readonly [route: string, path?: string | undefined, body?: unknown],
  statuses: readonly number[] = [200],
): Promise<{ status: number; body: Record<string, unknown> }> {
  const [method = "", pattern = ""] = route.split(" ");
  const answer = await run.attack(
    {
      route,
      kind: "call",
      method,
      path: path ?? pattern,
      headers: {
        "content-type": "application/json",
        "x-client-token": tokens.client,
        "x-worker-token": tokens.worker,
      },
      body: body === undefined ? null : JSON.stringify(body),
      expected: { status: statuses },
    },
    random,
  );
  return answer === null ? { status: 0, body: {} } : { status: answer.status, body: objectOf(answer) };
}
