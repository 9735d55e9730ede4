// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SIMULATED_ACCOUNT } from '../../drivers/finanzonline/simulator.ts'
import { finanzonline } from '../e2e/austria/finanzonline.ts'
import { austrianTill, MERCHANT, ONE_CARD, TWO_CARDS } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { fiskalEdge } from './command.ts'

type Duty = { id: string; kind: string; [member: string]: unknown }

async function dutiesOf(bench: Bench): Promise<readonly Duty[]> {
  return await bench.agent.administration.listDuties()
}

async function dutyOf(bench: Bench, isMeant: (duty: Duty) => boolean): Promise<Duty | undefined> {
  return (await dutiesOf(bench)).find(isMeant)
}

test('each task of Austria is a duty with its kind, office, reason and merchant, by due date', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const register = await bench.office.get(`/v1/registers/${id}`)
  const duties = await dutiesOf(bench)
  const byKind = Object.fromEntries(duties.map((duty) => [duty.kind, duty]))
  const common = {
    regime: 'RKSV',
    way: 'manual',
    mode: null,
    state: 'due',
    open: true,
    attempts: 0,
    confirmed_at: null,
  }
  const { merchant_id, location_id } = register
  expect(byKind['at.register_registration']).toMatchObject({
    ...{ ...common, id: `finanzonline-register-${id}`, authority: 'FinanzOnline', merchant_id, location_id },
    ...{ register_id: id, device_id: null, why: expect.stringContaining('RKSV') },
  })
  // A unit belongs to the merchant whose registers use it.
  expect(byKind['at.unit_registration']).toMatchObject({ ...common, device_id: 'card-1', merchant_id })
  expect(byKind['at.data_copy']).toMatchObject({ ...common, authority: null })
  expect(byKind['at.start_receipt_check']).toMatchObject(common)
  const places = duties.map((duty) => `${String(duty['due'])} ${duty.id}`)
  expect(places).toEqual(places.toSorted())
  const tasks = bench.agent.administration.listTasks() as readonly Duty[]
  expect(tasks.find(({ kind }) => kind === 'at.register_registration')).toMatchObject({ merchant_id, regime: 'RKSV' })
})

test('a confirmed duty stays in the whole list with its note and time, and leaves the tasks', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const duty = `startbeleg-check-${id}`
  const { administration } = bench.agent
  await administration.confirmTask(duty, 'app says: ok')
  const confirmed = {
    ...{ state: 'confirmed', open: false, confirmed_by: 'person', note: 'app says: ok' },
    confirmed_at: expect.stringMatching(/Z$/),
  }
  expect(await dutyOf(bench, (each) => each.id === duty)).toMatchObject(confirmed)
  expect((administration.listTasks() as readonly Duty[]).some((each) => each.id === duty)).toBe(false)
  await bench.stop()
  await bench.start()
  expect(await dutyOf(bench, (each) => each.id === duty)).toMatchObject(confirmed)
})

test('a unit of which no register makes use belongs to the only merchant, and to none of several', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const unit = () => dutyOf(bench, ({ kind }) => kind === 'at.unit_registration')
  await bench.until(unit)
  expect(await unit()).toMatchObject({ merchant_id: null, location_id: null, register_id: null })
})

test('a unit that replaces another one belongs to the merchant of that one, among several merchants', async () => {
  await using bench = await Bench.open({ config: TWO_CARDS })
  const { id } = await austrianTill(bench)
  const { merchant_id } = await bench.office.get(`/v1/registers/${id}`)
  const fiscal_identities = [{ country_code: 'AUT', vat_id: 'ATU87654321' }]
  await bench.office.post('/v1/merchants', { ...MERCHANT, fiscal_identities })
  const unit = () => dutyOf(bench, ({ device_id }) => device_id === 'card-2')
  await bench.until(unit)
  expect(await unit()).toMatchObject({ kind: 'at.unit_registration', merchant_id })
  const tasks = bench.agent.administration.listTasks() as readonly Duty[]
  expect(tasks.find(({ device_id }) => device_id === 'card-2')).toMatchObject({ merchant_id })
})

type Step = { what: string; operation: string | null; rc: string[] | null; status: string | null; by: string }

