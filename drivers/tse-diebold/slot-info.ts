import { DeviceError } from '../errors.ts'
import { algorithmSpelled } from '../tr03151/algorithms.ts'
import { decodeDate, decodeHex, decodeNumber } from './codec.ts'

/** Bit in the state of a slot. */
const INSERTED = 0x01

export type SlotInfo = {
  isInitialised: boolean
  isDisabled: boolean
  /** Undefined if the unit does not report its memory. */
  usedPercent: number | undefined
  certificateExpiresAtMs: number
  signaturesLeft: number
  algorithm: string
  description: string
}

/** The answer to 109. Throws `unavailable` none for an empty slot. */
export function slotInfoIn(values: readonly Buffer[], slot: string): SlotInfo {
  const text = (index: number): string => values[index]?.toString('latin1') ?? ''
  if ((decodeHex(values[0]) & INSERTED) === 0) throw new DeviceError('unavailable', 'none', `no TSE is in slot ${slot}`)
  const tseState = decodeHex(values[1])
  return {
    isInitialised: (tseState & 0x01) !== 0,
    isDisabled: (tseState & 0x02) !== 0,
    usedPercent: usedPercentOf(text(4), text(5)),
    certificateExpiresAtMs: decodeDate(values[6]),
    signaturesLeft: decodeNumber(values[7]),
    algorithm: algorithmSpelled(text(8)),
    description: [`Diebold Nixdorf, slot ${slot}`, text(3), text(9), text(10)].filter((part) => part !== '').join(', '),
  }
}

/** Some units report one of the two, or neither. */
function usedPercentOf(capacity: string, free: string): number | undefined {
  const [total, rest] = [Number.parseInt(capacity, 10), Number.parseInt(free, 10)]
  return total > 0 && rest >= 0 ? (100 * (total - rest)) / total : undefined
}
