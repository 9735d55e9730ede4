import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseRfc3339 } from '../../../base/clock.ts'
import type { View } from '../../journal/projections/view.ts'

/** Clients have downloaded an export by then; it can be made again at any time. */
const KEPT_MS = 7 * 86_400_000
/** The file of a job, and temporary files next to it. */
const FILE = /^(exp_[0-9A-Z]+)\./

/** Removes files of jobs that ended long ago: an office that exports every night would fill the disk. */
export async function removeOldExports(
  directory: string,
  { exportJob }: Pick<View, 'exportJob'>,
  nowMs: number,
): Promise<void> {
  for (const name of await readdir(directory)) {
    const [, id] = FILE.exec(name) ?? []
    const job = id === undefined ? undefined : exportJob(id)?.shown
    if (job === undefined || job.status === 'pending') continue
    const endedMs = parseRfc3339(job.completed_at ?? job.created_at) ?? nowMs
    if (nowMs - endedMs > KEPT_MS) await rm(join(directory, name), { force: true })
  }
}
