import { randomUUID } from 'node:crypto'
import { Counter } from '../../../demo-counter.ts'
import type { Entry } from '../../../demo-menu.ts'
import { euros, grossOf } from '../../../demo-menu.ts'
import type { Answer, ShiftStep, ShiftTechnician, ShiftTill } from '../../../demo-shift.ts'
import { at, DemoError, demand, mustBe } from '../../../demo-shift.ts'
import { byCard, hintsOf, noted } from '../bar/day.ts'
import { BEANS, basket, COFFEE, CROISSANT, LUNCH, WATER } from '../bar/menu.ts'
import { PRINTER } from '../proofs.ts'
import { sideBySide, sumsOf } from './side-by-side.ts'

const FLOAT_CENTS = 15_000
const BACK_TRIES = 100
const BACK_WAIT_MS = 200
const REASON = 'Scheda madre guasta'
const DOCUMENT = /DOCUMENTO N\. (\d{4}-\d{4})/

/** The titles of steps that the proofs read. */
export const SHEET = 'The sheet of the day, for the books'
export const Z_REPORT = 'Daily closing'

/** The printer dies in a sale, the paper says what became of it, and the shop sells without the printer until it is back. */
export async function* workEmergency(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const bar = new Counter(till, basket)
  yield await bar.opens(FLOAT_CENTS)
  const breakfast: readonly Entry[] = [
    [2, COFFEE],
    [2, CROISSANT],
  ]
  yield await bar.take('Breakfast', breakfast, [byCard(breakfast)])
  yield* dies(till, technician)
  yield* entries(bar, till)
  const [sheet] = (await technician.act(PRINTER, { act: 'emergency-sheet' })) as readonly Answer[]
  if (sheet === undefined) throw new DemoError('the day has no sheet')
  const command = `fiskal-edge emergency sheet ${PRINTER}`
  yield { title: SHEET, amount: at(sheet, 'total'), operation: sheet, notes: [command, ...sumsOf(sheet)] }
  yield await back(technician)
  const beans: readonly Entry[] = [[1, BEANS]]
  yield noted(await bar.take('Coffee beans', beans, [byCard(beans)]), 'printed again')
  yield* bar.ends(FLOAT_CENTS)
  const z = await till.close({})
  const notes = [`Z ${at(z, 'document_number')} of the printer`, ...hintsOf({ operation: z })]
  yield { title: Z_REPORT, amount: '', operation: z, notes }
  yield { title: 'Z and sheet, side by side', amount: '', operation: {}, notes: [], slip: sideBySide(z, sheet) }
}

/** Before the register opens a person says what became of the document that the printer no longer reports. */
async function* dies(till: ShiftTill, technician: ShiftTechnician): AsyncGenerator<ShiftStep> {
  const lunch: readonly Entry[] = [[1, LUNCH]]
  const amount = euros(grossOf(lunch))
  const operation = await till.open(basket(lunch))
  await technician.fault(PRINTER, 'unplugged@=T')
  const again = { version: at(operation, 'resource_version'), key: randomUUID() }
  const payment = { payment_id: 'lunch', method: 'card', amount, currency: 'EUR', status: 'captured' }
  const complete = () =>
    till.send('POST', `/v1/operations/${at(operation, 'id')}/complete`, { payments: [payment] }, again)
  const unknown = await refusal(complete())
  demand(/"(reconciling|fiscal_device_unavailable)"/.test(unknown), `the printer did not die: ${unknown}`)
  const notes = ['the reply is lost with the printer: printed or not?', '503: the till repeats it with the same key']
  yield { title: 'Lunch, the printer dies in it', amount, operation, notes }

  const open = { act: 'emergency-open', reason: REASON } as const
  const undecided = await refusal(technician.act(PRINTER, open))
  demand(undecided.includes('Look at the paper'), undecided)
  const [, seen] = DOCUMENT.exec((await technician.paper()).flat().findLast((line) => DOCUMENT.test(line)) ?? '') ?? []
  if (seen === undefined) throw new DemoError('the paper has no document')
  await technician.act(PRINTER, { act: 'resolve', seen })
  const completed = await complete()
  mustBe('document_number', at(completed, 'fiscal_information', 'document_number'), seen)
  const command = `fiskal-edge device resolve ${PRINTER} --printed ${seen}`
  yield {
    title: 'The paper has it',
    amount: '',
    operation: completed,
    notes: ['emergency open is refused: look at the paper first', command],
  }
  const opened = await technician.act(PRINTER, open)
  const opening = `fiskal-edge emergency open ${PRINTER} --reason "${REASON}"`
  yield { title: 'The emergency register is open', amount: '', operation: {}, notes: [opening, at(opened, 'id')] }
}

/** Three sales, one of which is taken back. */
async function* entries(bar: Counter, till: ShiftTill): AsyncGenerator<ShiftStep> {
  const water: readonly Entry[] = [
    [1, COFFEE],
    [1, WATER],
  ]
  yield await bar.take('Coffee and water', water, [byCard(water)])
  const beans: readonly Entry[] = [
    [1, BEANS],
    [2, CROISSANT],
  ]
  yield await bar.take('Coffee beans and croissants', beans, [byCard(beans)])
  const wrong: readonly Entry[] = [[2, LUNCH]]
  const mistyped = await bar.take('Lunch, mistyped', wrong, [byCard(wrong)])
  yield mistyped
  const operation = await till.event('void', { related_operation_id: at(mistyped.operation, 'id') })
  yield { title: 'Void of it', amount: at(operation, 'total_amount'), operation, notes: ['entered, too'] }
}

async function back(technician: ShiftTechnician): Promise<ShiftStep> {
  await technician.fault(PRINTER, 'clear')
  for (let tries = 0; tries < BACK_TRIES; tries++) {
    const refused = await refusal(technician.act(PRINTER, { act: 'emergency-close' })).catch(() => undefined)
    if (refused === undefined) {
      const notes = [`fiskal-edge emergency close ${PRINTER}`, 'nothing of it is printed later']
      return { title: 'The printer is back', amount: '', operation: {}, notes }
    }
    await technician.pause(BACK_WAIT_MS)
  }
  throw new DemoError('the printer did not come back')
}

/** The words of a refusal. Throws DemoError for an answer. */
async function refusal(work: Promise<unknown>): Promise<string> {
  const words = await work.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  if (words === undefined) throw new DemoError('not refused')
  return words
}