test('task list has what a person must do, --all each duty, and show all steps, in a trial with TEST', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  const duty = `startbeleg-check-${id}`
  await bench.until(async () => (await dutyOf(bench, (each) => each.id === duty))?.['state'] === 'confirmed')
  await inDirectory(async (folder) => {
    const file = join(folder, 'agent.json')
    const devices = [{ id: 'card-1', driver: 'card-simulator' }]
    await writeFile(file, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
    const task = (...words: readonly string[]) => fiskalEdge('duty', ...words, '--config', file)
    const all = await task('list', '--all')
    expect(all.out.split('\n').find((line) => line.endsWith(duty))).toContain('confirmed (TEST)')
    expect(all.out).toMatch(/\bdue {2}.*data-copy-/)
    const list = await task('list')
    expect(list.out).toContain('TEST: Check the Startbeleg')
    expect(list.out).toContain('data-copy-')
    const shown = await task('show', duty)
    for (const words of [/state +confirmed \(TEST\)/, /way +automatic/, /attempts +1/, /confirmed_by +authority/])
      expect(shown.out).toMatch(words)
    expect(shown.out).toMatch(/answered +belegpruefung +0/)
    const { steps } = JSON.parse((await task('show', `finanzonline-register-${id}`, '--json')).out) as {
      steps: Step[]
    }
    expect(steps.map(({ what, operation, rc, by }) => [what, operation, rc, by])).toEqual([
      ['sent', 'registrierung_kasse', null, 'agent'],
      ['answered', 'registrierung_kasse', ['0'], 'agent'],
      ['asked', null, ['0'], 'agent'],
    ])
    expect(steps.at(-1)?.status).toBe('REGISTRIERT')
    expect(await task('show', 'startbeleg-check-reg_0')).toMatchObject({ code: 1 })
  })
})

test('a duty that the client sends itself names the duty that comes before it', async () => {
  const service = await finanzonline()
  service.simulator.inject('maintenance=1000@login')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  const duties = await dutiesOf(bench)
  const unit = duties.find(({ kind }) => kind === 'at.unit_registration')
  const common = { way: 'automatic', mode: 'T', open: true, attempts: 0 }
  expect(unit).toMatchObject({ ...common, state: 'queued', waits_for: null })
  expect(duties.find(({ kind }) => kind === 'at.register_registration')).toMatchObject({
    ...{ ...common, state: 'due', waits_for: { kind: 'duty', id: unit?.id } },
  })
  expect(duties.find(({ kind }) => kind === 'at.start_receipt_check')).toMatchObject({
    ...{ ...common, state: 'due', waits_for: { kind: 'duty', id: `finanzonline-register-${id}` } },
  })
})

test('a duty waits for its merchant, for credentials, and in production for a certified unit', async () => {
  const service = await finanzonline()
  service.write('pin', 'wrong-pin')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const unit = () => dutyOf(bench, ({ kind }) => kind === 'at.unit_registration')
  await bench.until(unit)
  expect(await unit()).toMatchObject({ way: 'automatic', state: 'due', waits_for: { kind: 'merchant' } })
  await austrianTill(bench)
  const merchant = String((await unit())?.['merchant_id'])
  await bench.until(() => service.simulator.calls > 0)
  const credentials = { kind: 'credentials', id: `finanzonline-credentials-${merchant}` }
  await bench.until(async () => (await unit())?.['state'] === 'due')
  expect(await unit()).toMatchObject({ state: 'due', waits_for: credentials })
  const { finanzonline: settings } = service.authorities
  service.write('pin', SIMULATED_ACCOUNT.pin)
  await bench.restart(async () => {
    Object.assign(bench.config, { authorities: { finanzonline: { ...settings, mode: 'P', relay: true } } })
  })
  expect(await unit()).toMatchObject({ mode: 'P', state: 'due', waits_for: { kind: 'certified_unit', id: 'card-1' } })
})

test('task send refuses a duty that something else comes before, names it, and journals nothing', async () => {
  const service = await finanzonline('P')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  const unit = await dutyOf(bench, ({ kind }) => kind === 'at.unit_registration')
  const send = (duty: string) => bench.agent.administration.sendDuty(duty)
  await expect(send(`startbeleg-check-${id}`)).rejects.toThrow(
    `There is nothing to send: finanzonline-register-${id} comes before it.`,
  )
  await expect(send(`finanzonline-register-${id}`)).rejects.toThrow(`${unit?.id} comes before it.`)
  await expect(send(unit?.id ?? '')).rejects.toThrow('card-1 is not certified, and only a trial takes it.')
  expect(bench.journal().filter(({ kind }) => kind.startsWith('duty.'))).toEqual([])
})

test('a duty that a client has done in a trial is confirmed and stays open, and the word of a person closes it', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  const check = () => dutyOf(bench, (each) => each.id === `startbeleg-check-${id}`)
  await bench.until(async () => (await check())?.['state'] === 'confirmed')
  expect(await check()).toMatchObject({
    ...{ way: 'automatic', mode: 'T', open: true, attempts: 1, confirmed_by: 'authority' },
    confirmed_at: expect.stringMatching(/Z$/),
  })
  expect(await dutyOf(bench, ({ kind }) => kind === 'at.data_copy')).toMatchObject({ way: 'manual', mode: null })
  await bench.agent.administration.confirmTask(`startbeleg-check-${id}`, 'seen in the portal')
  expect(await check()).toMatchObject({ open: false, confirmed_by: 'person', note: 'seen in the portal', mode: 'T' })
})
