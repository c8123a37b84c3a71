import { Database } from "avtomatika/internal/storage/sqlite/database";
import type { Bodies } from "./check-end.ts";

/** What the jobs of a SQLite file keep beside their records. */
export function readBodies(path: string): Bodies {
  const db = new Database(path, { readOnly: true });
  const read = (table: string) => {
    const all = db.rows<{ id: string; body: string }>(
      `SELECT job.id, ${table}.body FROM ${table} JOIN job USING (n)`,
    )();
    return new Map(all.map(({ id, body }) => [id, JSON.parse(body)]));
  };
  const data = read("job_data");
  const initial = read("job_initial");
  db.close();
  return new Map([...initial].map(([id, own]) => [id, { data: data.get(id) ?? {}, initial: own }]));
}
