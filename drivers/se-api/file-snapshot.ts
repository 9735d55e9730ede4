import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SeState } from './store.ts'

/** The state after the first `offset` bytes of the log file of that generation. */
export type Snapshot = { generation: number; offset: number; indexEntries: number; state: SeState | undefined }

const SNAPSHOT_FILE = 'state.json'

export function logPath(directory: string, generation: number): string {
  return join(directory, `logs-${generation}.bin`)
}

export function indexPath(directory: string, generation: number): string {
  return join(directory, `index-${generation}.bin`)
}

/**
 * The last snapshot, or an empty one of the newest log file if it is missing or torn: then all records are read again.
 */
export function readSnapshot(directory: string): Snapshot {
  try {
    const snapshot: Snapshot = JSON.parse(readFileSync(join(directory, SNAPSHOT_FILE), 'utf8'))
    const isWhole = Number.isSafeInteger(snapshot.offset) && Number.isSafeInteger(snapshot.generation)
    // A power cut may have undone the next snapshot but not the removal of this one's file.
    if (isWhole && existsSync(logPath(directory, snapshot.generation))) return snapshot
  } catch {
    // Missing in a new element, empty after a power cut: the state is computed from the logs.
  }
  return emptySnapshot(newestGeneration(directory))
}

export function emptySnapshot(generation: number): Snapshot {
  return {
    generation,
    offset: 0,
    indexEntries: 0,
    state: undefined,
  }
}

/** Replaces the snapshot atomically. */
export function writeSnapshot(directory: string, snapshot: Snapshot): void {
  const path = join(directory, SNAPSHOT_FILE)
  writeFileSync(`${path}.new`, JSON.stringify(snapshot), { mode: 0o600 })
  renameSync(`${path}.new`, path)
}

function newestGeneration(directory: string): number {
  return readdirSync(directory)
    .map((name) => Number(/^logs-(\d+)\.bin$/.exec(name)?.[1] ?? 1))
    .reduce((newest, generation) => Math.max(newest, generation), 1)
}
