import type { Json } from '../../base/canonical.ts'
import { lastBackup } from '../backup/last.ts'
import { openTasks } from '../journal/confirmed-tasks.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import { keptAMinute } from './kept-a-minute.ts'
import type { WatchOptions } from './watch-options.ts'

const DAY_MS = 86_400_000
const TASKS_MAX = 20

/** The facts that a technician asks for daily: backup, tasks, disk, certificates. */
export function upkeepLook(options: WatchOptions, certificates: () => readonly HeldCertificate[]): () => Json {
  const { clock, space, stateDirectory, journal, tasks } = options
  const read = keptAMinute(clock, () => {
    const last = lastBackup(stateDirectory)
    return {
      backup: last === undefined ? null : { made_at: last.made_at, file: last.file },
      // Those to an authority are shown apart.
      tasks: openTasks(journal.view, tasks())
        .filter(({ authority }) => authority === null)
        .slice(0, TASKS_MAX)
        .map(({ title, due }) => ({ title, due })),
    }
  })
  return () => {
    const { level, freeBytes } = space.state()
    const held = certificates().map(({ use, holder, expiresAtMs }) => ({
      name: holder === '' ? use : `${use} ${holder}`,
      days_left: Math.floor((expiresAtMs - clock.now()) / DAY_MS),
    }))
    return { ...read(), disk: { level, free_bytes: freeBytes }, certificates: held }
  }
}
