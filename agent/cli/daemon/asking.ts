/** Calls an act in another process by its name. */
export type Ask = (act: string, ...args: readonly unknown[]) => Promise<unknown>

/** An object whose members call the acts of the same name. */
export function asking<Acts extends Readonly<Record<keyof Acts, (...args: never) => Promise<unknown>>>>(
  names: readonly string[],
  ask: Ask,
): Acts {
  const acts = names.map((name) => [name, (...args: readonly unknown[]) => ask(name, ...args)])
  return Object.fromEntries(acts) as Acts
}
