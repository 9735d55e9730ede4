import { rfc3339 } from '../../../base/clock.ts'
import type { Merchant } from '../../contract/merchant.ts'
import type { CreateRegister, FiscalizeRegister, Register, UpdateRegister } from '../../contract/register.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import type { ShownOf } from '../../journal/documents/document.ts'
import { allRegisters, isFiscalized, registerIdOf } from '../../journal/documents.ts'
import { notFound } from '../../journal/not-found.ts'
import type { View } from '../../journal/projections/view.ts'
import { transactionFacts } from '../../journal/transaction-facts.ts'
import type { LawRules } from '../../laws/law.ts'
import { refuseWhileDecommissioning, registerOf, requireMerchant } from '../guards.ts'
import { lawOfCountry, lawWhere } from '../laws.ts'
import type { TillParts } from '../parts.ts'
import type { DecideStep } from '../recording/mutations.ts'
import { singleStep } from '../recording/mutations.ts'
import type { Answer, Mutation } from '../requests.ts'
import { origin } from '../requests.ts'
import { leftOverClosing } from '../selling/left-over.ts'
import { issueKey } from './keys.ts'
import { updateStep } from './master-data.ts'
import { serialNumberOf } from './serial-number.ts'

export function registerCases(parts: TillParts, random: (length: number) => Uint8Array) {
  const { mutations, newId, clock } = parts
  return {
    create: (mutation: Mutation, input: CreateRegister): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        const merchant = requireMerchant(mutation.merchantId)
        const location = view.resource(input.location_id)
        if (location?.type !== 'location' || location.merchant !== merchant)
          throw notFound('location', input.location_id)
        if (input.fiscal_device !== undefined && !parts.devices.has(input.fiscal_device))
          throw notFound('device', input.fiscal_device)
        const id = newId('reg')
        const set = newRegister(id, merchant, input, rfc3339(clock.now()))
        const index = { kind: 'register' as const, merchant, location: input.location_id, register: id }
        const body = { index, ...origin(mutation), set }
        return singleStep({ kind: 'register.created', op: id, body }, 201)
      }),
    update: (mutation: Mutation, input: UpdateRegister, id: string): Promise<Answer> =>
      mutations.run(mutation, (view) => {
        registerOf(view, mutation, id)
        return updateStep(parts, view, mutation, 'register', id, input)
      }),
    fiscalize: (mutation: Mutation, input: FiscalizeRegister, id: string): Promise<Answer> =>
      fiscalize(parts, random, mutation, id, input),
    decommission: (mutation: Mutation, _body: undefined, id: string): Promise<Answer> =>
      decommission(parts, mutation, id),
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
  const sinceNs = parts.clock.mono()
  const key = issueKey('register', id, random)
  let issued = false
  const decide: DecideStep = (view, seq) => {
    const document = registerOf(view, mutation, id)
    const { shown: register } = document
    if (!isToBeFiscalized(register)) {
      const status = register.fiscalization_status
      throw new FiskalError('fiscalization_conflict', `Register ${id} is ${status}.`, {
        register_id: id,
        fiscalization_status: status,
      })
    }
    const { law, device } = matchingDevice(parts, view, register)
    const clientId = serialNumberOf(view, register, input.pos_client_serial_number, device)
    parts.recorder.admit(device?.id ?? null)
    const set = {
      fiscal_device: device?.id ?? null,
      fiscalization_status: 'pending' as const,
      fiscalization: { regime: law.facts.name, fiscalized_at: null, tse_serial: null, client_id: clientId },
      updated_at: rfc3339(parts.clock.now()),
    }
    const parties = { set, law: { name: law.facts.name } }
    const body = { ...origin(mutation), ...parties }
    const begun = parts.workflow.begin(
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
    return { ...begun, events: [...begun.events, key.event] }
  }
  const { view } = parts.journal
  const register = view.register(id)?.shown
  const law = register && lawWhere(parts.laws, view, register)
  if (mutation.dryRun !== true && register !== undefined && isToBeFiscalized(register))
    await reachOne(devicesFor(parts, law, register.fiscal_device), parts.deadlineMs)
  // Stored before the first receipt that is encrypted with it; a later one would break the chain.
  if (law?.register?.hasKeys === true && view.chainState(id) === undefined) await parts.registerKeys.provide(id)
  const chained = law?.order === 'register' ? id : undefined
  const answer = await parts.mutations.run(mutation, decide, { chained, sinceNs })
  // Neither journal nor stored answer contains the key: a replayed answer has no key.
  if (!issued || answer.replayed) return answer
  return { ...answer, body: `${answer.body.slice(0, -1)},"register_api_key":${JSON.stringify(key.token)}}` }
}

