import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ownConfig } from './command.ts'

export const NOBODY = 65_534

/** A till whose state belongs to another user, as the service's does; next to it a folder of root's. Only for root. */
export function stateOfAnother(more?: object): { config: string; state: string; secret: string } {
  const config = ownConfig(undefined, more)
  const [state, roots] = [join(dirname(config), 'state'), join(dirname(config), 'roots')]
  chmodSync(dirname(config), 0o755)
  for (const folder of [state, roots]) mkdirSync(folder, { mode: 0o700 })
  chownSync(state, NOBODY, NOBODY)
  writeFileSync(join(roots, 'secret'), 'of root')
  return { config, state, secret: join(roots, 'secret') }
}
