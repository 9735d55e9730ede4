import { createRequire } from 'node:module'
import { setImmediate as turn } from 'node:timers/promises'
import type { Asked } from './fork-server.ts'

type Addon = { listen(socket: string): void; serve(): string; end(code: number): void; pid(): number }

const [, , file = '', socket = ''] = process.argv
const addon = createRequire(import.meta.url)(file) as Addon

/** In a template: takes clients from now on, and returns when there is one. */
export function awaitClient(): void {
  addon.listen(socket)
}

/** In a template that has loaded what its forks need: continues in each fork, with the arguments for it. */
export async function nextFork(): Promise<readonly string[]> {
  // Twice: what the first collection keeps is still in the new space. Finalizers run in between, not in each fork.
  globalThis.gc?.()
  await turn()
  globalThis.gc?.()
  const { args, environment } = JSON.parse(addon.serve()) as Asked
  Object.assign(process.env, environment)
  Object.defineProperty(process, 'pid', { value: addon.pid() })
  // The end of Node would wait for threads that a fork does not have.
  process.once('exit', addon.end)
  // The time of the loop is that of the fork.
  await turn()
  return args
}
