/**
 * Does `act` with all items at once. The first failure aborts the others, and is thrown when all of them have ended:
 * nothing goes on behind the caller's back.
 */
export async function together<T, R>(
  items: Iterable<T>,
  signal: AbortSignal,
  act: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const failure = new AbortController();
  const both = AbortSignal.any([signal, failure.signal]);
  const results = await Promise.allSettled(
    [...items].map(async (item) => {
      try {
        return await act(item, both);
      } catch (error) {
        failure.abort(error);
        throw error;
      }
    }),
  );
  if (failure.signal.aborted) throw failure.signal.reason;
  return results.map((result) => (result as PromiseFulfilledResult<Awaited<R>>).value);
}
