import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { finanzonline } from '../e2e/austria/finanzonline.ts'
import { austrianTill, MERCHANT, ONE_CARD, TWO_CARDS } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { fiskalEdge } from './command.ts'

type Duty = { id: string; kind: string; [member: string]: unknown }

function dutiesOf(bench: Bench): readonly Duty[] {
  return bench.agent.administration.listDuties() as readonly Duty[]
}

test('each task of Austria is a duty with its kind, office, reason and merchant, by due date', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id } = await austrianTill(bench)
  const register = await bench.office.get(`/v1/registers/${id}`)
  const duties = dutiesOf(bench)
  const byKind = Object.fromEntries(duties.map((duty) => [duty.kind, duty]))
  const common = { law: 'RKSV', way: 'manual', mode: null, state: 'due', open: true, attempts: 0, confirmed_at: null }
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
  expect(tasks.find(({ kind }) => kind === 'at.register_registration')).toMatchObject({ merchant_id, law: 'RKSV' })
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
  expect(dutiesOf(bench).find((each) => each.id === duty)).toMatchObject(confirmed)
  expect((administration.listTasks() as readonly Duty[]).some((each) => each.id === duty)).toBe(false)
  await bench.stop()
  await bench.start()
  expect(dutiesOf(bench).find((each) => each.id === duty)).toMatchObject(confirmed)
})

test('a unit of which no register makes use belongs to the only merchant, and to none of several', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const unit = () => dutiesOf(bench).find(({ kind }) => kind === 'at.unit_registration')
  await bench.until(async () => unit() !== undefined)
  expect(unit()).toMatchObject({ merchant_id: null, location_id: null, register_id: null })
})

test('a unit that replaces another one belongs to the merchant of that one, among several merchants', async () => {
  await using bench = await Bench.open({ config: TWO_CARDS })
  const { id } = await austrianTill(bench)
  const { merchant_id } = await bench.office.get(`/v1/registers/${id}`)
  const fiscal_identities = [{ country_code: 'AUT', vat_id: 'ATU87654321' }]
  await bench.office.post('/v1/merchants', { ...MERCHANT, fiscal_identities })
  const unit = () => dutiesOf(bench).find(({ device_id }) => device_id === 'card-2')
  await bench.until(async () => unit() !== undefined)
  expect(unit()).toMatchObject({ kind: 'at.unit_registration', merchant_id })
  const tasks = bench.agent.administration.listTasks() as readonly Duty[]
  expect(tasks.find(({ device_id }) => device_id === 'card-2')).toMatchObject({ merchant_id })
})

test('task list --all and task show say that a duty was confirmed in the trial', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  const duty = `startbeleg-check-${id}`
  await bench.until(() => dutiesOf(bench).find((each) => each.id === duty)?.['state'] === 'confirmed')
  await inDirectory(async (folder) => {
    const file = join(folder, 'agent.json')
    const devices = [{ id: 'card-1', driver: 'card-simulator' }]
    await writeFile(file, JSON.stringify({ version: 1, state: bench.config.state, listen: { port: 0 }, devices }))
    const all = await fiskalEdge('task', 'list', '--all', '--config', file)
    expect(all.out.split('\n').find((line) => line.endsWith(duty))).toContain('confirmed (trial)')
    expect(all.out).toMatch(/\bdue {2}.*dep-backup-/)
    const shown = await fiskalEdge('task', 'show', duty, '--config', file)
    for (const words of [/state +confirmed \(trial\)/, /way +automatic/, /attempts +1/, /confirmed_by +authority/])
      expect(shown.out).toMatch(words)
  })
})

test('a duty that a client has done in a trial is confirmed and stays open, and the word of a person closes it', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const { id } = await austrianTill(bench)
  const check = () => dutiesOf(bench).find((each) => each.id === `startbeleg-check-${id}`)
  await bench.until(() => check()?.['state'] === 'confirmed')
  expect(check()).toMatchObject({
    ...{ way: 'automatic', mode: 'T', open: true, attempts: 1, confirmed_by: 'authority' },
    confirmed_at: expect.stringMatching(/Z$/),
  })
  expect(dutiesOf(bench).find(({ kind }) => kind === 'at.data_copy')).toMatchObject({ way: 'manual', mode: null })
  await bench.agent.administration.confirmTask(`startbeleg-check-${id}`, 'seen in the portal')
  expect(check()).toMatchObject({ open: false, confirmed_by: 'person', note: 'seen in the portal', mode: 'T' })
})
