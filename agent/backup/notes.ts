import type { LastBackup } from './last.ts'
import type { Manifest, Part } from './manifest.ts'
import type { UnfinishedFile } from './unfinished-backups.ts'

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

/** Loaded when needed: each command that works in a state directory could make a backup, and few do. */
export function notesIn(stateDirectory: string): BackupNotes {
  const unfinished = () => import('./unfinished-backups.ts')
  return {
    clearUnfinished: async (nowMs) => (await unfinished()).clearUnfinished(stateDirectory, nowMs),
    noteUnfinished: async (file) => (await unfinished()).noteUnfinished(stateDirectory, file),
    forgetUnfinished: async (path) => (await unfinished()).forgetUnfinished(stateDirectory, path),
    keepManifest: async (manifest) => (await import('./manifest.ts')).keepManifest(stateDirectory, manifest),
    rememberBackup: async (backup) => (await import('./last.ts')).rememberBackup(stateDirectory, backup),
    rememberPlace: async (folder) => (await import('../state/places.ts')).rememberPlace(stateDirectory, folder),
  }
}
