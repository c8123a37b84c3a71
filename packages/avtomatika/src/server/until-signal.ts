/** Signal numbers, for exit codes. */
const signals = { SIGINT: 2, SIGTERM: 15 } as const;

/** Resolves with the first SIGINT or SIGTERM; a second one ends the process at once. */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let isFirst = true;
    for (const [name, number] of Object.entries(signals)) {
      process.on(name, () => {
        if (!isFirst) process.exit(128 + number);
        isFirst = false;
        resolve(name as NodeJS.Signals);
      });
    }
  });
}
