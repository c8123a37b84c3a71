/** Signal numbers, for exit codes. */
const signals = { SIGINT: 2, SIGTERM: 15 } as const;

/** Resolves with the first SIGINT or SIGTERM; a second one ends the process at once. `dispose` listens no longer. */
export function untilSignal(): { promise: Promise<void>; dispose: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isFirst = true;
  const hear = (signal: NodeJS.Signals): void => {
    if (!isFirst) process.exit(128 + signals[signal as keyof typeof signals]);
    isFirst = false;
    resolve();
  };
  for (const name of Object.keys(signals)) process.on(name as NodeJS.Signals, hear);
  const dispose = (): void => {
    for (const name of Object.keys(signals)) process.off(name as NodeJS.Signals, hear);
  };
  return { promise, dispose };
}