function isToBeFiscalized({ fiscalization_status: status }: Register): boolean {
  return status === 'not_fiscalized' || status === 'failed'
}

/** Those of the law's kind, or the requested one of them. */
function devicesFor({ devices }: TillParts, law: LawRules | undefined, wanted: string | null): DeviceSupervisor[] {
  const matching = [...devices.values()].filter(({ device }) => law?.facts.deviceKinds.includes(device.unit.kind))
  return wanted === null ? matching : matching.filter((device) => device.id === wanted)
}

/**
 * After a start a printer may still be connecting, and one just plugged in may be unknown. Waits at most half of the
 * till's deadline: the act takes time, too.
 */
async function reachOne(devices: readonly DeviceSupervisor[], deadlineMs: number): Promise<void> {
  if (devices.some((device) => device.usable)) return
  await Promise.all(devices.map((device) => device.isReached(deadlineMs / 2)))
}

function matchingDevice(
  parts: TillParts,
  view: View,
  register: Register,
): { law: LawRules; device: DeviceSupervisor | undefined } {
  const { id } = register
  const country = view.location(register.location_id)?.shown.address.country_code
  const conflict = (message: string, details: Record<string, unknown>) =>
    new FiskalError('fiscalization_conflict', message, { register_id: id, country_code: country, ...details })
  const law = lawOfCountry(parts.laws, country)
  if (law === undefined) throw conflict(`No law of ${country} is served by this agent.`, { reason: 'country' })
  const merchant = view.merchant(register.merchant_id)
  const identity = identityOf(merchant?.shown, country)
  const { needsIdentity, deviceKinds, name } = law.facts
  if (identity === undefined && needsIdentity)
    throw conflict(`The merchant holds no fiscal identity of ${country}.`, { reason: 'fiscal_identity' })
  // A pending change takes effect without another request.
  const waiting = merchant?.own.pending
  const changed = waiting === undefined ? merchant : merchant?.with({ set: waiting.shown })
  if (needsIdentity && changed !== undefined && identityOf(changed.shown, country) === undefined)
    throw conflict(`The fiscal identity of ${country} goes with the pending changes of the merchant.`, {
      reason: 'fiscal_identity',
    })
  const wanted = register.fiscal_device
  if (deviceKinds.length === 0 && wanted === null) return { law, device: undefined }
  const matching = devicesFor(parts, law, null)
  const chosen = devicesFor(parts, law, wanted)
  const [device] = chosen
  if (device !== undefined && chosen.length === 1) {
    const other = ofOtherTaxpayer(view, law, device.id, identity)
    if (other === undefined) return { law, device }
    const message = `Device ${device.id} speaks in the name of another taxpayer, that of register ${other}.`
    throw conflict(message, { reason: 'taxpayer', other_register_id: other })
  }
  throw conflict(mismatch(name, wanted, matching.length, chosen.length), {
    reason: 'device',
    fitting: matching.map((one) => one.id),
  })
}

function mismatch(law: string, wanted: unknown, matching: number, chosen: number): string {
  if (chosen > 0) return 'Several devices fit: name one in fiscal_device.'
  if (typeof wanted !== 'string' || matching === 0) return `No configured device fits ${law}.`
  return `The register has the device ${wanted}, and none of that id in the configuration fits ${law}: give one back that id, or make another register.`
}

