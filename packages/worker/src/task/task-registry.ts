import { didYouMean } from "#options/did-you-mean";
import { whole } from "#options/whole";
import { isSchema } from "#task/standard-schema";
import type { TaskDefinition, TaskHandler, TaskOptions } from "#task/task-handler";

const optionNames: readonly (keyof TaskOptions<unknown>)[] = ["schema", "maxConcurrent"];

/** The task types that a worker can do. */
export class TaskRegistry {
  readonly #definitions = new Map<string, TaskDefinition>();

  get(type: string): TaskDefinition | undefined {
    return this.#definitions.get(type);
  }
  all(): Iterable<TaskDefinition> {
    return this.#definitions.values();
  }
  get size(): number {
    return this.#definitions.size;
  }

  /** Throws a `TypeError` for a bad name, a second handler of one name, unknown options, or no handler. */
  add(name: unknown, options: object, handler: unknown): void {
    if (typeof name !== "string" || !/^[^$].{0,127}$/s.test(name)) {
      const expected = 'a task type is a string of 1 to 128 characters that doesn\'t begin with "$"';
      throw new TypeError(`${expected}, got ${JSON.stringify(name)}`);
    }
    if (this.#definitions.has(name)) throw new TypeError(`the task "${name}" has a handler already`);
    if (typeof handler !== "function") throw new TypeError(`the task "${name}" has no handler: expected a function`);
    for (const key of Object.keys(options)) {
      const isKnown = (optionNames as readonly string[]).includes(key);
      if (!isKnown) throw new TypeError(`task "${name}": unknown option "${key}"${didYouMean(key, optionNames)}`);
    }
    const { schema, maxConcurrent } = options as TaskOptions<unknown>;
    if (schema !== undefined && !isSchema(schema)) {
      throw new TypeError(`task "${name}": schema: expected a Standard Schema (Zod, Valibot, ArkType …)`);
    }
    this.#definitions.set(name, {
      name,
      handler: handler as TaskHandler<never>,
      schema,
      maxConcurrent:
        maxConcurrent === undefined ? Number.POSITIVE_INFINITY : whole(`task "${name}": maxConcurrent`, maxConcurrent),
    });
  }
}
