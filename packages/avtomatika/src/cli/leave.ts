/** How long modules may keep the program after its work. */
const lingerMs = 1000;

/** Ends the program soon: what a module left open (a pool, an interval) must not keep it. */
export function leave(): void {
  setTimeout(() => process.exit(), lingerMs).unref();
}
