import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const RESERVE_BYTES = 64_000_000

/** A hole of the reserve's size in a state directory that begins: writing 64 MB for each agent proves nothing here. */
export function emptyReserve(state: string): void {
  const path = join(state, 'reserve')
  if (existsSync(state)) {
    if (existsSync(path)) return
  } else mkdirSync(state, { recursive: true, mode: 0o700 })
  writeFileSync(path, '', { mode: 0o600 })
  truncateSync(path, RESERVE_BYTES)
}
