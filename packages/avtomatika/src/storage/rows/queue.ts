import type { Lane } from "#core/task";
import type { Call } from "#storage/rows/call";
import { findLane } from "#storage/rows/find-lane";
import type { LaneRow, QueueEntry } from "#storage/rows/rows";

/** Orders tasks: priority high to low, then the order of their creation. Exact in a double. */
export function taskScore(call: Call, priority: number): number {
  return (1000 - priority) * 2 ** 42 + call.rows.next("sequence");
}

/** Makes sure that a lane exists before the first task goes in. */
export function openLane(call: Call, lane: Lane): LaneRow {
  const known = call.rows.laneRow(lane.id);
  if (known !== undefined) return known;
  const row = { lane, version: call.rows.next("lane"), head: null, emptySince: call.now };
  call.rows.putLane(row);
  return row;
}

/** Puts an entry in its lane; the first one rings. */
export function push(call: Call, entry: QueueEntry): void {
  const row = call.rows.laneRow(entry.lane) ?? openLane(call, findLane(call, entry.lane));
  call.rows.pushEntry(entry);
  if (row.head === null) call.bells.push({ kind: "lane", shard: call.shard, lane: row.lane, version: row.version });
  if (row.head === null || entry.score < row.head) call.rows.putLane({ ...row, head: entry.score, emptySince: null });
}

/** Takes an entry out of its lane, wherever it stands; one that isn't there changes nothing. */
export function pull(call: Call, entry: QueueEntry): void {
  call.rows.removeEntry(entry);
  const row = call.rows.laneRow(entry.lane);
  if (row === undefined || row.head === null || row.head < entry.score) return;
  const head = call.rows.firstEntry(entry.lane)?.score ?? null;
  if (head !== row.head) call.rows.putLane({ ...row, head, emptySince: head === null ? call.now : null });
}

/** Of the named lanes the one whose head is first. Costs the lanes that stand before it. */
export function firstLane(call: Call, lanes: ReadonlySet<string>, types: ReadonlySet<string>): LaneRow | null {
  let best: LaneRow | null = null;
  for (const type of types) {
    for (const row of call.rows.lanesByHead(type)) {
      if (best !== null && (row.head as number) >= (best.head as number)) break;
      if (!lanes.has(row.lane.id)) continue;
      best = row;
      break;
    }
  }
  return best;
}
