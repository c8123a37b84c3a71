import { shapeOf } from "./shapes.ts";

type Class = "1xx" | "2xx" | "3xx" | "4xx" | "5xx" | "cut";
const columns: readonly Class[] = ["2xx", "4xx", "5xx", "cut"];

/** How the requests to each route were answered. */
export class Table {
  readonly #rows = new Map<string, Map<string, number>>();

  count(route: string, answer: string): void {
    const row = this.#rows.get(route) ?? new Map<string, number>();
    this.#rows.set(route, row);
    row.set(answer, (row.get(answer) ?? 0) + 1);
  }

  sum(answer: Class): number {
    return [...this.#rows.values()].reduce((sum, row) => sum + (row.get(answer) ?? 0), 0);
  }

  /** Routes that never gave an answer that they can give. */
  missing(routes: readonly string[]): { route: string; answer: "2xx" | "4xx" }[] {
    return routes.flatMap((route) =>
      (["2xx", "4xx"] as const)
        .filter((answer) => shapeOf(route)?.never?.[answer] === undefined && !this.#rows.get(route)?.has(answer))
        .map((answer) => ({ route, answer })),
    );
  }

  toString(): string {
    const routes = [...this.#rows.keys()].sort();
    const width = Math.max(...routes.map((route) => route.length));
    const line = (name: string, cells: readonly unknown[]): string =>
      `${name.padEnd(width)} ${cells.map((cell) => String(cell).padStart(6)).join("")}`;
    const rows = routes.map((route) =>
      line(
        route,
        columns.map((column) => this.#rows.get(route)?.get(column) ?? 0),
      ),
    );
    return [line("", columns), ...rows].join("\n");
  }
}
