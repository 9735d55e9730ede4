import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceConcurrently } from '../../base/durable-file.ts'

const LAST_FILE = 'backup.json'

/**
 * The newest backup that was made and read again; `bytes` and `sha256` of the file. `created_at` RFC 3339; `secrets`: it
 * contains the keys.
 */
export type LastBackup = {
  file: string
  /** Id of the agent. */
  agent: string
  created_at: string
  events: number
  bytes: number
  sha256: string
  secrets: boolean
  /** Made to move: the journal was ended with it. */
  moved: boolean
  /** Number of archives of TSEs in it. */
  archives?: number
  /** The number of archives in the journal whose logs no TSE held any longer. */
  archives_alone?: number
  /** Files next to the backup with the archives that are not inside. */
  beside?: readonly string[]
  /** Archives that are missing in it. */
  archives_missing?: readonly string[]
  /** SHA-256 of the manifest of its parts, if this backup goes to the targets. */
  manifest?: string
  /** The backup that goes to the targets: this one, or an earlier one that it does not replace. */
  upload?: Upload
  /** Time of the last automatic backup, RFC 3339. */
  daily_at?: string
}

/** The files that, joined, are the parts in the manifest of that SHA-256. `daily`: made automatically. */
export type Upload = { manifest: string; files: readonly string[]; daily: boolean }

/** Undefined if no backup was made yet. */
export function lastBackup(stateDirectory: string): LastBackup | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDirectory, LAST_FILE), 'utf8')) as LastBackup
  } catch {
    // The file does not exist, or a person tore it: the next backup writes it again.
    return undefined
  }
}

export async function rememberBackup(stateDirectory: string, backup: LastBackup): Promise<void> {
  // Readable for any user who may enter the directory: the technician may have made the backup, and the agent reads
  // this.
  replaceConcurrently(join(stateDirectory, LAST_FILE), `${JSON.stringify(backup)}\n`, 0o644)
}

/** Forgets a backup that was made to move and never used: it must be destroyed, and another one is due. */
export async function forgetMove(stateDirectory: string): Promise<void> {
  if (lastBackup(stateDirectory)?.moved === true) await rm(join(stateDirectory, LAST_FILE), { force: true })
}
