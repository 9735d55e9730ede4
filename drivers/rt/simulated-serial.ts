import { randomInt } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Number of a printer whose memory is older than its serial file. */
const FIRST = '000001'

/**
 * The matricola of a simulated printer, `family` and six digits: drawn at random when it is created and stored next to
 * its memory, so that printers differ and each keeps its own.
 */
export function simulatedSerial(directory: string, family: string): string {
  const path = join(directory, 'serial')
  if (existsSync(path)) return readFileSync(path, 'utf8')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const isOlder = existsSync(join(directory, 'memory.jsonl'))
  const serial = `${family}${isOlder ? FIRST : String(randomInt(2, 1_000_000)).padStart(FIRST.length, '0')}`
  writeFileSync(path, serial, { mode: 0o600 })
  return serial
}
