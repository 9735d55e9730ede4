// @module-tag heavy
import { expect, test } from 'vitest'
import { verifyJournal } from '../../verified-journal.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { event } from '../goods.ts'
import { accepted, finanzonline, forbidden, progress } from './finanzonline.ts'
import { austrianTill, ONE_CARD, sell } from './shop.ts'

type Listed = { id: string; due: string; instructions: readonly string[] }

function outageTasks(bench: Bench): readonly Listed[] {
  const tasks = bench.agent.administration.listTasks() as readonly Listed[]
  return tasks.filter(({ id }) => id.startsWith('outage-'))
}

function requests(bench: Bench): Members[] {
  return bench.journal().flatMap(({ kind, body }) => {
    const { facts } = JSON.parse(body) as { facts: Members }
    return kind === 'duty.sent' ? [facts] : []
  })
}

test.each([
  ['theft', 1],
  ['defective', 5],
  ['other', 99],
] as const)(
  'an outage of a register by %s has the code %i, and it and its end are sent once each',
  async (reason, code) => {
    const clock = new CalendarClock('2026-11-20T09:00:00Z')
    const service = await finanzonline('T', clock)
    await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, clock })
    await bench.agent.administration.checkAuthority()
    const { id, clientId } = await austrianTill(bench)
    await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
    clock.jump('2026-11-20T12:00:00Z')
    for (const fault of ['lost-answer@ausfall_kasse', 'lost-request@wiederinbetriebnahme_kasse'])
      service.simulator.inject(fault)
    const since = '2026-11-20T11:30:00+01:00'
    const report = (until?: string) => bench.agent.administration.reportOutage(id, { reason, since, until })
    const began = `outage-${id}-20261120T103000Z`
    expect(await report()).toEqual({ id, duties: [began], recorded: true })
    await bench.restart()
    await bench.until(() => progress(bench)['outage']?.state === 'confirmed')
    clock.jump('2026-11-23T08:00:00Z')
    const end = '2026-11-23T07:15:00.5Z'
    expect(await report(end)).toEqual({ id, duties: [began.replace('outage', 'outage-end')], recorded: true })
    await bench.restart()
    await bench.until(() => progress(bench)['outage-end']?.state === 'confirmed')
    expect(await report(end)).toMatchObject({ recorded: false })
    const acts = ['registrierung_se', 'registrierung_kasse', 'belegpruefung']
    expect(accepted(service)).toEqual([...acts, 'ausfall_kasse', 'wiederinbetriebnahme_kasse'])
    expect(forbidden(service)).toEqual([])
    const subject = clientId
    const sent = requests(bench)
    expect(sent).toContainEqual(
      expect.objectContaining({ operation: 'ausfall_kasse', subject, reason: code, since: '2026-11-20T10:30:00Z' }),
    )
    expect(sent.at(-1)).toMatchObject({ operation: 'wiederinbetriebnahme_kasse', subject, end: '2026-11-23T07:15:00Z' })
    const listed = outageTasks(bench)
    await bench.restart()
    expect(outageTasks(bench)).toEqual(listed)
    await bench.stop()
    expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, projections: 'equal', codes: [] })
  },
)

test.each([
  ['theft', 1],
  ['other', 99],
] as const)('a unit whose outage has the reason %s is reported with the code %i', async (reason, code) => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  const service = await finanzonline('T', clock)
  await using bench = await Bench.open({ config: { ...ONE_CARD, authorities: service.authorities }, clock })
  await bench.agent.administration.checkAuthority()
  const register = await austrianTill(bench)
  await bench.until(() => progress(bench)['startbeleg-check']?.state === 'confirmed')
  const report = (ground: typeof reason | 'defective' = reason) =>
    bench.agent.administration.reportOutage('card-1', { reason: ground })
  await expect(report()).rejects.toThrow('Signature unit card-1 has no outage that is to be reported.')
  await bench.faultAt('card-1', 'unplugged@*')
  clock.jump('2026-11-20T10:00:00Z')
  await sell(register, '1.00')
  const { administration } = bench.agent
  const duty = 'outage-card-1-2026-11-20'
  expect(await report('defective')).toEqual({ id: 'card-1', duties: [duty], recorded: true })
  expect(await report()).toMatchObject({ duties: [duty], recorded: true })
  expect(await report()).toMatchObject({ recorded: false })
  await expect(administration.reportOutage('card-1', { reason, until: '2026-11-20T10:00:00Z' })).rejects.toThrow(
    'repeat the command without --until',
  )
  await expect(administration.reportOutage('card-1', { reason, since: '2026-11-19T10:00:00Z' })).rejects.toThrow(
    'no outage that began on 2026-11-19',
  )
  expect(accepted(service)).not.toContain('ausfall_se')
  clock.jump('2026-11-22T10:30:00Z')
  // The card is plugged in again.
  await bench.restart()
  await bench.until(() => progress(bench)['outage-end']?.state === 'confirmed')
  expect(requests(bench).find(({ operation }) => operation === 'ausfall_se')).toMatchObject({ reason: code })
  await expect(bench.agent.administration.reportOutage('card-1', { reason: 'defective' })).rejects.toThrow(
    `${duty} is sent or confirmed already: correct it in FinanzOnline.`,
  )
})

