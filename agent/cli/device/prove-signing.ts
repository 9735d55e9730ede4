import { CodedError } from '../../../base/thrown.ts'
import { DeviceError } from '../../../drivers/errors.ts'
import type { DeviceUnit } from '../../../drivers/ports/device.ts'
import type { TimeGate } from '../../../drivers/ports/time-gate.ts'
import type { Tse } from '../../../drivers/ports/tse.ts'
import type { Look } from '../../../drivers/recording/look.ts'
import type { CardProof } from '../../../drivers/recording/sign-card.ts'
import { signCard } from '../../../drivers/recording/sign-card.ts'
import type { TseProof } from '../../../drivers/recording/sign-tse.ts'
import { refusalToSign, signTse } from '../../../drivers/recording/sign-tse.ts'
import { printSlip } from '../../../drivers/recording/slip.ts'
import type { Say } from '../../../drivers/recording/step.ts'
import { isTestUnit } from '../../../drivers/recording/test-unit.ts'
import { BrokenOffError } from '../terminal/broken-off.ts'
import { confirm } from '../terminal/confirmation.ts'
import { AT_TERMINAL } from './prove-refusals.ts'

const DIGITS = 8

/** `stop`: nothing more is begun. `confirmed`: the serial number of the TSE that the look showed. */
type Signing = { time: TimeGate; nowMs: number; say: Say; stop?: AbortSignal; confirmed?: string | undefined }

/** A TSE that is not for tests is named by a person: no option replaces that. Returns its serial number. */
export async function demandTestable(look: Look): Promise<string | undefined> {
  if (look.kind !== 'tse') return undefined
  const { identity } = look
  if (identity === undefined || (identity.certificates.length === 0 && !isTestUnit(identity)))
    throw new CodedError(
      'not_signed',
      'The unit shows no certificate before its self-test: let the till test it, then repeat the command. Nothing was written.',
    )
  if (!isTestUnit(identity))
    await confirm(
      `The TSE ${identity.serial} is not for tests. It signs up to 60 logs that no receipt belongs to. To confirm, type the last eight digits of its serial number.`,
      identity.serial.slice(-DIGITS),
      AT_TERMINAL,
    )
  return identity.serial
}

/**
 * Signs or prints; returns the signatures. Throws DeviceError if the line is lost, or the unit must not be signed with,
 * and BrokenOffError if it is stopped before the first signature or slip.
 */
export async function signWith(unit: DeviceUnit, signing: Signing): Promise<TseProof | CardProof | undefined> {
  const { say, stop } = signing
  switch (unit.kind) {
    case 'tse':
      return signTests(unit, signing)
    case 'signature_card':
      demandUnbroken(stop)
      return signCard(unit, say)
    case 'fiscal_printer':
      demandUnbroken(stop)
      // Without `open`, which aborts a document that is open at its keys.
      await printSlip(unit, say)
      return undefined
  }
}

async function signTests(unit: Tse, { time, nowMs, say, stop, confirmed }: Signing): Promise<TseProof> {
  await unit.open()
  const identity = await unit.identity()
  if (confirmed !== undefined && identity.serial !== confirmed)
    throw new DeviceError('foreign', 'none', 'another unit was plugged in after the look')
  const refusal = await refusalToSign(unit, identity, nowMs)
  if (refusal !== undefined) throw new DeviceError('refused', 'none', refusal)
  demandUnbroken(stop)
  return signTse(unit, time, say, stop)
}

export function demandUnbroken(stop: AbortSignal | undefined): void {
  if (stop?.aborted === true) throw new BrokenOffError('Broken off: nothing was signed, printed or written.')
}
