import { formatCents, toCents } from '../../../../../base/money.ts'
import type { Answer, Proof, ShiftStep } from '../../../demo-shift.ts'
import { at, DemoError, demand } from '../../../demo-shift.ts'
import { SHEET, Z_REPORT } from './day.ts'
import { turnoverOf } from './side-by-side.ts'

/** The receipt number of the first sale, after that of the float. */
const FIRST = 2

/** The number of an entry is the receipt number. Throws DemoError. */
export function proveNumbers(steps: readonly ShiftStep[]): Proof {
  const entries = sold(steps).map(({ operation }) => at(operation, 'fiscal_information', 'emergency', 'entry'))
  const wanted = entries.map((number, index) => (number === '' ? '' : String(index + FIRST)))
  demand(entries.join() === wanted.join(), `the entries are ${entries.join()}, they must be ${wanted.join()}`)
  const numbers = entries.filter((number) => number !== '')
  return { what: 'Entries', found: `${numbers[0]} to ${numbers.at(-1)}, their receipt numbers, without a gap` }
}

/** Each sale is in the Z or on the sheet. Throws DemoError. */
export function proveSums(steps: readonly ShiftStep[]): Proof {
  const z = turnoverOf(answerOf(steps, Z_REPORT))
  const sheet = toCents(at(answerOf(steps, SHEET), 'total'))
  const all = sold(steps).reduce((sum, { operation }) => sum + toCents(at(operation, 'total_amount')), 0n)
  const words = `Z ${formatCents(z)} and sheet ${formatCents(sheet)}`
  demand(z + sheet === all, `${words} are not the sales of the day: ${formatCents(all)}`)
  return { what: 'Once', found: `${words} are the sales of the day: ${formatCents(all)}` }
}

/** The operations with a fiscal document or an entry. */
function sold(steps: readonly ShiftStep[]): readonly ShiftStep[] {
  return steps.filter(({ operation }) => {
    const type = at(operation, 'fiscal_information', 'document_type')
    return type !== '' && type !== 'non_fiscal' && at(operation, 'type') !== ''
  })
}

function answerOf(steps: readonly ShiftStep[], wanted: string): Answer {
  const step = steps.find(({ title }) => title === wanted)
  if (step === undefined) throw new DemoError(`the day has no step ${wanted}`)
  return step.operation
}
