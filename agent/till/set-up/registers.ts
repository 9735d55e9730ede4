import { rfc3339 } from '../../../base/clock.ts'
import type {
  CreateRegister,
  DecommissionRegister,
  FiscalizeRegister,
  Register,
  UpdateRegister,
} from '../../contract/register.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import { notFound } from '../../journal/not-found.ts'
import { refuseInactive, registerOf, requireMerchant } from '../guards.ts'
import { lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { decommission } from './decommission.ts'
import { refuseDaysToCome } from './inventories.ts'
import { issueKey } from './keys.ts'
import { devicesFor, matchingDevice } from './matching-device.ts'
import { updateRegister } from './moves.ts'
import { serialNumberOf } from './serial-number.ts'

export function registerCases(parts: TillParts, random: (length: number) => Uint8Array) {
  const { mutations, newId, clock } = parts
  return {
    create: (mutation: Mutation, input: CreateRegister): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        const merchant = requireMerchant(mutation.merchantId)
        refuseInactive(view, merchant)
        const location = view.resource(input.location_id)
        if (location?.type !== 'location' || location.merchant !== merchant)
          throw notFound('location', input.location_id)
        if (input.fiscal_device !== undefined && !parts.devices.has(input.fiscal_device))
          throw notFound('device', input.fiscal_device)
        if (input.inventory !== undefined) refuseDaysToCome(parts, input.inventory)
        const id = newId('reg')
        const set = newRegister(id, merchant, input, rfc3339(clock.now()))
        const index = { kind: 'register' as const, merchant, location: input.location_id, register: id }
        const body = { index, ...origin(mutation), set }
        return singleStep({ kind: 'register.created', op: id, body }, 201)
      }),
    update: (mutation: Mutation, input: UpdateRegister, id: string): Promise<Answer> =>
      updateRegister(parts, mutation, input, id),
    fiscalize: (mutation: Mutation, input: FiscalizeRegister, id: string): Promise<Answer> =>
      fiscalize(parts, random, mutation, id, input),
    decommission: (mutation: Mutation, { reason }: DecommissionRegister, id: string): Promise<Answer> =>
      decommission(parts, mutation, id, reason),
  }
}

function newRegister(id: string, merchant: string, input: CreateRegister, now: string): ShownOf['register'] {
  return {
    id,
    merchant_id: merchant,
    location_id: input.location_id,
    name: input.name,
    external_id: input.external_id ?? null,
    fiscal_device: input.fiscal_device ?? null,
    status: 'active',
    fiscalization_status: 'not_fiscalized',
    fiscalization: null,
    fiscalizedAt: null,
    decommissionedAt: null,
    ...(input.inventory !== undefined && { inventory: input.inventory }),
    metadata: input.metadata ?? null,
    created_at: now,
    updated_at: now,
  }
}

/** Binds the register to its device, if its law has devices, under a permanent serial number, and issues its key. */
async function fiscalize(
  parts: TillParts,
  random: (length: number) => Uint8Array,
  mutation: Mutation,
  id: string,
  input: FiscalizeRegister,
): Promise<Answer> {
  const key = issueKey('register', id, random)
  let issued = false
  const decide: DecideStep = (view, seq) => {
    const document = registerOf(view, mutation, id)
    const { shown: register } = document
    refuseInactive(view, register.merchant_id)
    if (!isToBeFiscalized(register)) {
      const status = register.fiscalization_status
      // Its key is shown once, and who calls this again has often lost it.
      const way = status === 'decommissioned' ? '' : ` Another key for its till: fiskal-edge key create register ${id}.`
      throw new FiskalError('fiscalization_conflict', `Register ${id} is ${status}.${way}`, {
        register_id: id,
        fiscalization_status: status,
      })
    }
    const { law, device } = matchingDevice(parts, view, register)
    const clientId = serialNumberOf(view, register, input.pos_client_serial_number, device)
    parts.recorder.running.admit(device?.id ?? null)
    const set = {
      fiscal_device: device?.id ?? null,
      fiscalization_status: 'pending' as const,
      fiscalization: { regime: law.facts.name, fiscalized_at: null, tse_serial: null, client_id: clientId },
      updated_at: rfc3339(parts.clock.now()),
    }
    const parties = { set, law: { name: law.facts.name } }
    const body = { ...origin(mutation), ...parties }
    const step = parts.workflow.begin(
      view,
      seq,
      { kind: 'register.fiscalize_requested', op: id, body },
      document.with(parties),
      {
        goal: 'fiscalized',
        status: 202,
      },
    )
    issued = true
    return { ...step, events: [...step.events, key.event] }
  }
  const { view } = parts.journal
  const register = view.register(id)?.shown
  const law = register && lawWhere(parts.laws, view, register)
  if (mutation.dryRun !== true && register !== undefined && isToBeFiscalized(register))
    await reachOne(devicesFor(parts, law, register.fiscal_device), parts.deadlineMs)
  // Stored before the first receipt that is encrypted with it; a later one would break the chain.
  if (law?.register?.hasKeys === true && view.chainState(id) === undefined) await parts.registerKeys.provide(id)
  const chained = law?.order === 'register' ? id : undefined
  const answer = await parts.mutations.run(mutation, decide, { chained })
  // Neither journal nor stored answer contains the key: a replayed answer has no key.
  if (!issued || answer.replayed) return answer
  return { ...answer, body: `${answer.body.slice(0, -1)},"register_api_key":${JSON.stringify(key.token)}}` }
}

function isToBeFiscalized({ fiscalization_status: status }: Register): boolean {
  return status === 'not_fiscalized' || status === 'failed'
}

/**
 * After a start a printer may still be connecting, and one just plugged in may be unknown. Waits at most half of the
 * till's deadline: the act takes time, too.
 */
async function reachOne(devices: readonly DeviceSupervisor[], deadlineMs: number): Promise<void> {
  if (devices.some((device) => device.usable)) return
  await Promise.all(devices.map((device) => device.isReached(deadlineMs / 2)))
}
