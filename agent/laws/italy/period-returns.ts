import type { ReturnedBeyondSale } from '../../contract/hint.ts'
import type { IsKnown, ReturnSources } from '../returned-goods.ts'
import { beyondHint, returnedBy, returnsOf } from '../returned-goods.ts'
import { printedOf, recordedOf } from './recorded.ts'

type Period = { serial: string; z: number }

/** Maximum number of hints in a closing. */
const HINTS_MAX = 1000

/**
 * Sales of which more came back than they had, if a reso or annullo of the period is the latest reason. Registers and
 * printers may share a sale: a return that was completed later belongs to the period of its document.
 */
export async function returnedInPeriod(
  sources: ReturnSources,
  operations: Iterable<string>,
  period: Period,
  pause: () => Promise<void>,
): Promise<ReturnedBeyondSale[]> {
  const hints: ReturnedBeyondSale[] = []
  for (const [original, last] of originalsIn(sources, operations, period)) {
    const isKnown: IsKnown = ({ shown }) => (shown.completed_at ?? '') <= last
    const hint = beyondHint(sources, original, await returnsOf(sources.view, original, isKnown), isKnown)
    if (hint !== undefined) hints.push(hint)
    await pause()
  }
  return hints.slice(0, HINTS_MAX)
}

/** The sales of which something came back in the period, with the completion of the last of these returns. */
function originalsIn(
  { view }: ReturnSources,
  operations: Iterable<string>,
  { serial, z }: Period,
): Map<string, string> {
  const originals = new Map<string, string>()
  for (const id of operations) {
    for (const { original, document } of returnedBy(view, id)) {
      const documents = recordedOf(id, printedOf(document), serial).filter((printed) => printed.z === z)
      // The sale of an exchange may be in another period than its reso.
      if (documents.every(({ facts }) => facts.document_type === 'sale')) continue
      const { completed_at: at } = document.shown
      const before = originals.get(original) ?? ''
      if (at !== null) originals.set(original, at > before ? at : before)
    }
  }
  return originals
}
