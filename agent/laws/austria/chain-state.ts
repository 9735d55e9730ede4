import type { ChainMembers as StoredChain } from '../../journal/events.ts'
import { chainValue } from './jws.ts'
import { isCashBoxId } from './machine-code.ts'
import { AustrianRefusal } from './refusal.ts'

/** Marker receipts that a Sammelbeleg still has to close; stamps are local times. */
export type OpenOutage = { firstNumber: number; lastNumber: number; firstStamp: string; lastStamp: string }

/**
 * The state on which the next receipt of a register depends, after all earlier ones. A register has one chain, one
 * counter and one key, for its whole life.
 */
export type ChainState = {
  readonly cashBoxId: string
  /** Last Belegnummer; 0 before the Startbeleg. */
  readonly number: number
  readonly turnoverCents: bigint
  /** Field 12 of the next receipt. */
  readonly previous: string
  /** Beleg-Datum-Uhrzeit of the last receipt. */
  readonly lastStamp: string | undefined
  /** `YYYY-MM` with receipts and no Monatsbeleg after the last of them, ascending. */
  readonly openMonths: readonly string[]
  /** `YYYY` with receipts and no Jahresbeleg after the last of them, ascending. */
  readonly openYears: readonly string[]
  readonly outage: OpenOutage | undefined
  /** The Schlussbeleg was made: the chain accepts no further receipt. */
  readonly ended: boolean
}

/**
 * A register before its Startbeleg. Throws `field_malformed` for a Kassen-ID with characters other than `A-Za-z0-9.-`.
 */
export function newChain(cashBoxId: string): ChainState {
  if (!isCashBoxId(cashBoxId))
    throw new AustrianRefusal(
      'field_malformed',
      `"${cashBoxId}" is not a Kassen-ID: 1 to 32 of A-Z, a-z, 0-9, point and dash.`,
    )
  return {
    cashBoxId,
    number: 0,
    turnoverCents: 0n,
    previous: chainValue(cashBoxId),
    lastStamp: undefined,
    openMonths: [],
    openYears: [],
    outage: undefined,
    ended: false,
  }
}

/**
 * The journalled form of the state: its members are frozen. The counter is text because it may exceed a JSON number.
 */
type AustrianChain = {
  cash_box_id: string
  number: number
  turnover_cents: string
  previous: string
  last_stamp: string | null
  open_months: readonly string[]
  open_years: readonly string[]
  outage: { first_number: number; last_number: number; first_stamp: string; last_stamp: string } | null
  ended: boolean
}

export function chainMembers(state: ChainState): AustrianChain {
  const { outage } = state
  return {
    cash_box_id: state.cashBoxId,
    number: state.number,
    turnover_cents: String(state.turnoverCents),
    previous: state.previous,
    last_stamp: state.lastStamp ?? null,
    open_months: state.openMonths,
    open_years: state.openYears,
    outage: outage
      ? {
          first_number: outage.firstNumber,
          last_number: outage.lastNumber,
          first_stamp: outage.firstStamp,
          last_stamp: outage.lastStamp,
        }
      : null,
    ended: state.ended,
  }
}

/** Reads what {@link chainMembers} wrote. */
export function chainOfMembers(members: StoredChain): ChainState {
  const state = members as AustrianChain
  const { outage } = state
  return {
    cashBoxId: state.cash_box_id,
    number: state.number,
    turnoverCents: BigInt(state.turnover_cents),
    previous: state.previous,
    lastStamp: state.last_stamp ?? undefined,
    openMonths: state.open_months,
    openYears: state.open_years,
    outage: outage
      ? {
          firstNumber: outage.first_number,
          lastNumber: outage.last_number,
          firstStamp: outage.first_stamp,
          lastStamp: outage.last_stamp,
        }
      : undefined,
    ended: state.ended,
  }
}

/** The same for a register that may be chained by another law or not yet; then undefined. */
export function chainOfRegister(members: StoredChain | undefined): ChainState | undefined {
  return members?.['cash_box_id'] === undefined ? undefined : chainOfMembers(members)
}
