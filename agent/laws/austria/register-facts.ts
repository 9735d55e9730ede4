import { parseRfc3339 } from '../../../base/clock.ts'
import type { Closing } from '../../contract/closing.ts'
import type { MatteringOutages } from '../../devices/outages.ts'
import type { View } from '../../journal/projections/view.ts'
import type { RegisterKeys } from '../register-keys.ts'
import type { ChainState } from './chain-state.ts'
import { registerOutages } from './reported-outages.ts'
import { isOurs } from './shapes.ts'
import { dateOf, localStamp } from './stamp.ts'
import { stateOf } from './state.ts'
import type { RegisterEnd, RegisterFacts } from './tasks.ts'
import { aesKeyCheckValue, aesKeyText } from './turnover.ts'

/** A register with its Startbeleg. */
export type Chained = { id: string; chain: ChainState }

/** The sources of the facts of a register. */
export type FactSource = {
  view: View
  keys: RegisterKeys
  outages: MatteringOutages
  unitsOf: (register: string) => readonly string[]
}

/** Undefined for a register without a Startbeleg. */
export function registerFacts(
  source: FactSource,
  closings: readonly Closing[],
  register: Chained,
): RegisterFacts | undefined {
  const { keys } = source
  const { id, chain } = register
  const completed = closings.filter(isMade)
  const start = completed.find(({ type }) => type === 'start')
  if (start === undefined) return undefined
  const final = completed.find(({ type }) => type === 'final')
  const { key } = keys.keyOrReason(id)
  return {
    id,
    cashBoxId: chain.cashBoxId,
    startedOn: start.business_date,
    startCode: codeOf(start),
    startClosing: start.id,
    keyCheckValue: key && aesKeyCheckValue(aesKeyText(key)),
    years: completed.flatMap((closing) => {
      const { type, period: year, document_number: number, business_date: madeOn } = closing
      if (type !== 'annual' || year === undefined) return []
      return [{ closing: closing.id, year, number, code: codeOf(closing), madeOn }]
    }),
    openYears: chain.openYears,
    outages: registerOutages(source.view, id),
    lastStamp: chain.lastStamp,
    end: registerEnd(source, register, final),
  }
}

type Made = Closing & { business_date: string; document_number: string }

/** False for a closing without a signed receipt: it has no number. */
function isMade(closing: Closing): closing is Made {
  return closing.business_date !== null && closing.document_number !== null
}

/**
 * How a register ended: with its Schlussbeleg, in an outage, or without one because its last receipts or its key are
 * lost. Undefined while it has not ended.
 */
function registerEnd(source: FactSource, { id, chain }: Chained, final: Made | undefined): RegisterEnd | undefined {
  const { view, keys } = source
  const register = view.register(id)
  const isEnding = register !== undefined && stateOf(register).ending === true
  if (final !== undefined && !isEnding) return { on: final.business_date, code: codeOf(final) }
  if (register?.shown.fiscalization_status !== 'decommissioned') return undefined
  const endedMs = parseRfc3339(register.shown.decommissionedAt ?? '') ?? 0
  const on = dateOf(endedMs)
  if (final !== undefined) return { on, code: codeOf(final), closedOn: final.business_date }
  if (!isEnding || !keys.holds(id)) return { on, code: undefined }
  const { outage } = chain
  const since = outSince(source, id) ?? outage?.firstStamp ?? localStamp(endedMs)
  const numbers = outage && { first: outage.firstNumber, last: outage.lastNumber }
  return { on, code: undefined, owed: { since, outage: numbers } }
}

/** Since when none of the register's units signs, in local time; undefined if the journal has no such outage. */
function outSince({ outages, unitsOf }: FactSource, register: string): string | undefined {
  const begins = unitsOf(register).flatMap((unit) => {
    const last = outages.of(unit).at(-1)
    return last === undefined || last.toMs !== undefined ? [] : [last.fromMs]
  })
  return begins.length === 0 ? undefined : localStamp(Math.max(...begins))
}

function codeOf(closing: Closing): string {
  const facts = closing.fiscal_information
  return isOurs(facts) ? facts.machine_code : ''
}
