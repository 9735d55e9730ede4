import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { replaceFile } from '../../base/durable-file.ts'

const FILE = 'clock.json'

/** The wall clock less the uptime of a boot: within one boot only a step changes it. */
export type ClockOffset = { readonly boot: string; readonly offsetMs: number; readonly uptimeMs: number }

/** Undefined if the file does not exist or cannot be read: a step between two starts then stays unnoticed. */
export function readClockOffset(directory: string): ClockOffset | undefined {
  try {
    const { boot, offset_ms: offsetMs, uptime_ms: uptimeMs } = JSON.parse(readFileSync(join(directory, FILE), 'utf8'))
    const isWhole = typeof boot === 'string' && Number.isFinite(offsetMs) && Number.isFinite(uptimeMs)
    return isWhole ? { boot, offsetMs, uptimeMs } : undefined
  } catch {
    return undefined
  }
}

export function keepClockOffset(directory: string, { boot, offsetMs, uptimeMs }: ClockOffset): void {
  const record = { boot, offset_ms: Math.round(offsetMs), uptime_ms: Math.round(uptimeMs) }
  replaceFile(join(directory, FILE), `${JSON.stringify(record)}\n`)
}
