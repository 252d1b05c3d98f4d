/** Loads items in order, a bounded number of them ahead of the one that is taken. */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  ahead: number,
  load: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const loading: Promise<R>[] = [];
  for (const item of items) {
    const next = load(item);
    // It is waited for in its turn; until then an error is nobody's.
    next.catch(() => undefined);
    loading.push(next);
    if (loading.length > ahead) yield* loading.splice(0, 1);
  }
  yield* loading;
}
