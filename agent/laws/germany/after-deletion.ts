import { DeviceError } from '../../../drivers/errors.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import { parseLogMessage, transactionOperation } from '../../../drivers/tr03151/log-message.ts'
import { MalformedError } from '../../../drivers/tr03151/malformed.ts'
import { readTar } from '../../../drivers/tr03151/tar.ts'

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
  try {
    // In the order of their counters: the first start has the lowest number.
    for await (const { name, content } of readTar(tse.exportLogs({}))) {
      if (!name.endsWith('.log') || content === undefined) continue
      const log = parseLogMessage(content)
      const { transaction = 0 } = log
      if (transactionOperation(log) === 'Start' && transaction > last) return transaction
    }
  } catch (error) {
    const isUnreadable =
      error instanceof MalformedError || (error instanceof DeviceError && error.code !== 'unavailable')
    if (!isUnreadable) throw error
  }
  return undefined
}
