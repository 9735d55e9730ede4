import { localDate, rfc3339, SHOP_ZONE, within } from '../../../base/clock.ts'
import type { Register, Terminal, UpdateRegister } from '../../contract/register.ts'
import { FiskalError } from '../../errors.ts'
import type { DocumentOf } from '../../journal/documents/document.ts'
import { isUnderLaw } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import type { OpenPeriod } from '../../laws/open-period.ts'
import { refuseOpenOperations } from '../../register/session.ts'
import { registerOf } from '../guards.ts'
import { lawOfRegister, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { Answer, Mutation } from '../requests.ts'
import { changedInventory } from './inventories.ts'
import { refuseLeavingOrders } from './left-orders.ts'
import { heldDevice, updateStep } from './master-data.ts'
import { devicesFor, matchingDevice } from './matching-device.ts'
import { serialNumberOf } from './serial-number.ts'
import { terminalHints } from './terminal-moves.ts'
import { refuseWhileSettling } from './waiting-bons.ts'

/** Changes a register. Its place and its device change like its name, but only to ones that it may have. */
export async function updateRegister(
  parts: TillParts,
  mutation: Mutation,
  input: UpdateRegister,
  id: string,
): Promise<Answer> {
  const { view } = parts.journal
  const { location_id: location, fiscal_device: device } = input
  const before = registerOf(view, mutation, id).shown
  const isMoving = device !== undefined && device !== before.fiscal_device
  if (isMoving && mutation.dryRun !== true) await parts.reconcileOpen(before.fiscal_device)
  const period = isMoving ? await openPeriodOf(parts, before) : undefined
  const chained = isMoving ? parts.recorder.order.chainedRegister(id) : undefined
  const answer = await parts.mutations.run(
    mutation,
    (now) => {
      const document = registerOf(now, mutation, id)
      if (input.terminals !== undefined) refuseTerminals(parts, now, document.shown, input.terminals)
      if (location !== undefined) refuseLocation(now, document.shown, location)
      if (device !== undefined && device !== document.shown.fiscal_device)
        refuseDevice(parts, now, document, device, period)
      const atOnce = {
        ...changedInventory(parts, document.shown, input),
        ...terminalHints(now, document.shown, location, localDate(parts.clock.now(), SHOP_ZONE)),
      }
      return updateStep(parts, now, mutation, 'register', id, { input, atOnce })
    },
    { chained },
  )
  await handOver(parts, before)
  return answer
}

/**
 * A change of device that waited for the closing of the device, too, takes effect if nothing printed waits for one any
 * longer. Called when a session or a period is closed, and before a session is opened.
 */
export async function applyHeldDevice(parts: TillParts, id: string): Promise<void> {
  const { journal, clock } = parts
  const before = journal.view.register(id)
  if (before === undefined || heldDevice(journal.view, before) === undefined) return
  if ((await openPeriodOf(parts, before.shown)) !== undefined) return
  await journal.record((view) => {
    const register = view.register(id)
    const device = register && heldDevice(view, register)
    if (device === undefined) return []
    const set = { fiscal_device: device, updated_at: rfc3339(clock.now()) }
    return [{ kind: 'register.updated', op: id, body: { set, own: { pending: null } } }]
  })
}

/** Both units of a register that has another one now do at once what is theirs, if they answer. */
export async function handOver(
  { journal, clock, deadlineMs, handOver: reach }: TillParts,
  before: Register,
): Promise<void> {
  const device = journal.view.register(before.id)?.shown.fiscal_device
  if (device === before.fiscal_device) return
  await within(clock, deadlineMs / 2, reach([device, before.fiscal_device]))
}

async function openPeriodOf({ laws }: TillParts, register: Register): Promise<OpenPeriod | undefined> {
  return lawOfRegister(laws, register)?.register?.openPeriod?.(register.id)
}

/** Two terminals with one id would be one in the books. Throws `not_supported_by_law`, `unprocessable_entity`. */
function refuseTerminals({ laws }: TillParts, view: View, register: Register, terminals: readonly Terminal[]): void {
  const law = lawOfRegister(laws, register) ?? lawWhere(laws, view, register)
  law?.members.require('terminal', '/terminals')
  const ids = terminals.map((terminal) => terminal.id)
  const second = ids.findIndex((id, index) => ids.indexOf(id) < index)
  if (second < 0) return
  throw new FiskalError('unprocessable_entity', `Terminal ${ids[second]} is named twice: give each its own id.`, {
    pointer: `/terminals/${second}/id`,
    terminal_id: String(ids[second]),
  })
}

/**
 * Throws `unprocessable_entity` for a place of another merchant, or in another country: its law would be another;
 * `open_order_lines`.
 */
function refuseLocation(view: View, register: Register, wanted: string): void {
  if (wanted === register.location_id) return
  const location = view.location(wanted)?.shown
  const refused = (message: string) =>
    new FiskalError('unprocessable_entity', message, { pointer: '/location_id', location_id: wanted })
  if (location?.merchant_id !== register.merchant_id) throw refused(`The merchant has no location ${wanted}.`)
  const here = view.location(register.location_id)?.shown.address.country_code
  const there = location.address.country_code
  if (here !== there)
    throw refused(`Location ${wanted} is in ${there}, and the register in ${here}: make a new register there.`)
  refuseLeavingOrders(view, register)
}

/** Throws `fiscalization_conflict`, `open_operations`, `reconciling`, `register_decommissioned`. */
function refuseDevice(
  parts: TillParts,
  view: View,
  document: DocumentOf<'register'>,
  wanted: string,
  period: OpenPeriod | undefined,
): void {
  const { shown: register, id } = document
  const law = lawOfRegister(parts.laws, register)
  refuseEnded(view, law, document)
  const moved = { ...register, fiscal_device: wanted }
  if (!isUnderLaw(register)) {
    refuseUnfit(parts, view, moved)
    return
  }
  if (view.openIntentsOf(id).length > 0)
    throw new FiskalError(
      'reconciling',
      `Device ${register.fiscal_device} is being asked for register ${id}.`,
      { register_id: id },
      { retryAfterSeconds: 5 },
    )
  const { device } = matchingDevice(parts, view, moved)
  serialNumberOf(view, moved, undefined, device)
  if (law?.register?.openPeriod !== undefined) {
    refuseOpenOperations(view.openOperations(id).map((operation) => operation.id))
    if (period !== undefined) throw periodOpen(register, period)
    refuseUnseen(view, register, device)
  }
  // In a session the change waits for its close.
  if (!view.registersInSession().includes(id)) refuseWhileSettling(view, id)
}

/** A register that has ended needs no device, unless receipts are still to be signed for it. */
function refuseEnded(view: View, law: LawRules | undefined, document: DocumentOf<'register'>): void {
  const { shown: register, id } = document
  if (register.fiscalization_status !== 'decommissioned') return
  const chain = view.chainState(id)
  if (chain !== undefined && law?.dueReceipts?.waits(document, chain) === true) return
  throw new FiskalError('register_decommissioned', `Register ${id} is decommissioned.`, { register_id: id })
}

/** A register that is not fiscalized yet: the device need only fit. */
function refuseUnfit(parts: TillParts, view: View, register: Register): void {
  if (devicesFor(parts, lawWhere(parts.laws, view, register), register.fiscal_device).length === 1) return
  throw new FiskalError(
    'fiscalization_conflict',
    `No configured device ${register.fiscal_device} fits the country of the register.`,
    { register_id: register.id, reason: 'device' },
  )
}

/** A printer that was never connected may be any printer. */
function refuseUnseen(view: View, { id }: Register, device: { id: string; identity: unknown } | undefined): void {
  if (device === undefined || device.identity !== undefined || view.enrolledSerial(device.id) !== undefined) return
  throw new FiskalError(
    'fiscal_device_unavailable',
    `Device ${device.id} was never connected: its serial number is not known.`,
    { register_id: id, device_id: device.id },
    { retryAfterSeconds: 5 },
  )
}

function periodOpen(
  { id, fiscal_device: device }: Register,
  { serial, z, documents, amount }: OpenPeriod,
): FiskalError {
  const count = documents === 1 ? '1 document' : `${documents} documents`
  return new FiskalError(
    'fiscalization_conflict',
    `Register ${id} has ${count} of ${amount} EUR in the open period of printer ${serial}: make the daily closing first. A printer that is broken is replaced under its device id (fiskal-edge device init ${device}).`,
    { register_id: id, reason: 'period_open', rt_serial_number: serial, z_number: z, documents, amount },
  )
}
