import { expect, test } from 'vitest'
import type { Tse, TseHealth, TseIdentity } from '../../../drivers/ports/tse.ts'
import { refusalToSign } from '../../../drivers/recording/sign-tse.ts'
import { endedUnder } from './ended-certificate.ts'

const NOW_MS = Date.parse('2026-11-29T12:00:00Z')
const GENUINE = { certificates: [endedUnder('Signing of 2019')] } as unknown as TseIdentity
const OF_TESTS = { certificates: [endedUnder('Signing Test CA')] } as unknown as TseIdentity
const HEALTH = { initialised: true, disabled: false, certificateExpiresAtMs: NOW_MS + 1 } as TseHealth

type Facts = {
  health?: Partial<TseHealth>
  clients?: readonly string[]
  /** Clients of open transactions. */
  open?: readonly string[]
  keepsClients?: true
}

function unitWith({ health, clients = [], open = [], keepsClients }: Facts): Tse {
  const unit: Partial<Tse> = {
    health: async () => ({ ...HEALTH, ...health }),
    clients: async () => clients,
    openTransactions: async () => open.map((_client, index) => index + 1),
    recall: async (transaction) => ({ clientId: open[transaction - 1] ?? '', start: undefined, finish: undefined }),
    ...(keepsClients && { keepsClients }),
  }
  return unit as Tse
}

test.each<[string, Facts]>([
  ['a client of a till', { clients: ['till-1'] }],
  ['an open transaction of a till', { open: ['till-1'] }],
  ['a certificate that has ended', { health: { certificateExpiresAtMs: NOW_MS - 1 } }],
  ['clients that cannot be removed', { keepsClients: true }],
])('a unit with %s is not signed with, unless it is for tests', async (_, facts) => {
  expect(await refusalToSign(unitWith(facts), GENUINE, NOW_MS)).toBeDefined()
  expect(await refusalToSign(unitWith(facts), OF_TESTS, NOW_MS)).toBeUndefined()
})

test('a unit without clients is signed with, and one that an interrupted test left', async () => {
  expect(await refusalToSign(unitWith({}), GENUINE, NOW_MS)).toBeUndefined()
  const left = { clients: ['fiskal-edge-test', 'fiskal-edge'], open: ['fiskal-edge-test'] }
  expect(await refusalToSign(unitWith(left), GENUINE, NOW_MS)).toBeUndefined()
})

test('no unit is set up, and one without a certificate waits for its self-test', async () => {
  for (const health of [{ initialised: false }, { disabled: true }])
    expect(await refusalToSign(unitWith({ health }), OF_TESTS, NOW_MS)).toBeDefined()
  const untested = { certificates: [] } as unknown as TseIdentity
  expect(await refusalToSign(unitWith({}), untested, NOW_MS)).toMatch('let the till test it first')
})
