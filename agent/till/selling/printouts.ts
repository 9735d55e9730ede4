import { canonicalJson } from '../../../base/canonical.ts'
import { rfc3339 } from '../../../base/clock.ts'
import type { CreatePrintout, Printout } from '../../contract/printout.ts'
import type { Register } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import type { Printouts } from '../../laws/printouts.ts'
import { refuseUnfiscalized, registerOf } from '../guards.ts'
import { lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { createDrawerOpening } from './drawer-openings.ts'

const CREATED = 201

/**
 * Prints between two documents of the register's device, in turn with them. Nothing is journalled but the opening of a
 * drawer. Throws `not_supported_by_law`, `printout_not_supported`, and the refusals of the device.
 */
export async function createPrintout(
  parts: TillParts,
  mutation: Mutation,
  { type }: CreatePrintout,
  id: string,
): Promise<Answer> {
  const { journal, clock, recorder } = parts
  const { shown: register } = registerOf(journal.view, mutation, id)
  const printouts = printoutsOf(parts, register)
  refuseUnfiscalized(register)
  const device = register.fiscal_device ?? ''
  if (type === 'drawer') await logOpening(parts, mutation, id)
  const printing = recorder.order.exclusively(device, async () => {
    recorder.order.refuseUnresolved(device)
    return { ...(await printouts.print(device, type, id)), printed_at: rfc3339(clock.now()) }
  })
  const printed = await recorder.deadlines.within(printing, mutation.arrivedNs)
  if (printed === undefined) throw late(device)
  const body: Printout = { register_id: id, type, ...printed }
  return { status: CREATED, headers: {}, body: canonicalJson(body), subject: undefined, replayed: false }
}

/** Throws `not_supported_by_law`. */
function printoutsOf({ journal, laws }: TillParts, register: Register): Printouts {
  const law = lawOfRegister(laws, register) ?? lawWhere(laws, journal.view, register)
  if (law?.printouts !== undefined) return law.printouts
  throw new FiskalError(
    'not_supported_by_law',
    'The law of the register has no printouts: print a copy of the receipt with ?copy=true.',
    { member: 'printouts', register_id: register.id, pointer: '' },
  )
}

/** Before the drawer opens: each opening is explained. */
async function logOpening(parts: TillParts, mutation: Mutation, id: string): Promise<void> {
  const opening = { register_id: id, occurred_at: rfc3339(parts.clock.now()), reason: 'printout' }
  await createDrawerOpening(parts, { ...mutation, idempotency: undefined }, opening)
}

function late(device: string): FiskalError {
  const message = `Printer ${device} has not printed it in time: it may still do so, and a second copy is harmless.`
  return new FiskalError('fiscal_device_unavailable', message, { device_id: device })
}
