import { randomBytes } from 'node:crypto'
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf } from '../../../base/thrown.ts'
import { BROKEN_DISK } from '../../failure.ts'
import type { Finding } from './finding.ts'
import { caution, failure, ok } from './finding.ts'
import { existingFolder } from './state.ts'

const SYNC_PROBES = 20
/** A German sale needs four syncs: above this a cashier notices the delay. */
const SYNC_SLOW_MS = 20
/** On a disk this slow the measurement stops early: the doctor has three seconds. */
const SYNC_LIMIT_MS = 1000

/** Twenty appends with fdatasync, as the journal does them. */
export function checkSyncLatency(state: string): Finding {
  const file = join(existingFolder(state), `.fiskal-edge-doctor-${randomBytes(6).toString('hex')}`)
  try {
    const times = syncTimes(file)
    const median = times[Math.floor(times.length / 2)] ?? 0
    const message = `sync ${median.toFixed(2)} ms (median of ${times.length}), worst ${(times.at(-1) ?? 0).toFixed(1)} ms`
    return median > SYNC_SLOW_MS
      ? caution('disk speed', message, 'use an SSD: an SD card makes every sale wait')
      : ok('disk speed', message)
  } catch (error) {
    return failure(
      'disk speed',
      `cannot be written (${error instanceof Error ? error.message : 'unknown'})`,
      remedyOf(codeOf(error), dirname(file)),
    )
  }
}

function remedyOf(code: string | undefined, folder: string): string {
  if (code === 'EROFS' || code === 'EIO') return BROKEN_DISK
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'make room on that disk: df -h, and df -i for files'
  return `chown or remount ${folder}`
}

function syncTimes(file: string): number[] {
  const handle = openSync(file, 'wx', 0o600)
  // Unlinked at once: an interrupted doctor leaves no file.
  rmSync(file, { force: true })
  try {
    const block = Buffer.alloc(4096)
    const times: number[] = []
    const startMs = performance.now()
    while (times.length < SYNC_PROBES && performance.now() - startMs < SYNC_LIMIT_MS) {
      const started = performance.now()
      writeSync(handle, block)
      fdatasyncSync(handle)
      times.push(performance.now() - started)
    }
    return times.sort((left, right) => left - right)
  } finally {
    closeSync(handle)
  }
}
