import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { SIMULATED_ACCOUNT } from '../../../drivers/finanzonline/simulator.ts'
import { AES_KEY, calls, checkStart, opened, REGISTER, registerTill, registerUnit, UNIT } from './opened.ts'

test('a unit and a register are asked about, registered and seen, and the Startbeleg is checked', async () => {
  const { account, simulator } = await opened()
  const { ask, send } = calls(account)
  expect(await ask(UNIT)).toMatchObject({ class: 'done', rc: ['B33'], status: { state: 'none' }, effect: 'none' })
  expect(await send(registerUnit)).toMatchObject({ class: 'done', rc: ['0'], operation: 'registrierung_se' })
  expect(await ask(UNIT)).toMatchObject({ class: 'done', rc: ['0'], status: { state: 'known', word: 'IN_BETRIEB' } })
  expect(await ask(REGISTER)).toMatchObject({ class: 'done', rc: ['B32'], status: { state: 'none' } })
  expect(await send(registerTill)).toMatchObject({ class: 'done' })
  expect(await ask(REGISTER)).toMatchObject({ status: { state: 'known', word: 'REGISTRIERT' } })
  expect(await send(checkStart)).toMatchObject({ class: 'done', check: { state: 'pass', failed: [] } })
  expect((await send(checkStart)).check?.failed).toMatchObject([{ id: 'TYPE_OF_RECEIPT_ONCE' }])
  expect(await ask(REGISTER)).toMatchObject({ status: { state: 'known', word: 'IN_BETRIEB' } })
  await account.logOut(new AbortController().signal)
  const operations = simulator.record().map((line) => [line.what, line.operation, line.subject])
  expect(operations).toEqual([
    ['accepted', 'registrierung_se', UNIT.serial],
    ['accepted', 'registrierung_kasse', REGISTER.cashBoxId],
    ['accepted', 'belegpruefung', REGISTER.cashBoxId],
  ])
  // One login and one logout.
  expect(simulator.calls).toBe(11)
})

test('an outage, its end and the end of use follow the times of the service', async () => {
  const { account } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  await send(registerUnit)
  const time = (ms: number) => `${new Date(Date.now() + ms).toISOString().slice(0, 19)}Z`
  const outage = (since: string | undefined) =>
    send({ operation: 'ausfall_se', subject: UNIT, reason: since === undefined ? 6 : 2, since })
  expect(await outage(time(3_600_000))).toMatchObject({ class: 'refused', rc: ['B21'], reason: 'time_in_future' })
  expect(await outage(time(-3_600_000))).toMatchObject({ class: 'refused', rc: ['B5'], reason: 'before_last_change' })
  const since = time(0)
  expect(await outage(since)).toMatchObject({ class: 'done' })
  const status = await ask(UNIT)
  expect(status).toMatchObject({ status: { state: 'outage', word: 'AUSFALL', changedAtMs: Date.parse(since) } })
  expect(await outage(time(0))).toMatchObject({ class: 'state', rc: ['B13'] })
  const back = { operation: 'wiederinbetriebnahme_se', subject: UNIT, end: time(0) } as const
  expect(await send(back)).toMatchObject({ class: 'done' })
  expect(await outage(undefined)).toMatchObject({ class: 'done' })
  expect(await ask(UNIT)).toMatchObject({ status: { state: 'none' } })
  expect(await outage(undefined)).toMatchObject({ class: 'state', rc: ['B6'] })
  expect(await send(registerUnit)).toMatchObject({ class: 'state', rc: ['B10'] })
})

test('a session that ends in the middle is opened again, and the call repeated once', async () => {
  const { account, simulator } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  simulator.inject('session-gone@registrierung_se')
  expect(await send(registerUnit)).toMatchObject({ class: 'done', rc: ['0'] })
  simulator.inject('session-gone@status_see#1-2')
  expect(await ask(UNIT)).toMatchObject({ class: 'pause', rc: ['-1'], effect: 'none' })
  expect(await ask(UNIT)).toMatchObject({ class: 'done', status: { state: 'known' } })
})

