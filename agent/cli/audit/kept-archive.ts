import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { KeptArchive } from '../../journal/books/device-logs.ts'
import { spansIn } from '../../regimes/kassensichv/archive-match.ts'
import { sha256Of } from '../files/sha256-of.ts'
import { openAsItLies } from '../owner/handed-input.ts'

/** Below `archives/`: the unit, then first and last counter. */
const NAME = /^[0-9a-f]{1,64}\/\d+-\d+\.tar$/

/** Whether an archive that was taken out of a TSE lies in the state directory with the bytes and counters that the journal has. */
export async function holdsArchive(state: string, { file, sha256, first, last }: KeptArchive): Promise<boolean> {
  if (!NAME.test(file)) return false
  const read = () => createReadStream('', { fd: openAsItLies(join(state, 'archives', file)) })
  try {
    if ((await sha256Of(read())) !== sha256) return false
    const spans = [...(await spansIn(read())).values()]
    return spans.length === 1 && spans.every(({ lowest, highest }) => lowest === first && highest === last)
  } catch {
    return false
  }
}