type FiscalIdentity = Merchant['fiscal_identities'][number]

function identityOf(
  merchant: Pick<Merchant, 'fiscal_identities'> | undefined,
  country: string | undefined,
): FiscalIdentity | undefined {
  return merchant?.fiscal_identities.find((identity) => identity.country_code === country)
}

/** A register that uses the device for another merchant, under a law whose devices serve one taxpayer. */
function ofOtherTaxpayer(
  view: View,
  law: LawRules,
  device: string,
  identity: FiscalIdentity | undefined,
): string | undefined {
  const own = identity && law.register?.taxpayerOf?.(identity)
  const other = allRegisters(view).find((register) => {
    if (register.fiscal_device !== device || !isFiscalized(register)) return false
    const theirs = identityOf(view.merchant(register.merchant_id)?.shown, law.facts.country)
    return theirs !== undefined && law.register?.taxpayerOf?.(theirs) !== own
  })
  return other?.id
}

/**
 * Deregisters this register's client; the device and its other registers are not affected. Open parts of an outage are
 * ended before: a TSE keeps a client with open transactions, and after the last Z their end gives no bon.
 */
async function decommission(parts: TillParts, mutation: Mutation, id: string): Promise<Answer> {
  const decide: DecideStep = (view, seq) => {
    const document = registerOf(view, mutation, id)
    const { shown: register } = document
    const conflict = (message: string, reason: string) =>
      new FiskalError('decommission_conflict', message, { register_id: id, reason })
    const status = register.fiscalization_status
    if (status === 'decommissioned') throw conflict(`Register ${id} has already been decommissioned.`, 'decommissioned')
    if (!isFiscalized(register)) throw conflict(`Register ${id} has not been fiscalized.`, 'not_fiscalized')
    refuseWhileDecommissioning(view, id, 'unknown')
    if (view.registersInSession().includes(id))
      throw conflict(`Register ${id} has a session that is not closed.`, 'session_open')
    if (view.openOperations(id).length > 0) throw conflict(`Register ${id} has open operations.`, 'open_operations')
    refuseWhileSettling(view, id)
    parts.recorder.admit(register.fiscal_device)
    const body = origin(mutation)
    const begun = parts.workflow.begin(view, seq, { kind: 'register.decommission_requested', op: id, body }, document, {
      goal: 'decommissioned',
      status: 200,
    })
    // No further session will contain the bons outside any session.
    const leftOver = leftOverClosing(parts, view, lawWhere(parts.laws, view, register), register)
    return { ...begun, events: [...begun.events, ...(leftOver === undefined ? [] : [leftOver])] }
  }
  const { view } = parts.journal
  const register = view.register(id)?.shown
  if (mutation.dryRun !== true && register !== undefined && isFiscalized(register))
    await parts.reconcileOpen(register.fiscal_device)
  return parts.mutations.run(mutation, decide, { chained: parts.recorder.chainedRegister(id) })
}

/** The outcome of a bon can be reconciled only while the device has the register. */
function refuseWhileSettling(view: View, id: string): void {
  const unsettled = view.openIntents().flatMap(({ seq, op }) => {
    // The abort of a transaction may belong to no operation: its facts name the register.
    if (op !== '') return registerIdOf(view, op) === id ? [op] : []
    const { register_id: register, operation_id: operation } = transactionFacts(view.bodyAt(seq))
    return register === id ? [operation] : []
  })
  if (unsettled.length === 0) return
  throw new FiskalError(
    'reconciling',
    `Register ${id} has bons whose outcome the device has not reported yet.`,
    { register_id: id, operation_ids: [...new Set(unsettled)].filter((op) => typeof op === 'string') },
    { fiscalEffect: 'none', retryAfterSeconds: 5 },
  )
}
