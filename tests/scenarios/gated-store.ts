import { AvtomatikaError } from "avtomatika/internal/core/errors";
import type { Bell } from "avtomatika/internal/storage/bell";
import type { Storage } from "avtomatika/internal/storage/storage";
import type { Process } from "../simulate/process.ts";

/** What happens to a call: it passes, the engine dies before or right after it was applied, or the store is away. */
export type CallFate = "pass" | "die-before" | "die-after" | "away";

type Method = (input: unknown) => Promise<unknown>;

/** One engine's way to the store: a millisecond there and one back; what a dead engine asks for is never applied. */
export function gatedStore(
  base: Storage,
  process: Process,
  fateOf: (method: string, input: unknown) => CallFate,
  on: { kill: () => void; applied: () => void },
): Storage {
  function call(method: string, input: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      process.after(1, () => {
        const fate = fateOf(method, input);
        if (fate === "die-before") return on.kill();
        if (fate === "away") {
          const error = new AvtomatikaError("store_unavailable", "the scene's store is away");
          process.after(1, () => reject(error));
          return;
        }
        (base[method as keyof Storage] as unknown as Method).call(base, input).then((reply) => {
          on.applied();
          if (fate === "die-after") on.kill();
          else process.after(1, () => resolve(reply));
        }, reject);
      });
    });
  }

  const listen = (listener: (bell: Bell) => void): (() => void) =>
    base.listen((bell) => void process.after(1, () => listener(bell)));

  return new Proxy(base, {
    get(target, name) {
      if (name === "listen") return listen;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === "function" ? (input: unknown) => call(String(name), input) : value;
    },
  });
}
