import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import type { LogMessage } from '../../../drivers/tr03151/log-message.ts'
import { parseLogMessage, transactionOperation } from '../../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'
import { readTar } from '../../../drivers/tr03151/tar.ts'
import type { View } from '../../journal/projections/view.ts'
import { memoryFacts } from './memory/kept-archives.ts'
import { readFacts } from './memory/read-facts.ts'

/**
 * The first transaction in the memory of a unit that deleted the last one of the journal and later ones. Undefined if it
 * deleted no later one, if its memory has no start after them, or if it returns no archive. Throws DeviceError.
 */
export async function firstAfterDeletion(
  tse: Pick<Tse, 'recall' | 'exportLogs'>,
  last: number,
): Promise<number | undefined> {
  if (last === 0 || (await tse.recall(last)) !== undefined || (await tse.recall(last + 1)) !== undefined)
    return undefined
  const start = await firstLog(tse, (log) => transactionOperation(log) === 'Start' && (log.transaction ?? 0) > last)
  return start?.transaction
}

/**
 * True if the oldest log in the memory of a unit follows those that the journal or its archives have, at the latest: it
 * deleted none that they miss. `counter`: the last one of the journal. Throws DeviceError.
 */
export async function joinsArchives(
  tse: Pick<Tse, 'exportLogs'>,
  view: View,
  serial: string,
  counter: number,
): Promise<boolean> {
  const archived = memoryFacts(view, serial).archives.map(({ last_counter: last }) => last)
  const highest = Math.max(counter, readFacts(view, serial).readTo?.counter ?? 0, ...archived)
  const oldest = await firstLog(tse, () => true)
  return oldest !== undefined && oldest.counter <= highest + 1
}

/** In the order of their counters: the first start has the lowest number. Undefined if the archive cannot be read. */
async function firstLog(
  tse: Pick<Tse, 'exportLogs'>,
  isWanted: (log: LogMessage) => boolean,
): Promise<LogMessage | undefined> {
  try {
    for await (const { name, content } of readTar(tse.exportLogs({}))) {
      if (!name.endsWith('.log') || content === undefined) continue
      const log = parseLogMessage(content)
      if (isWanted(log)) return log
    }
  } catch (error) {
    const isUnreadable =
      error instanceof MalformedError || (error instanceof DeviceError && error.code !== 'unavailable')
    if (!isUnreadable) throw error
  }
  return undefined
}
