// @module-tag heavy
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUp, restore } from '../../backup/parts.ts'
import { temporaryDirectory } from '../../journal/temporary-journal.ts'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { event } from '../goods.ts'
import { accepted, finanzonline, forbidden, progress, registeredWithAnotherKey } from './finanzonline.ts'
import { austrianTill, ONE_CARD, sell } from './shop.ts'

function isDone(bench: Bench): boolean {
  return progress(bench)['startbeleg-check']?.state === 'confirmed'
}

test('a register that was registered with another key is refused at its Startbeleg, in words', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  await registeredWithAnotherKey(bench, service)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'refused')
  expect(progress(bench)['startbeleg-check']).toMatchObject({ reason: 'receipt_faulty' })
  expect(JSON.stringify(progress(bench)['startbeleg-check'])).toMatch(
    /another AES key in FinanzOnline: correct it there, then fiskal-edge duty send/,
  )
})

test('the end of a register is reported although its Startbeleg fails, and withdraws the check', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: ONE_CARD })
  const { id, till } = await austrianTill(bench)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  const today = new Date().toLocaleDateString('sv', { timeZone: 'Europe/Vienna' })
  await till.create(event('session_close', id, { business_date: today, closing_adjustment_amount: '0.00' }))
  await registeredWithAnotherKey(bench, service)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'refused')
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  await bench.until(() => progress(bench)['finanzonline-register-end']?.state === 'confirmed')
  expect(accepted(service).at(-1)).toBe('ausfall_kasse')
  const state = async () => {
    const duties = await bench.agent.administration.listDuties()
    return duties.find((duty) => duty.id === `startbeleg-check-${id}`)?.state
  }
  expect(await state()).toBe('refused')
  // A trial fulfils nothing: a person says that it is done.
  await bench.agent.administration.confirmTask(`finanzonline-register-end-${id}`, 'in the portal')
  await bench.until(async () => (await state()) === 'withdrawn')
})

test('a check that is refused for another reason than the receipt has the words of the office alone', async () => {
  const service = await finanzonline()
  service.simulator.inject('wrong-state@belegpruefung')
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  await austrianTill(bench)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'refused')
  expect(JSON.stringify(progress(bench)['startbeleg-check'])).not.toContain('AES key')
})

test('a backup from before the registrations asks what was done since, and sends none of it again', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  const folder = await temporaryDirectory()
  await bench.stop()
  const { file } = await backUp(bench.config.state, folder)
  Object.assign(bench.config, { authorities: service.authorities })
  await bench.start()
  await bench.until(() => isDone(bench))
  await bench.stop()
  const state = join(folder, 'state')
  await restore(state, file, { word: 'nothing_lost' })
  await rm(join(state, 'devices'), { recursive: true })
  await cp(join(bench.config.state, 'devices'), join(state, 'devices'), { recursive: true })
  await using shop = await Bench.open({ config: { ...ONE_CARD, state, authorities: service.authorities } })
  await shop.until(() => isDone(shop))
  expect(accepted(service)).toEqual(['registrierung_se', 'registrierung_kasse', 'belegpruefung'])
  expect(progress(shop)['startbeleg-check']).toMatchObject({ confirmed_by: 'found', attempts: 0 })
  expect(forbidden(service)).toEqual([])
  await shop.stop()
  expect(await verifyJournal(state)).toMatchObject({ valid: true, projections: 'equal', codes: [] })
})

test('a change to production and back carries nothing over, and a silent service delays no sale', async () => {
  const service = await finanzonline()
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities } })
  const register = await austrianTill(bench)
  await bench.until(() => isDone(bench))
  const { finanzonline: settings } = service.authorities
  const turned = (mode: 'T' | 'P') => async () =>
    void Object.assign(bench.config, { authorities: { finanzonline: { ...settings, mode } } })
  await bench.restart(turned('P'))
  await bench.untilDevice('ready')
  service.simulator.inject('silence=60000@*#*')
  await bench.restart(turned('T'))
  await bench.untilDevice('ready')
  for (let sale = 0; sale < 10; sale += 1)
    await sell({ ...register, till: bench.client({ 'X-Register-Api-Key': register.key }) }, '1.00')
  expect(accepted(service)).toHaveLength(3)
  expect(progress(bench, 'P')).toEqual({})
  await bench.stop()
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, projections: 'equal', codes: [] })
})

test('an outage over the night of the clock change and its end are reported once each, over restarts and faults', async () => {
  const clock = new CalendarClock('2026-10-23T22:30:00Z')
  const service = await finanzonline('T', clock)
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, clock })
  await bench.agent.administration.checkAuthority()
  const register = await austrianTill(bench)
  await bench.until(() => isDone(bench))
  await bench.faultAt('card-1', 'unplugged@*')
  clock.jump('2026-10-24T00:30:00.700Z')
  await sell(register, '1.00')
  for (const fault of ['lost-answer@ausfall_se', 'truncated@wiederinbetriebnahme_se', 'session-gone@status_see'])
    service.simulator.inject(fault)
  clock.jump('2026-10-26T01:00:00Z')
  // The card is plugged in again.
  await bench.restart()
  await bench.until(() => progress(bench)['outage']?.state === 'confirmed')
  await bench.restart()
  await bench.until(() => progress(bench)['outage-end']?.state === 'confirmed')
  await bench.restart()
  await bench.untilDevice('ready')
  expect(accepted(service)).toEqual([
    'registrierung_se',
    'registrierung_kasse',
    'belegpruefung',
    'ausfall_se',
    'wiederinbetriebnahme_se',
  ])
  expect(forbidden(service)).toEqual([])
  const sent = bench.journal().filter(({ kind }) => kind === 'duty.sent')
  const all = sent.map(({ seq, body }) => ({ seq, ...(JSON.parse(body) as { facts: Members }).facts }))
  expect(all.every(({ seq, packet }: Members) => packet === seq)).toBe(true)
  // A request that certainly had no effect is sent again.
  const facts = all.filter(
    (one: Members, at) => one['operation'] !== (all[at + 1] as Members | undefined)?.['operation'],
  )
  const [{ subject }] = facts as unknown as [{ subject: string }]
  expect(subject).toMatch(/^[0-9a-f]{8,}$/)
  expect(facts).toMatchObject([
    { operation: 'registrierung_se', mode: 'T', vda_id: 'AT9' },
    { operation: 'registrierung_kasse' },
    { operation: 'belegpruefung', subject: `${register.clientId}_1` },
    { operation: 'ausfall_se', subject, reason: 2, since: expect.stringMatching(/^2026-10-24T00:30:\d\dZ$/) },
    { operation: 'wiederinbetriebnahme_se', subject, end: expect.stringMatching(/^2026-10-26T01:00:\d\dZ$/) },
  ])
  expect(progress(bench)).toMatchObject({
    outage: { confirmed_by: 'authority' },
    'outage-end': { confirmed_by: 'authority' },
  })
})
