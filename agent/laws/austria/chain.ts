import type { KeyObject } from 'node:crypto'
import type { FieldAmounts } from './amounts.ts'
import { areZero, sumOf } from './amounts.ts'
import type { ChainState, OpenOutage } from './chain-state.ts'
import { chainValue, jwsOf, OUTAGE_MARKER } from './jws.ts'
import type { MachineCode } from './machine-code.ts'
import { isTraining, ocrText, parsePayload, payloadOf, qrText } from './machine-code.ts'
import { AustrianRefusal } from './refusal.ts'
import type { ReceiptKind } from './special-receipts.ts'
import { periodsAfter } from './special-receipts.ts'
import { nextStamp } from './stamp.ts'
import { encryptTurnover, TRAINING_MARK, VOID_MARK } from './turnover.ts'

/**
 * The receipt to sign. `period`: the month or year that a closing closes; `ends`: it or the next one ends the register.
 */
export type ReceiptRequest = { kind: ReceiptKind; period?: string; ends?: boolean; amounts: FieldAmounts }

/** The unit named in the code: its suite and the serial of its certificate. */
export type UnitName = { vda: string; serial: string }

/**
 * A receipt without its signature: number, time, counter, chain and unit are fixed. The journal stores this JSON before
 * the unit is asked, so that after a crash the same payload is signed and a number is never used for two contents.
 */
export type PlannedReceipt = { readonly kind: ReceiptKind; readonly period: string; readonly payload: string }

/** A receipt as it is stored and printed, and the state of the chain after it. */
export type SealedReceipt = {
  code: MachineCode
  jws: string
  qr: string
  ocr: string
  /** True if it carries the marker instead of a signature. */
  deviceFailed: boolean
  state: ChainState
}

/** Receipts of business: with amounts, and in an outage with the marker. Zero receipts wait until a unit signs. */
const business: ReadonlySet<ReceiptKind> = new Set<ReceiptKind>(['standard', 'void', 'training'])
const SIGNATURE_BYTES = 64

/**
 * The next receipt of a register: the counter is increased, then encrypted. Pure. Throws RksvRefusal if the law or the
 * clock forbids it. `aesKey` has 32 bytes.
 */
export function nextReceipt(
  state: ChainState,
  request: ReceiptRequest,
  unit: UnitName,
  nowMs: number,
  aesKey: KeyObject,
): PlannedReceipt {
  const { kind, amounts } = request
  refuse(state, request)
  const number = String(state.number + 1)
  const code = {
    suite: `R1-${unit.vda}`,
    cashBoxId: state.cashBoxId,
    number,
    stamp: nextStamp(nowMs, state.lastStamp, request.ends),
    amounts,
    counter: counterField(kind, () =>
      encryptTurnover(aesKey, state.cashBoxId, number, state.turnoverCents + sumOf(amounts)),
    ),
    serial: unit.serial,
    previous: state.previous,
  }
  return { kind, period: request.period ?? '', payload: payloadOf(code) }
}

/**
 * True for a receipt that may carry the marker if no unit signs in time: no zero receipt, nor one that looks like it.
 */
export function mayGoOutUnsigned(kind: ReceiptKind, amounts: FieldAmounts): boolean {
  return business.has(kind) && (kind !== 'standard' || !areZero(amounts))
}

/**
 * The receipt with its signature (R‖S, already verified), or with the marker if that is undefined. Pure. Throws
 * `stale_plan` if another receipt of the register was made in between, `must_be_signed` if no marker is allowed.
 */
export function seal(state: ChainState, planned: PlannedReceipt, signature: Uint8Array | undefined): SealedReceipt {
  const { kind, payload } = planned
  const code = parsePayload(payload)
  if (!isNext(state, code))
    throw new AustrianRefusal('stale_plan', `Receipt ${code.number} does not follow receipt ${state.number}.`)
  if (signature === undefined && !mayGoOutUnsigned(kind, code.amounts))
    throw new AustrianRefusal('must_be_signed', `A receipt of kind ${kind} over these amounts cannot carry the marker.`)
  if (signature !== undefined && signature.length !== SIGNATURE_BYTES)
    throw new AustrianRefusal('field_malformed', `A signature has 64 bytes, not ${signature.length}.`)
  const bytes = signature ?? OUTAGE_MARKER
  const jws = jwsOf(payload, bytes)
  const qr = qrText(payload, bytes)
  const after = {
    ...state,
    ...periodsAfter(state, kind, planned.period, code.stamp),
    number: state.number + 1,
    turnoverCents: state.turnoverCents + (isTraining(code) ? 0n : sumOf(code.amounts)),
    previous: chainValue(jws),
    lastStamp: code.stamp,
    outage: outageAfter(state, kind, code, signature === undefined),
    ended: kind === 'final',
  }
  return { code, jws, qr, ocr: ocrText(qr), deviceFailed: signature === undefined, state: after }
}

function isNext(state: ChainState, { number, previous }: Pick<ReturnType<typeof parsePayload>, 'number' | 'previous'>) {
  return number === String(state.number + 1) && previous === state.previous
}

/**
 * False if another receipt of the register was made since this one was planned: by an older program, which did not know
 * the act that waits.
 */
export function follows(state: ChainState, payload: string): boolean {
  return isNext(state, parsePayload(payload))
}

function refuse(state: ChainState, { kind, amounts }: ReceiptRequest): void {
  if (state.ended) throw new AustrianRefusal('chain_ended', `Register ${state.cashBoxId} has its Schlussbeleg.`)
  if (kind === 'start' && state.number > 0)
    throw new AustrianRefusal('already_started', `Register ${state.cashBoxId} has its Startbeleg.`)
  if (kind !== 'start' && state.number === 0)
    throw new AustrianRefusal('not_started', `Register ${state.cashBoxId} has no Startbeleg.`)
  if (!business.has(kind) && !areZero(amounts))
    throw new AustrianRefusal('amounts_not_zero', `A receipt of kind ${kind} has no amounts.`)
  if (kind === 'collective' && state.outage === undefined)
    throw new AustrianRefusal('no_outage', `Register ${state.cashBoxId} has no receipt with the marker to collect.`)
}

function counterField(kind: ReceiptKind, encrypted: () => string): string {
  if (kind === 'training') return TRAINING_MARK
  return kind === 'void' ? VOID_MARK : encrypted()
}

function outageAfter(
  state: ChainState,
  kind: ReceiptKind,
  { stamp }: MachineCode,
  failed: boolean,
): OpenOutage | undefined {
  if (kind === 'collective') return undefined
  if (!failed) return state.outage
  const number = state.number + 1
  const { firstNumber, firstStamp } = state.outage ?? { firstNumber: number, firstStamp: stamp }
  return { firstNumber, firstStamp, lastNumber: number, lastStamp: stamp }
}
