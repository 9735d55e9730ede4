import { expect, test } from 'vitest'
import { CardActs } from '../../agent/laws/austria/acts.ts'
import { Rksv } from '../../agent/laws/austria/regime.ts'
import { TseActs } from '../../agent/laws/germany/acts.ts'
import { KassenSichV } from '../../agent/laws/germany/regime.ts'
import { PrinterActs } from '../../agent/laws/italy/acts.ts'
import { Rt } from '../../agent/laws/italy/regime.ts'
import type { Regime } from '../../agent/laws/law.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import { lawOfKind } from '../../agent/till/laws.ts'
import { ManualClock } from '../manual-clock.ts'

const clock = new ManualClock(0)
const none = () => undefined

function austrian(): Regime {
  const reports = { types: [], report: () => never('report') }
  const keys = { aesKeyOf: () => never('key'), holdsKey: () => false, reports }
  const units = { unitsOf: () => [], usableSinceMs: none, isAwaited: () => false, unitNameOf: none }
  return new Rksv({ ...keys, ...units, acts: new CardActs({ cardOf: none, clock }), clock })
}

function italian(): Regime {
  const places = { of: () => never('place'), last: none }
  const acts = new PrinterActs({ printerOf: none, enrolledSerial: none, places, periodSums: () => never('sum') })
  const settings = { giftCardDepartment: 'N2', tipDepartment: 'N1', tenders: {} }
  return new Rt({ ...settings, acts, operationOf: none, departmentsOf: none, serialOf: none })
}

function never(what: string): never {
  throw new Error(`no ${what} is asked for`)
}

const regimes: readonly Regime[] = [
  new KassenSichV(new TseActs({ tseOf: none, journalledOpen: () => [], clock }), undefined),
  austrian(),
  italian(),
]

test('a kind of a device serves one law: it decides whose an outage and foreign transactions are', () => {
  expect(regimes.map(({ law }) => law.name)).toEqual(LAWS.map(({ name }) => name))
  expect(regimes.flatMap(({ law }) => law.deviceKinds.map((kind) => lawOfKind(regimes, kind)))).toEqual(regimes)
})
