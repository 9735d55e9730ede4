import { rememberPlace } from '../state/places.ts'
import type { LastBackup } from './last.ts'
import { rememberBackup } from './last.ts'
import type { Manifest, Part } from './manifest.ts'
import { keepManifest } from './manifest.ts'
import type { Begun } from './unfinished-backups.ts'
import { clearUnfinished, forgetBegun, noteBegun } from './unfinished-backups.ts'

/** All writes of a backup to the state directory that it backs up. */
export type BackupNotes = {
  clearUnfinished(nowMs: number): Promise<void>
  noteBegun(file: Begun): Promise<void>
  forgetBegun(path: string): Promise<void>
  keepManifest(manifest: Manifest): Promise<Part>
  rememberBackup(backup: LastBackup): Promise<void>
  /** Records that a folder is on another disk. */
  rememberPlace(folder: string): Promise<void>
}

export function notesIn(stateDirectory: string): BackupNotes {
  return {
    clearUnfinished: (nowMs) => clearUnfinished(stateDirectory, nowMs),
    noteBegun: (file) => noteBegun(stateDirectory, file),
    forgetBegun: (path) => forgetBegun(stateDirectory, path),
    keepManifest: (manifest) => keepManifest(stateDirectory, manifest),
    rememberBackup: (backup) => rememberBackup(stateDirectory, backup),
    rememberPlace: async (folder) => rememberPlace(stateDirectory, folder),
  }
}