describe('an answer that cannot be used', () => {
  test.each([
    ['lost-answer', 'reset'],
    ['lost-request', 'reset'],
    ['http500', 'http'],
    ['redirect', 'http'],
    ['html', 'not_xml'],
    ['truncated', 'not_xml'],
    ['doctype', 'not_xml'],
    ['reset', 'reset'],
    ['too-large', 'too_large'],
    ['other-packet', 'other_packet'],
    ['silence=900', 'timeout'],
  ])('%s is lost as %s, and the account pauses', async (fault, lost) => {
    const { account, simulator } = await opened({ callMs: 400 })
    const { ask, send } = calls(account)
    await ask(UNIT)
    simulator.inject(`${fault}@registrierung_se`)
    const answer = await send(registerUnit)
    expect(answer).toMatchObject({ class: 'pause', lost, effect: 'unknown', reason: 'unreachable', rc: [] })
    const isThere = fault !== 'lost-request'
    expect((await ask(UNIT)).status?.state).toBe(isThere ? 'known' : 'none')
  })

  test.each(['maintenance', 'technical'])(
    '%s lasts for its calls, changes nothing, and pauses the account',
    async (fault) => {
      const { account, simulator } = await opened()
      const { ask } = calls(account)
      await ask(UNIT)
      simulator.inject(`${fault}=2@*`)
      for (let call = 0; call < 2; call += 1) expect(await ask(UNIT)).toMatchObject({ class: 'pause', effect: 'none' })
      expect(await ask(UNIT)).toMatchObject({ class: 'done' })
    },
  )

  test('another prefix is read as the usual one', async () => {
    const { account, simulator } = await opened()
    const { ask, send } = calls(account)
    simulator.inject('other-prefix@*#*')
    await ask(UNIT)
    await send(registerUnit)
    expect(await ask(UNIT)).toMatchObject({ status: { state: 'known' } })
  })

  test.each([
    ['b38', { class: 'later_day', rc: ['B38'] }],
    ['wrong-state', { class: 'state', rc: ['B2'] }],
    ['no-effect', { class: 'done', rc: ['0'] }],
  ])('%s is read by its code', async (fault, expected) => {
    const { account, simulator } = await opened()
    const { ask, send } = calls(account)
    await ask(UNIT)
    simulator.inject(`${fault}@registrierung_se`)
    expect(await send(registerUnit)).toMatchObject(expected)
    expect((await ask(UNIT)).status?.state).toBe('none')
  })

  test('a service that no one serves certainly received nothing', async () => {
    const { account } = await opened({ url: 'http://127.0.0.1:1' })
    const { ask, send } = calls(account)
    expect(await ask(UNIT)).toMatchObject({ class: 'pause', lost: 'connect', effect: 'none', operation: 'login' })
    expect(await send(registerUnit)).toMatchObject({ lost: 'connect', effect: 'none' })
  })
})

test('a request that breaks the schema is refused and not sent again, and its words have no secret', async () => {
  const { account } = await opened()
  const { ask, send } = calls(account)
  await ask(REGISTER)
  const answer = await send({ ...registerTill, aesKey: `${AES_KEY}!` })
  expect(answer).toMatchObject({ class: 'refused', reason: 'malformed_request', httpStatus: 500 })
  expect(answer.message).toContain('cvc-pattern-valid')
  expect(JSON.stringify(answer)).not.toContain(AES_KEY)
})

test('a register with another AES key shows at the check of its Startbeleg', async () => {
  const { account } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  await send(registerUnit)
  await ask(REGISTER)
  await send({ ...registerTill, aesKey: Buffer.alloc(32, 7).toString('base64') })
  expect(await send(checkStart)).toMatchObject({
    class: 'refused',
    rc: ['43'],
    reason: 'receipt_faulty',
    check: { state: 'fail', failed: [{ id: 'CRYPTO_TURNOVER_COUNTER' }] },
  })
})

