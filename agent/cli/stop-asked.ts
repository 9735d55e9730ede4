import { STOP_SIGNALS } from '../stop-signals.ts'

/** Resolves at the first signal that asks for it. All are heard to the end: a Ctrl-C comes twice, from the terminal and from npm. */
export function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.on(signal, () => resolve())
  })
}
