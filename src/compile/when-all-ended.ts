/** Results in order of what goes on at the same time; throws what the first in that order throws, once all have ended. */
export async function whenAllEnded<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}
