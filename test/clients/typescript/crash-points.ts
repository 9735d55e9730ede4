import type { PendingStore } from '../../../clients/typescript/src/store.ts'

/** Called on both sides of each request and of each change of the store. */
export type AtPoint = (point: string) => Promise<void> | void

/** A store and a line with those points. */
export function pointed(
  store: PendingStore,
  line: typeof fetch,
  at: AtPoint,
): { store: PendingStore; fetch: typeof fetch } {
  const around = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    await at(`before ${name}`)
    const result = await work()
    await at(`after ${name}`)
    return result
  }
  return {
    store: {
      put: (entry) => around(`put ${'step' in entry ? entry.step : entry.ref}`, () => store.put(entry)),
      remove: (ref) => around('remove', () => store.remove(ref)),
      list: () => store.list(),
      close: () => store.close(),
    },
    fetch: (input, init) => around(`${init?.method} ${new URL(String(input)).pathname}`, () => line(input, init)),
  }
}

/** Stops at the point of that number, for ever: to the rest of the world the till was killed there. */
export function stoppedAt(number: number): { at: AtPoint; stopped: Promise<string> } {
  let passed = 0
  let stop = (_: string): void => undefined
  const stopped = new Promise<string>((resolve) => {
    stop = resolve
  })
  const at: AtPoint = (point) => {
    passed += 1
    if (passed < number) return undefined
    stop(point)
    return new Promise<never>(() => undefined)
  }
  return { at, stopped }
}
