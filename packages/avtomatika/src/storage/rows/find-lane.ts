import { laneKey } from "#core/lane";
import type { Lane } from "#core/task";
import type { Call } from "#storage/rows/call";

/**
 * The lane of a task. A lane that was empty for long is gone although a task of it is still out: then it is read
 * from its id.
 */
export function findLane(call: Call, id: string): Lane {
  const lane = call.rows.laneRow(id)?.lane ?? parseLane(id);
  if (lane === null) throw new Error(`the lane ${id} is gone, and its id doesn't say what it was`);
  return lane;
}

/** The lane that an id of `laneKey` names; null for any other id. */
export function parseLane(id: string): Lane | null {
  try {
    const [type, requirements = null, maxCost = null, strategy = "default"] = JSON.parse(id);
    const lane = { type, requirements, maxCost, strategy };
    return laneKey(lane) === id ? { id, ...lane } : null;
  } catch {
    return null;
  }
}
