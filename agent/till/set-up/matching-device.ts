import type { Merchant } from '../../contract/merchant.ts'
import type { Register } from '../../contract/register.ts'
import type { DeviceSupervisor } from '../../devices/supervisor.ts'
import { FiskalError } from '../../errors.ts'
import { allRegisters, isFiscalized } from '../../journal/documents/registers.ts'
import type { View } from '../../journal/projections/view.ts'
import type { LawRules } from '../../laws/law.ts'
import { lawOfCountry } from '../laws.ts'
import type { TillParts } from '../parts.ts'

/** The devices that can serve a law, or the requested one of them. */
export function devicesFor(
  { devices }: TillParts,
  law: LawRules | undefined,
  wanted: string | null,
): DeviceSupervisor[] {
  const matching = [...devices.values()].filter(({ device }) => law?.facts.deviceKinds.includes(device.unit.kind))
  return wanted === null ? matching : matching.filter((device) => device.id === wanted)
}

/** The law of a register, and the device that serves it. Throws `fiscalization_conflict`. */
export function matchingDevice(
  parts: TillParts,
  view: View,
  register: Register,
): { law: LawRules; device: DeviceSupervisor | undefined } {
  const { id } = register
  const country = view.location(register.location_id)?.shown.address.country_code
  const conflict = (message: string, details: FiskalError['details']) =>
    new FiskalError('fiscalization_conflict', message, { register_id: id, country_code: country, ...details })
  const law = lawOfCountry(parts.laws, country)
  if (law === undefined) throw conflict(`No law of ${country} is served by this agent.`, { reason: 'country' })
  const merchant = view.merchant(register.merchant_id)
  const identity = identityOf(merchant?.shown, country)
  const { taxNumbers, deviceKinds, name } = law.facts
  const needsIdentity = taxNumbers !== undefined
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
