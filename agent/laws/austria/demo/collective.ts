import type { Answer, ShiftStep, ShiftTechnician, ShiftTill } from '../../demo-shift.ts'
import { at, DemoError } from '../../demo-shift.ts'

const BACK_TRIES = 150
const BACK_WAIT_MS = 200

/** The receipt that the agent makes itself when the card is back. Throws DemoError if it does not come. */
export async function collectiveStep(till: ShiftTill, technician: ShiftTechnician): Promise<ShiftStep> {
  const collective = await collectiveOf(till, technician)
  const [first, last] = [at(collective, 'outage', 'first_number'), at(collective, 'outage', 'last_number')]
  const range = `Sammelbeleg for receipts ${first} to ${last}, made automatically`
  return { title: 'The card is back', amount: '0.00', operation: collective, notes: [range] }
}

/** The agent probes the card every few seconds and then makes the receipt that ends the outage. */
async function collectiveOf(till: ShiftTill, { pause }: ShiftTechnician): Promise<Answer> {
  for (let tries = 0; tries < BACK_TRIES; tries++) {
    const collective = (await till.closings()).find((closing) => at(closing, 'type') === 'collective')
    if (collective !== undefined && at(collective, 'document_number') !== '') return collective
    await pause(BACK_WAIT_MS)
  }
  throw new DemoError('the Sammelbeleg did not come')
}
