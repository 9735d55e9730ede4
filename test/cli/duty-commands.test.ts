import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accepted, finanzonline, forbidden, progress } from '../e2e/austria/finanzonline.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge } from './command.ts'

/** Commands as processes of their own, with the running agent of the bench. */
function commandsOf({ config: { state, devices, authorities } }: Bench) {
  const file = join(state, '..', 'agent.json')
  writeFileSync(file, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices, authorities }))
  return (...words: readonly string[]) => fiskalEdge(...words, '--config', file)
}

test('task send has a running agent send an unclear duty again, and says where the result is', heavy(), async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await bench.agent.administration.checkAuthority()
  service.simulator.inject('no-effect@registrierung_kasse#1-3')
  const { id } = await austrianTill(bench)
  const duty = `finanzonline-register-${id}`
  await bench.until(() => progress(bench)['finanzonline-register']?.state === 'unclear')
  expect(progress(bench)['finanzonline-register']).toMatchObject({ reason: 'no_effect', attempts: 3 })
  const command = commandsOf(bench)
  expect(await command('duty', 'send', duty)).toMatchObject({
    ...{ code: 0, err: '' },
    out: `${duty} is sent now. The result: fiskal-edge duty show ${duty}\n`,
  })
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
  expect(accepted(service)).toEqual(['registrierung_se', 'registrierung_kasse', 'belegpruefung'])
  expect(forbidden(service)).toEqual([])
  const refused = await command('duty', 'send', 'startbeleg-check-reg_0')
  expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('There is no such duty') })
  expect((await command('duty', 'send', duty, '--reason', 'lost')).err).toContain('Allowed choices are planned, broken')
})

test('in production duty list has a unit that is not certified, and says that it is not sent', heavy(), async () => {
  const service = await finanzonline('P')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  const command = commandsOf(bench)
  const { out } = await command('duty', 'list')
  expect(out).toMatch(/id finanzonline-unit-.* {3}state due\n/)
  expect(out).toContain('  This unit is not certified: the agent reports it in test mode alone.\n')
  expect(out).not.toContain('id finanzonline-register-')
})

test('doctor names a merchant that no account is for, as after a typing error in its name', heavy(), async () => {
  const service = await finanzonline()
  const { finanzonline: settings } = service.authorities
  const accounts = settings.accounts.map((account) => ({ ...account, merchant: 'ATU99999999' }))
  const authorities = { finanzonline: { ...settings, accounts } }
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities } })
  const { id } = await austrianTill(bench)
  const { merchant_id } = await bench.office.get(`/v1/registers/${id}`)
  const { out } = await commandsOf(bench)('doctor')
  expect(out).toContain(`no account is for merchant ${merchant_id} → correct "merchant" of the account`)
})

test('a command with an argument that is too long names it', heavy(), async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const confirm = commandsOf(bench)('duty', 'confirm', `startbeleg-check-${id}`, '--reason', 'x'.repeat(5000))
  expect((await confirm).err).toMatch(/The arguments do not fit the act: reason: .*<=\d+ characters/)
})

test('finanzonline outage records the outage of a register at a running agent, which sends it', heavy(), async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
  const command = commandsOf(bench)
  const now = await bench.until(async () => {
    // The begin, in whole seconds, is after the last change that the office knows.
    const since = `${new Date().toISOString().slice(0, 19)}Z`
    return Date.parse(since) > Date.parse(bench.journal().at(-1)?.at ?? '') && since
  })
  const report = (...more: string[]) =>
    command('finanzonline', 'outage', id, '--reason', 'defective', '--since', String(now), ...more)
  const duty = `outage-${id}-${String(now).replaceAll(/[-:]/g, '')}`
  expect(await report()).toMatchObject({
    ...{ code: 0, err: '' },
    out: `The outage of ${id} is recorded.\nIts duty: fiskal-edge duty show ${duty}\n`,
  })
  expect(await report()).toMatchObject({
    out: expect.stringMatching(/^This was recorded before: nothing has changed\.\n/),
  })
  await bench.until(() => progress(bench)['outage']?.state === 'confirmed')
  expect(JSON.parse((await report('--json')).out)).toEqual({ id, duties: [duty], recorded: false })
  expect(accepted(service).at(-1)).toBe('ausfall_kasse')
  const wrong = await command('finanzonline', 'outage', id, '--reason', 'theft', '--since', 'yesterday')
  expect(wrong).toMatchObject({
    code: 1,
    err: expect.stringContaining('A time as 2026-11-27T10:00:00+01:00 is wanted.'),
  })
  expect(await report('--until', '2999-01-01T00:00:00Z')).toMatchObject({
    ...{ code: 1, out: '' },
    err: expect.stringContaining('2999-01-01T00:00:00Z is in the future'),
  })
})
