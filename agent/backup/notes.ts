import { rememberPlace } from '../state/places.ts'
import type { LastBackup } from './last.ts'
import { rememberBackup } from './last.ts'
import type { Manifest, Part } from './manifest.ts'
import { keepManifest } from './manifest.ts'
import type { UnfinishedFile } from './unfinished-backups.ts'
import { clearUnfinished, forgetUnfinished, noteUnfinished } from './unfinished-backups.ts'

/** All writes of a backup to the state directory that it backs up. */
export type BackupNotes = {
  clearUnfinished(nowMs: number): Promise<void>
  noteUnfinished(file: UnfinishedFile): Promise<void>
  forgetUnfinished(path: string): Promise<void>
  keepManifest(manifest: Manifest): Promise<Part>
  rememberBackup(backup: LastBackup): Promise<void>
  /** Records that a folder is on another disk. */
  rememberPlace(folder: string): Promise<void>
}

export function notesIn(stateDirectory: string): BackupNotes {
  return {
    clearUnfinished: (nowMs) => clearUnfinished(stateDirectory, nowMs),
    noteUnfinished: (file) => noteUnfinished(stateDirectory, file),
    forgetUnfinished: (path) => forgetUnfinished(stateDirectory, path),
    keepManifest: (manifest) => keepManifest(stateDirectory, manifest),
    rememberBackup: (backup) => rememberBackup(stateDirectory, backup),
    rememberPlace: async (folder) => rememberPlace(stateDirectory, folder),
  }
}
