import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'

type Addon = { serve(): string; end(code: number): void; pid(): number }

/** In a server of forks that has loaded what they need: continues in each fork, with the arguments for it. */
export async function nextFork(): Promise<string[]> {
  const [, , addon = ''] = process.argv
  const { serve, end, pid } = createRequire(import.meta.url)(addon) as Addon
  // Twice: what the first collection keeps is still in the new space.
  globalThis.gc?.()
  globalThis.gc?.()
  const args = JSON.parse(serve()) as string[]
  Object.defineProperty(process, 'pid', { value: pid() })
  // The end of Node would wait for threads that a fork does not have.
  process.once('exit', end)
  // The time of the loop is that of the fork.
  await turn()
  return args
}
