import { expect, test } from 'vitest'
import { CardActs } from '../../agent/laws/austria/acts.ts'
import { AustrianRules } from '../../agent/laws/austria/rules.ts'
import { TseActs } from '../../agent/laws/germany/acts.ts'
import { GermanRules } from '../../agent/laws/germany/rules.ts'
import { PrinterActs } from '../../agent/laws/italy/acts.ts'
import { ItalianRules } from '../../agent/laws/italy/rules.ts'
import type { LawRules } from '../../agent/laws/law.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { COMMAND_LAWS } from '../../agent/laws/laws-for-commands.ts'
import { lawOfKind } from '../../agent/till/laws.ts'
import { ManualClock } from '../manual-clock.ts'

const clock = new ManualClock(0)

function none() {
  return undefined
}

function austrian(): LawRules {
  const reports = { types: [], report: () => never('report') }
  const keys = { aesKeyOf: () => never('key'), holdsKey: () => false, reports }
  const units = { unitsOf: () => [], usableSinceMs: none, isAwaited: () => false, unitNameOf: none }
  return new AustrianRules({ ...keys, ...units, acts: new CardActs({ cardOf: none, clock }), clock })
}

function italian(): LawRules {
  const places = { of: () => never('place'), last: none }
  const acts = new PrinterActs({ printerOf: none, enrolledSerial: none, places, periodSums: () => never('sum') })
  const settings = { giftCardDepartment: 'N2', tipDepartment: 'N1', tenders: {} }
  return new ItalianRules({ ...settings, acts, operationOf: none, departmentsOf: none, serialOf: none })
}

function never(what: string): never {
  throw new Error(`no ${what} is asked for`)
}

const laws: readonly LawRules[] = [
  new GermanRules(new TseActs({ tseOf: none, journalledOpen: () => [], clock }), undefined),
  austrian(),
  italian(),
]

test('a kind of a device serves one law: it decides whose an outage and foreign transactions are', () => {
  expect(laws.map(({ facts: law }) => law.name)).toEqual(LAWS.map(({ name }) => name))
  expect(laws.flatMap(({ facts: law }) => law.deviceKinds.map((kind) => lawOfKind(laws, kind)))).toEqual(
    laws.filter(({ facts: law }) => law.deviceKinds.length > 0),
  )
})

test('a law that chains the receipts of a register has rules for a restore that may lack some, and no other has', () => {
  const chaining = laws.filter(({ order }) => order === 'register').map(({ facts: law }) => law.name)
  expect(COMMAND_LAWS.filter(({ loss }) => loss !== undefined).map(({ name }) => name)).toEqual(chaining)
})
