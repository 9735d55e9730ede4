import { expect, test } from 'vitest'
import { SIMULATED_ACCOUNT } from '../../../drivers/finanzonline/simulator.ts'
import { ManualClock } from '../../manual-clock.ts'
import { patientClock } from '../../patient-clock.ts'
import { calls, opened, timing, UNIT } from './opened.ts'

/** The logins of a day: the record of refused ones that came again must be empty. */
function forbidden(simulator: Awaited<ReturnType<typeof opened>>['simulator']) {
  return simulator.record().filter((line) => line.what === 'forbidden')
}

test('refused credentials are tried once, over any number of starts, and for any caller', async () => {
  const { account, again, simulator, write } = await opened()
  write('pin', 'wrong-pin')
  expect(await calls(account).ask(UNIT)).toMatchObject({
    class: 'credentials',
    operation: 'login',
    rc: ['-4'],
    reason: 'credentials_refused',
    effect: 'none',
  })
  for (const next of [account, again(), again()]) {
    const refused = { rc: '-4', message: 'credentials were refused (rc −4) and have not changed since' }
    expect(await calls(next).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-4'], message: refused.message })
    expect(await calls(next).check()).toMatchObject({ class: 'credentials', message: refused.message })
    expect(await next.refused()).toMatchObject(refused)
  }
  expect(simulator.calls).toBe(1)
  expect(forbidden(simulator)).toEqual([])
})

test('refused credentials stay refused when the configuration names the merchant, or another one', async () => {
  const { account, again, simulator, write } = await opened()
  write('pin', 'wrong-pin')
  await calls(account).ask(UNIT)
  for (const merchant of ['ATU12345678', 'ATU87654321'])
    expect(await calls(again(merchant)).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-4'] })
  expect(simulator.calls).toBe(1)
  expect(forbidden(simulator)).toEqual([])
})

test('the refused credentials of one user stay refused after those of another', async () => {
  const other = { ...SIMULATED_ACCOUNT, user: 'KASSE002' }
  const { account, again, simulator, write } = await opened({ simulator: { accounts: [SIMULATED_ACCOUNT, other] } })
  const second = again('ATU87654321')
  write('user', other.user)
  await calls(second).check()
  write('user', SIMULATED_ACCOUNT.user)
  write('pin', 'wrong-pin')
  await calls(account).ask(UNIT)
  write('user', other.user)
  await calls(second).ask(UNIT)
  const before = simulator.calls
  write('user', SIMULATED_ACCOUNT.user)
  expect(await calls(again()).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-4'] })
  expect(simulator.calls).toBe(before)
})

test('a changed file frees refused credentials without a restart', async () => {
  const { account, simulator, write } = await opened()
  write('pin', 'wrong-pin')
  await calls(account).ask(UNIT)
  write('pin', `${SIMULATED_ACCOUNT.pin}\r\n`)
  expect(await account.refused()).toBeUndefined()
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'done' })
  expect(simulator.calls).toBe(3)
})

test('a person frees refused credentials for one login', async () => {
  const { account, simulator } = await opened()
  simulator.inject('locked@login')
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-5'] })
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-5'] })
  expect(simulator.calls).toBe(1)
  await account.admit()
  expect(await account.refused()).toBeUndefined()
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'done' })
})

test('a lost answer to unproven credentials is a doubt: they wait, and are tried at most twice', async () => {
  const clock = { ...patientClock, mono: () => patientClock.mono() + ahead }
  let ahead = 0n
  const { account, simulator } = await opened({ clock })
  simulator.inject('lost-answer@login#1-9')
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'pause', lost: 'reset', operation: 'login' })
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'credentials', reason: 'login_unproven', rc: [] })
  ahead = 61_000_000_000n
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'pause', lost: 'reset' })
  ahead = 600_000_000_000n
  expect(await calls(account).ask(UNIT)).toMatchObject({ class: 'credentials', reason: 'login_unproven' })
  expect(simulator.calls).toBe(2)
})

test('a lost answer to proven credentials costs nothing, also after a restart', async () => {
  const { account, again, simulator } = await opened()
  expect(await calls(account).check()).toMatchObject({ class: 'done' })
  simulator.inject('lost-answer@login#1-3')
  for (const next of [again(), again(), again()])
    expect(await calls(next).ask(UNIT)).toMatchObject({ class: 'pause', lost: 'reset' })
  expect(await calls(again()).ask(UNIT)).toMatchObject({ class: 'done' })
  expect(forbidden(simulator)).toEqual([])
})

test('proven credentials that are refused later are not tried again', async () => {
  const { account, again, simulator } = await opened()
  await calls(account).check()
  simulator.inject('locked@login')
  expect(await calls(again()).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-5'] })
  expect(await calls(again()).ask(UNIT)).toMatchObject({ class: 'credentials', rc: ['-5'] })
  expect(simulator.calls).toBe(3)
})

test('a missing right is not a refused login: it is asked about again a day later, or by a word or file', async () => {
  const clock = new ManualClock()
  const { account, again, simulator, write } = await opened({ clock })
  const { ask } = calls(account)
  simulator.inject('no-right@status_see#*')
  const refuse = async () => {
    expect(await ask(UNIT)).toMatchObject({ class: 'credentials', reason: 'not_entitled', rc: ['-4'] })
    expect(await account.refused()).toMatchObject({ rc: '-4', reason: 'not_entitled' })
  }
  await refuse()
  // Nothing is noted of the secrets, which are right.
  expect(await again().refused()).toBeUndefined()
  await clock.advance(timing.checkAgainMs)
  expect(await account.refused()).toBeUndefined()
  await refuse()
  await account.admit()
  expect(await account.refused()).toBeUndefined()
  await refuse()
  write('pin', 'another-pin')
  expect(await account.refused()).toBeUndefined()
  write('pin', SIMULATED_ACCOUNT.pin)
  simulator.clearFaults()
  expect((await ask(UNIT)).class).toBe('done')
  expect(forbidden(simulator)).toEqual([])
})

test('maintenance at a login costs no try', async () => {
  const { account, again, simulator } = await opened()
  simulator.inject('maintenance=3@login')
  for (const next of [account, account, again()])
    expect(await calls(next).ask(UNIT)).toMatchObject({ class: 'pause', rc: ['-2'], reason: 'maintenance' })
  expect(await calls(again()).ask(UNIT)).toMatchObject({ class: 'done' })
})

test.each([
  ['participant', '1234567', 'participantFile'],
  ['participant', '1234-5678', 'participantFile'],
  ['user', 'abcd', 'userFile'],
  ['pin', '', 'pinFile'],
  ['pin', 'one\ntwo', 'pinFile'],
] as const)('a file of the %s with %j is not sent', async (name, content, shown) => {
  const { account, simulator, write } = await opened()
  write(name, content)
  const answer = await calls(account).ask(UNIT)
  expect(answer).toMatchObject({ class: 'credentials', effect: 'none' })
  expect(answer.message).toContain(shown)
  expect((await account.refused())?.message).toContain(shown)
  expect(simulator.calls).toBe(0)
})

test('a stop cuts a running call', async () => {
  const { account, simulator } = await opened()
  simulator.inject('silence=60000@login')
  const stop = new AbortController()
  const call = account.ask(UNIT, 1, stop.signal)
  while (simulator.calls === 0) await new Promise((resolve) => setImmediate(resolve))
  stop.abort(new Error('stopped'))
  await expect(call).rejects.toThrow('stopped')
})
