import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { ReceiptOutages } from '../../devices/receipt-outages.ts'
import { eventsIn } from '../../journal/verify/chains.ts'
import { JournalledReceipts } from '../../laws/austria/journalled-receipts.ts'
import { JournalledBons } from '../../laws/germany/journalled-bons.ts'
import { OtherActs } from './other-acts.ts'
import { JOURNAL } from './wanted.ts'

/**
 * The receipts of an exported journal: the bons of German registers, and the outages of all units with their
 * receipts, and the other acts of registers in a range.
 */
export type RecordedReceipts = {
  readonly bons: JournalledBons
  readonly outages: ReceiptOutages
  readonly others: OtherActs
}

/** Throws for a journal that is not sound. */
export async function recordedReceipts(folder: string, range: { from: string; to: string }): Promise<RecordedReceipts> {
  const outages = new ReceiptOutages()
  const bons = new JournalledBons(outages)
  const receipts = new JournalledReceipts(outages)
  const others = new OtherActs(range)
  for await (const event of eventsIn(createReadStream(join(folder, JOURNAL)))) {
    outages.note(event)
    bons.note(event)
    receipts.note(event)
    others.note(event)
  }
  return { bons, outages, others }
}
