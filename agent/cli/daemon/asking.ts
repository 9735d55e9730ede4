/** Calls an act in another process by its name. */
export type Ask = (act: string, ...args: readonly unknown[]) => Promise<unknown>

/** An object whose members call the acts of the same name. */
export function asking<Acts>(names: Readonly<Record<keyof Acts, unknown>>, ask: Ask): Acts {
  const acts = Object.keys(names).map((name) => [name, (...args: readonly unknown[]) => ask(name, ...args)])
  return Object.fromEntries(acts) as Acts
}
