import type { Config } from './config.ts'
import { whereaboutsOf } from './targets.ts'

/** The folders outside the state directory that are to outlive its disk, each with the member that names it. */
export function placesIn({ backup, sync, rksv }: Config): { name: string; folder: string }[] {
  const backups = backup.folder === undefined ? [] : [{ name: '"backup"', folder: backup.folder }]
  const days = rksv.dep131 === undefined ? [] : [{ name: '"rksv.dep131"', folder: rksv.dep131.folder }]
  const targets = sync.targets.flatMap((target) => {
    const at = whereaboutsOf(target)
    return 'folder' in at ? [{ name: `target ${target.id}`, folder: at.folder }] : []
  })
  return [...targets, ...backups, ...days]
}
