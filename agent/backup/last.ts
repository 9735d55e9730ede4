import { readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceBesideOthers } from '../../base/durable-file.ts'

const LAST_FILE = 'backup.json'

/** The newest backup that was made and read again; `bytes` and `sha256` of the file. `made_at` RFC 3339; `secrets`: its keys are in it. */
export type LastBackup = {
  file: string
  /** Id of the agent that it is of. */
  agent: string
  made_at: string
  events: number
  bytes: number
  sha256: string
  secrets: boolean
  /** Made to move: the journal was ended with it. */
  moved: boolean
  /** How many archives of TSEs it has. */
  archives?: number
  /** How many the journal named that no TSE held any more. */
  archives_alone?: number
  /** Files that have them where they are not inside: beside the backup. */
  beside?: readonly string[]
  /** Archives that it should have. */
  archives_missing?: readonly string[]
  /** SHA-256 of the manifest of its parts, where this one goes to the cloud ends. */
  manifest?: string
  /** What goes to the cloud ends: this one, or one before it whose place it does not take. */
  upload?: Upload
  /** When the last was made by itself, RFC 3339. */
  daily_at?: string
}

/** The files that, joined, are the parts which the manifest of that SHA-256 names. `daily`: made by itself. */
export type Upload = { manifest: string; files: readonly string[]; daily: boolean }

/** Undefined where none was made yet. */
export function lastBackup(stateDirectory: string): LastBackup | undefined {
  try {
    return JSON.parse(readFileSync(join(stateDirectory, LAST_FILE), 'utf8')) as LastBackup
  } catch {
    // None, or torn by hand: the next backup writes it anew.
    return undefined
  }
}

export async function rememberBackup(stateDirectory: string, made: LastBackup): Promise<void> {
  // For any user who may enter the directory: it may be the technician who made the backup, and the agent who reads this.
  replaceBesideOthers(join(stateDirectory, LAST_FILE), `${JSON.stringify(made)}\n`, 0o644)
}

/** One that was made to move, and never was used: it is to be destroyed, and another is due. */
export async function forgetMove(stateDirectory: string): Promise<void> {
  if (lastBackup(stateDirectory)?.moved === true) await rm(join(stateDirectory, LAST_FILE), { force: true })
}
