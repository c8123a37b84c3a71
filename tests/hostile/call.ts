import type { Random } from "../simulate/random.ts";
import { objectOf } from "./attack.ts";
import { tokens } from "./attacked-engine.ts";
import type { Run } from "./run.ts";

/** What a right request was answered; empty if there was no answer. */
interface Reply {
  status: number;
  /** An object. */
  body: Record<string, unknown>;
  /** An array. */
  list: unknown[];
}

/** A right request, and its answer. */
export async function call(
  run: Run,
  random: Random,
  [route, path, body]: readonly [route: string, path?: string | undefined, body?: unknown],
  statuses: readonly number[] = [200],
): Promise<Reply> {
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
  if (answer === null) return { status: 0, body: {}, list: [] };
  const list: unknown[] = answer.text.startsWith("[") ? JSON.parse(answer.text) : [];
  return { status: answer.status, body: objectOf(answer), list };
}
