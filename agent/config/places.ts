import type { Config } from './config.ts'
import { locationOf } from './targets.ts'

/** Folders that must survive the loss of the state's disk, each with the member that names it. */
export function placesIn({ backup, sync, rksv }: Config): { name: string; folder: string }[] {
  const backups = backup.folder === undefined ? [] : [{ name: '"backup"', folder: backup.folder }]
  const days = rksv.dep131 === undefined ? [] : [{ name: '"rksv.dep131"', folder: rksv.dep131.folder }]
  const targets = sync.targets.flatMap((target) => {
    const at = locationOf(target)
    return 'folder' in at ? [{ name: `target ${target.id}`, folder: at.folder }] : []
  })
  return [...targets, ...backups, ...days]
}
