/** Variables of the original that change what an engine does, and that nothing reads yet. */
const unread = ["SCHEDULES_CONFIG_PATH", "HISTORY_DATABASE_URI"];

/** A warning for each variable that is set without an effect. */
export function unreadVariables(): string[] {
  return unread
    .filter((name) => (process.env[name] ?? "") !== "")
    .map((name) => `${name} is set, but this version doesn't read it`);
}
