import { FiskalError } from '../../errors.ts'
import { documentOf } from './document-json.ts'
import { foundBetween } from './found-documents.ts'
import type { KnownPlace } from './known-place.ts'
import type { PrinterAct, PrinterOutcome } from './printer-act.ts'
import { romeTime } from './rome-time.ts'

const NUMBER = /^(\d{4})-(\d{4})$/

/**
 * The outcome that a person read on the paper of a printer that cannot report it any longer: `none`, or the number of
 * the document. Undefined for acts that print no fiscal document. The document has the time of its intent: the report
 * may come days later, and returns name the day. `known`: the printer's last document according to the journal. Throws
 * `unprocessable_entity` for a number that was used before the act.
 */
export function witnessedPrint(
  act: PrinterAct,
  seen: string,
  plannedAt: string,
  before: KnownPlace | undefined,
): PrinterOutcome | undefined {
  if (act.name !== 'print') return undefined
  const { kind } = documentOf(act.document)
  if (kind === 'non_fiscal' || kind === 'cash') return undefined
  if (seen === 'none') return { kind: 'failed', code: 'unavailable', message: 'It was seen that nothing was printed.' }
  const { serial, z, number } = act.baseline
  const [, period, place] = NUMBER.exec(seen)?.map(Number) ?? []
  const isAfter = period !== undefined && place !== undefined && place > 0 && isLater([period, place], [z + 1, number])
  if (isAfter) {
    const common = { kind, serial, z: period, number: place, document_number: seen, printed_at: romeTime(plannedAt) }
    const found = foundBetween(before ?? { z: z + 1, number: Math.max(0, number) }, { z: period, number: place - 1 })
    const others = found.length > 0 && { found }
    return { kind: 'done', act: 'print', result: { ...common, certain: true, by_hand: true, ...others } }
  }
  // Below 0 if the printer reported a slip instead of its last document.
  const last = `${String(z + 1).padStart(4, '0')}-${String(Math.max(0, number)).padStart(4, '0')}`
  throw new FiskalError('unprocessable_entity', `"${seen}" is not a document after ${last}: ZZZZ-NNNN as printed.`)
}

function isLater(one: readonly [number, number], other: readonly [number, number]): boolean {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1])
}
