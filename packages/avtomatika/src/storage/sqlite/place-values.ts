/** A statement without numbers, and for each of its question marks the place of its value; null if it had none. */
export interface Placed {
  sql: string;
  places: number[] | null;
}

/**
 * Writes `?1 … ?1 … ?2` as `? … ? … ?`: Node 22 binds values by their place to plain question marks only. A question
 * mark in a text or a name is not looked for, and numbered ones don't mix with plain ones.
 */
export function placeValues(sql: string): Placed {
  const places: number[] = [];
  const plain = sql.replace(/\?(\d+)/g, (_, number: string) => {
    places.push(Number(number) - 1);
    return "?";
  });
  return { sql: plain, places: places.length === 0 ? null : places };
}