test('without an account an outage of a register is a task for a person, with its facts', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const { id, clientId } = await austrianTill(bench)
  clock.jump('2026-11-23T08:00:00Z')
  const since = '2026-11-20T10:30:00Z'
  await bench.agent.administration.reportOutage(id, { reason: 'theft', since, until: '2026-11-23T07:00:00Z' })
  const [began, ended] = outageTasks(bench)
  expect(began).toMatchObject({ id: `outage-${id}-20261120T103000Z`, due: '2026-11-27' })
  expect(ended).toMatchObject({ id: `outage-end-${id}-20261120T103000Z`, due: '2026-11-30' })
  for (const task of [began, ended])
    expect(task?.instructions.join(' ')).toContain(
      `Kassenidentifikationsnummer: ${clientId}. Beginn: 2026-11-20T11:30:00.`,
    )
  expect(began?.instructions.join(' ')).toContain('theft or loss')
  expect(ended?.instructions.join(' ')).toContain('Ende: 2026-11-23T08:00:00.')
  await bench.agent.administration.confirmTask(began?.id ?? '')
  await bench.restart()
  expect(outageTasks(bench)).toEqual([ended])
})

test('a report of an outage that cannot be is refused with what to do', async () => {
  const clock = new CalendarClock('2026-11-20T09:00:00Z')
  await using bench = await Bench.open({ config: ONE_CARD, clock })
  const { id, till } = await austrianTill(bench)
  clock.jump('2026-11-23T08:00:00Z')
  const report = (since?: string, until?: string, reason: 'theft' | 'other' = 'theft', of = id) =>
    bench.agent.administration.reportOutage(of, { reason, since, until })
  const [before, early, late] = ['2026-11-20T10:00:00Z', '2026-11-21T10:00:00Z', '2026-11-22T10:00:00Z']
  await expect(report(undefined)).rejects.toThrow('Name the begin of the outage: --since TIME.')
  await expect(report('yesterday')).rejects.toThrow('yesterday is not an RFC 3339 time.')
  await expect(report('2026-11-24T10:00:00Z')).rejects.toThrow(
    '2026-11-24T10:00:00Z is in the future: the clock here says',
  )
  await expect(report(early, '2026-11-24T10:00:00Z')).rejects.toThrow('2026-11-24T10:00:00Z is in the future')
  await expect(report(late, early)).rejects.toThrow('The outage ends before it begins')
  await expect(report('2025-11-21T10:00:00Z')).rejects.toThrow(
    `is before the Startbeleg of register ${id} (2026-11-20T`,
  )
  await expect(report(early, undefined, 'theft', 'reg_0')).rejects.toThrow('There is no register reg_0.')
  await expect(report(early, undefined, 'theft', 'card-9')).rejects.toThrow('There is no device card-9.')
  expect(outageTasks(bench)).toEqual([])
  await report(early)
  await expect(report(late)).rejects.toThrow(`--reason theft --since ${early} and --until TIME.`)
  await expect(report(early, undefined, 'other')).rejects.toThrow('was reported with --reason theft')
  await report(early, late)
  await expect(report(early, '2026-11-22T11:00:00Z')).rejects.toThrow(`This outage ended at ${late}`)
  await expect(report(before)).rejects.toThrow(`had an outage until ${late}`)
  expect(outageTasks(bench)).toHaveLength(2)
  await till.create(event('session_cash_count', id, { counted_closing_amount: '50.00' }))
  await till.create(event('session_close', id, { business_date: '2026-11-23' }))
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  await expect(report('2026-11-23T07:00:00Z')).rejects.toThrow('is decommissioned')
})

test('registers and devices of another law have no outage to report', async () => {
  await using bench = await Bench.open()
  const { id } = await bench.till()
  for (const [of, what] of [
    [id, 'Register'],
    ['tse-1', 'Device'],
  ] as const)
    await expect(
      bench.agent.administration.reportOutage(of, { reason: 'theft', since: '2026-01-01T00:00:00Z' }),
    ).rejects.toThrow(`${what} ${of} is not one of Austria`)
})
