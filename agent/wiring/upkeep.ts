import type { Json } from '../../base/canonical.ts'
import { DAY_MS } from '../../base/clock.ts'
import { lastBackup } from '../backup/last.ts'
import type { View } from '../journal/projections/view.ts'
import type { OpenTask } from '../till/reading/listed-duties.ts'
import { shownTask } from '../till/reading/shown-task.ts'
import type { HeldCertificate } from '../tls/expiry.ts'
import { keptAMinute } from './kept-a-minute.ts'
import type { WatchOptions } from './watch-options.ts'

const TASKS_MAX = 20

/** The facts that a technician asks for daily: backup, tasks, disk, certificates. */
export function upkeepLook(options: WatchOptions, certificates: () => readonly HeldCertificate[]): () => Json {
  const { clock, space, stateDirectory, tasks, journal } = options
  const backup = keptAMinute(clock, () => {
    const last = lastBackup(stateDirectory)
    return last === undefined ? null : { created_at: last.created_at, file: last.file }
  })
  return () => {
    const { level, freeBytes } = space.state()
    const held = certificates().map(({ use, holder, expiresAtMs }) => ({
      name: holder === '' ? use : `${use} ${holder}`,
      days_left: Math.floor((expiresAtMs - clock.now()) / DAY_MS),
    }))
    return {
      backup: backup(),
      duties: ownTasks(journal.view, tasks()),
      disk: { level, free_bytes: freeBytes },
      certificates: held,
    }
  }
}

/** Tasks that are not to an authority: those are shown apart. */
function ownTasks(view: View, tasks: readonly OpenTask[]): Json {
  return tasks
    .filter(({ authority }) => authority === null)
    .slice(0, TASKS_MAX)
    .map((task) => ({ ...shownTask(view, task), id: task.id, due: task.due }))
}
