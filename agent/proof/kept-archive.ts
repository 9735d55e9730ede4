import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { KeptArchive } from '../journal/books/device-logs.ts'
import { spansIn } from '../laws/germany/archive-logs.ts'
import { unpacked } from '../laws/germany/memory/read-portions.ts'
import { sha256Of } from './sha256-of.ts'

type Open = (path: string) => Readable

/** Below `archives/`: the unit, then first and last counter; logs that were read back are in a separate folder. */
const NAME = /^(?:[0-9a-f]{1,64}\/\d+-\d+\.tar|read\/[0-9a-f]{1,64}\/\d+-\d+\.tar\.gz)$/

/**
 * The path in the state directory of an archive that was taken out of a TSE; undefined if its bytes and counters are
 * not those of the journal.
 */
export async function keptArchiveAt(
  state: string,
  { file, sha256, first, last }: KeptArchive,
  open: Open = createReadStream,
): Promise<string | undefined> {
  if (!NAME.test(file)) return undefined
  const path = join(state, 'archives', file)
  try {
    if ((await sha256Of(open(path))) !== sha256) return undefined
    const spans = [...(await spansIn(unpacked(path, open))).values()]
    return spans.length === 1 && spans.every(({ lowest, highest }) => lowest === first && highest === last)
      ? path
      : undefined
  } catch {
    return undefined
  }
}
