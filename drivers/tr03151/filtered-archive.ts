import { DeviceError } from '../errors.ts'
import type { TseExportFilter } from '../ports/tse.ts'
import { asFiltered, isMatch, isWanted } from './filter.ts'
import { parseLogMessage } from './log-message.ts'
import { readTar, tarEnd } from './tar.ts'

/** Limit for logs between two transactions of a filter; each has two. */
const BETWEEN_MAX = 8192

/**
 * Filters an archive that holds more, to the result that the unit itself would have returned. Throws `no_data` if nothing
 * matches.
 */
export async function* filteredArchive(
  archive: AsyncIterable<Uint8Array>,
  filter: TseExportFilter,
): AsyncGenerator<Uint8Array> {
  // System and audit logs belong to the archive if a wanted transaction follows them.
  let between: Uint8Array[] = []
  let isBegun = false
  for await (const { name, content, parts } of readTar(archive)) {
    if (content === undefined || !name.endsWith('.log')) {
      yield* parts
      continue
    }
    const log = asFiltered(parseLogMessage(content))
    if (isMatch(log, filter)) {
      yield* between
      yield* parts
      isBegun = true
      between = []
    } else if (isBegun && isWanted(log, filter) && between.length < BETWEEN_MAX) between.push(...parts)
  }
  if (!isBegun) throw new DeviceError('no_data', 'none', 'no log answers the filter')
  yield tarEnd
}