test('a receipt fails whose code names another provider than the registration of its unit', async () => {
  const { account } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  await send({ ...registerUnit, vdaId: 'AT9' })
  await ask(REGISTER)
  await send(registerTill)
  expect(await send(checkStart)).toMatchObject({
    ...{ class: 'refused', rc: ['43'], reason: 'receipt_faulty' },
    check: { state: 'fail', failed: [{ id: 'MATCH_VDA' }] },
  })
})

test('a register before its unit, and an outage before its Startbeleg passed, are refused by their state', async () => {
  const { account } = await opened()
  const { ask, send } = calls(account)
  await ask(REGISTER)
  expect(await send(registerTill)).toMatchObject({ class: 'state', rc: ['B7'] })
  await ask(UNIT)
  await send(registerUnit)
  await ask(REGISTER)
  expect((await send(registerTill)).class).toBe('done')
  const since = '2026-01-02T08:30:00Z'
  await ask(REGISTER)
  const outage = { operation: 'ausfall_kasse', subject: REGISTER, reason: 5, since } as const
  expect(await send(outage)).toMatchObject({ class: 'state', rc: ['B2'] })
})

test('a Startbeleg that passed does not pass again, and no receipt made or checked in an outage does', async () => {
  const { account, simulator } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  await send(registerUnit)
  await ask(REGISTER)
  await send(registerTill)
  simulator.inject('portal outage register GW-AT-001 2026-01-01T00:00:00Z')
  const failed = async () => (await send(checkStart)).check?.failed.map(({ id }) => id)
  expect(await failed()).toEqual(['EXISTS_IN_USE'])
  await ask(REGISTER)
  await send({ operation: 'wiederinbetriebnahme_kasse', subject: REGISTER, end: '2026-01-03T00:00:00Z' })
  // It was made in the outage: its end changes nothing.
  expect(await failed()).toEqual(['EXISTS_IN_USE'])
})

test('T and P are apart', async () => {
  const { account, simulator } = await opened()
  simulator.inject('portal register-unit 2A91F3C4 AT1 T')
  const { ask } = calls(account)
  expect((await ask(UNIT)).status?.state).toBe('none')
  simulator.inject('portal register-unit 002A91F3C4 AT1')
  expect((await ask(UNIT)).status?.state).toBe('known')
})

test('a status that is late by minutes is missing at first', async () => {
  const { account, simulator } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  simulator.inject('late=60000@registrierung_se')
  expect(await send(registerUnit)).toMatchObject({ class: 'done' })
  expect((await ask(UNIT)).status?.state).toBe('none')
})

test('what no client may do is in the record of the simulator', async () => {
  const { account, simulator, write } = await opened()
  const never = new AbortController().signal
  await account.send(registerUnit, 7, 'fo_1', never)
  await account.ask(REGISTER, 8, never)
  await account.send(registerTill, 7, 'fo_2', never)
  write('pin', 'wrong-pin')
  await account.check(never)
  const rules = simulator.record().flatMap((line) => (line.what === 'forbidden' ? [line.rule] : []))
  expect(rules).toEqual(['not_asked', 'packet_twice'])
})

test('no file of agent or simulator record has PIN, user, participant or session', async () => {
  const { account, simulator, folder, write } = await opened()
  const { ask, send } = calls(account)
  await ask(UNIT)
  await send(registerUnit)
  write('pin', 'another-wrong-pin')
  await account.check(new AbortController().signal)
  const { participant, user, pin } = SIMULATED_ACCOUNT
  const texts = filesBelow(join(folder, 'prints')).map((path) => readFileSync(path, 'utf8'))
  expect(texts.length).toBeGreaterThan(0)
  for (const text of [...texts, JSON.stringify(simulator.record())])
    for (const secret of [participant, user, pin, 'another-wrong-pin']) expect(text).not.toContain(secret)
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (statSync(path).isDirectory() ? filesBelow(path) : [path]))
}
