/** Asks the process that does the work for an act by its name. */
export type Ask = (act: string, ...args: readonly unknown[]) => Promise<unknown>

/** An object whose members ask for the act of their name. */
export function asking<Acts>(names: Readonly<Record<keyof Acts, unknown>>, ask: Ask): Acts {
  const acts = Object.keys(names).map((name) => [name, (...args: readonly unknown[]) => ask(name, ...args)])
  return Object.fromEntries(acts) as Acts
}
