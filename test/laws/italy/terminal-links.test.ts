import { expect, test } from 'vitest'
import { enrolPrinter } from '../../../agent/devices/enrolment.ts'
import { confirmationOf } from '../../../agent/journal/confirmed-tasks.ts'
import type { KindWithoutFacts } from '../../../agent/journal/event-facts.ts'
import type { Marks } from '../../../agent/journal/events.ts'
import type { Journal } from '../../../agent/journal/journal.ts'
import { linksSheet } from '../../../agent/laws/italy/pos-links.ts'
import { linkDuties, terminalLinks } from '../../../agent/laws/italy/terminal-links.ts'
import { linkTasks } from '../../../agent/laws/italy/terminal-tasks.ts'
import type { UnlinkedTerminal } from '../../../agent/laws/terminal-rules.ts'
import { systemClock } from '../../../base/clock.ts'
import { openJournal, temporaryDirectory } from '../../journal/temporary-journal.ts'

type Shop = {
  journal: Journal
  /** The day of the events that follow. */
  on(day: string): void
  note(kind: KindWithoutFacts, op: string, marks: Marks): Promise<void>
  duties(): readonly string[]
}

const TERMINAL: UnlinkedTerminal = {
  ...{ id: 'trm_1', merchant_id: 'merchant_1', location_id: 'loc_1', register_ids: ['reg_1'] },
  ...{ kind: 'physical', tid: '50123456', holder: 'own', holder_name: null },
  acquirer: { tax_number: '12345678903', name: 'Acquirer S.p.A.' },
  ...{ active_from: '2026-05-04', active_to: null, metadata: null },
  ...{ created_at: '2026-05-04T08:00:00.000Z', updated_at: '2026-05-04T08:00:00.000Z' },
}
const UNDER_LAW = { fiscalization: { regime: 'RT' }, fiscalization_status: 'fiscalized' }

const PLACES = { loc_1: ['Via Po 1', '10123'], loc_2: ['Corso Dante 9', '10126'] } as const

/** Registers 1 and 2 at printer A, register 3 at printer B, at location 1 since 4 May 2026. */
async function inShop(use: (shop: Shop) => Promise<void>): Promise<void> {
  let nowMs = 0
  const journal = await openJournal(await temporaryDirectory(), { clock: { ...systemClock, now: () => nowMs } })
  const shop: Shop = {
    journal,
    on: (day) => {
      nowMs = Date.parse(`${day}T09:00:00Z`)
    },
    note: (kind, op, body) => journal.record(() => [{ kind, op, body }]),
    duties: () => [...linkDuties(journal.view)].flatMap((duty) => duty ?? []).map(({ id }) => id.replace('trm_1-', '')),
  }
  shop.on('2026-05-04')
  for (const [id, [line1, postal_code]] of Object.entries(PLACES)) {
    const address = { line1, postal_code, city: 'Torino', country_code: 'ITA' }
    const index = { kind: 'location' as const, merchant: 'merchant_1' }
    await shop.note('location.created', id, { index, set: { id, merchant_id: 'merchant_1', name: id, address } })
  }
  await enrolPrinter(journal, 'rt-1', 'A', nowMs)
  await enrolPrinter(journal, 'rt-2', 'B', nowMs)
  for (const [id, fiscal_device] of [
    ['reg_1', 'rt-1'],
    ['reg_2', 'rt-1'],
    ['reg_3', 'rt-2'],
  ] as const) {
    const index = { kind: 'register' as const, merchant: 'merchant_1', register: id }
    await shop.note('register.created', id, { index, set: { id, location_id: 'loc_1', fiscal_device } })
    await shop.note('register.fiscalized', id, { set: UNDER_LAW })
  }
  await use(shop)
  await journal.close()
}

async function made(shop: Shop, terminal: UnlinkedTerminal = TERMINAL): Promise<void> {
  const index = { kind: 'payment_terminal' as const, merchant: 'merchant_1' }
  await shop.note('payment_terminal.created', terminal.id, { index, set: terminal })
}

function changed(shop: Shop, set: Marks['set']): Promise<void> {
  return shop.note('payment_terminal.updated', TERMINAL.id, { set: set ?? {} })
}

function confirmed(shop: Shop, task: string): Promise<void> {
  const body = { index: { kind: 'confirmation' as const }, set: { duty: task, title: 'Unlink', due: '2026-08-31' } }
  return shop.journal.record(() => [{ kind: 'duty.confirmed', op: confirmationOf(task), body }])
}

test('a terminal is linked with each printer of its registers, once, from its first day', () =>
  inShop(async (shop) => {
    const terminal = { ...TERMINAL, register_ids: ['reg_1', 'reg_2', 'reg_3'] }
    const before = terminalLinks(shop.journal.view, terminal, '2026-05-04T09:00:00.000Z')
    await made(shop, terminal)
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-link-B-20260504'])
    expect(terminalLinks(shop.journal.view, terminal)).toEqual(before)
    expect(before[0]).toEqual({
      ...{ rt_serial_number: 'A', duty_id: 'pos-link-trm_1-A-20260504', state: 'due' },
      window: { from: '2026-07-06', to: '2026-07-31' },
    })
  }))

test('a terminal that is entered later counts from its first day, not from its entry', () =>
  inShop(async (shop) => {
    shop.on('2026-09-01')
    await made(shop, { ...TERMINAL, active_from: '2025-11-03' })
    expect(shop.duties()).toEqual(['pos-link-A-20251103'])
    expect([...linkDuties(shop.journal.view)].find((duty) => duty !== undefined)?.window).toEqual({
      from: '2026-03-05',
      to: '2026-04-20',
    })
  }))

test('a register that joins is linked and one that leaves is unlinked on the day of the change', () =>
  inShop(async (shop) => {
    await made(shop)
    shop.on('2026-06-10')
    await changed(shop, { register_ids: ['reg_2', 'reg_3'] })
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-link-B-20260610'])
    shop.on('2026-06-20')
    await changed(shop, { register_ids: ['reg_3'] })
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-link-B-20260610', 'pos-unlink-A-20260620'])
  }))

test('an entry that is corrected on its day leaves no duty behind', () =>
  inShop(async (shop) => {
    shop.on('2026-06-10')
    await made(shop)
    await changed(shop, { register_ids: ['reg_3'] })
    expect(shop.duties()).toEqual(['pos-link-B-20260504'])
  }))

test('a printer with another matricola is linked, and the former one unlinked, on the day of the exchange', () =>
  inShop(async (shop) => {
    await made(shop)
    shop.on('2026-07-01')
    await enrolPrinter(shop.journal, 'rt-1', 'C', Date.parse('2026-07-01T09:00:00Z'))
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-unlink-A-20260701', 'pos-link-C-20260701'])
    shop.on('2026-08-01')
    await shop.note('register.device_changed', 'reg_1', { set: { fiscal_device: 'rt-2' } })
    expect(shop.duties().slice(3)).toEqual(['pos-unlink-C-20260801', 'pos-link-B-20260801'])
  }))

/** The register and its terminal, as one commit has both. */
async function moved(shop: Shop, place: string): Promise<void> {
  await shop.note('register.updated', 'reg_1', { set: { location_id: place } })
  await changed(shop, { location_id: place })
}

test('a printer that moves with its register ends the link at the former place and begins one at the new place', () =>
  inShop(async (shop) => {
    await made(shop)
    shop.on('2026-07-01')
    await moved(shop, 'loc_2')
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-unlink-A-20260701', 'pos-link-A-20260701'])
    const tasks = [...linkTasks(shop.journal.view)].filter((task) => task !== undefined)
    expect(tasks.map(({ instructions: [first = ''] }) => first.split('), ')[1])).toEqual([
      'Via Po 1, 10123 Torino.',
      'Via Po 1, 10123 Torino.',
      'Corso Dante 9, 10126 Torino.',
    ])
    expect(linksSheet(shop.journal.view).map((line) => line.trim().split(';').slice(5, 10).join(';'))).toEqual([
      'indirizzo;cap;comune;evento;data',
      'Via Po 1;10123;Torino;collegamento;2026-05-04',
      'Corso Dante 9;10126;Torino;collegamento;2026-07-01',
      'Via Po 1;10123;Torino;scollegamento;2026-07-01',
    ])
    shop.on('2026-09-01')
    await changed(shop, { active_to: '2026-09-30' })
    await moved(shop, 'loc_1')
    expect(shop.duties().slice(3)).toEqual(['pos-unlink-A-20260901', 'pos-link-A-20260901', 'pos-unlink-A-20260930'])
  }))

test('a move that is taken back on its day, and one before the first day of use, leave no duty', () =>
  inShop(async (shop) => {
    await made(shop, { ...TERMINAL, active_from: '2026-08-03' })
    shop.on('2026-06-10')
    await moved(shop, 'loc_2')
    expect(shop.duties()).toEqual(['pos-link-A-20260803'])
    shop.on('2026-09-01')
    await moved(shop, 'loc_1')
    await moved(shop, 'loc_2')
    expect(shop.duties()).toEqual(['pos-link-A-20260803'])
  }))

test('on the day of its entry a terminal moves from its first link, and leaves a register that moves', () =>
  inShop(async (shop) => {
    shop.on('2026-07-01')
    await made(shop, { ...TERMINAL, register_ids: ['reg_1', 'reg_3'] })
    await changed(shop, { register_ids: ['reg_1'] })
    await moved(shop, 'loc_2')
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-unlink-A-20260701', 'pos-link-A-20260701'])
    const other = { ...TERMINAL, id: 'trm_2', register_ids: ['reg_1', 'reg_3'] }
    await made(shop, other)
    await shop.note('register.updated', 'reg_3', { set: { location_id: 'loc_2' } })
    await shop.note('payment_terminal.updated', other.id, { set: { register_ids: ['reg_1'] } })
    expect(
      terminalLinks(shop.journal.view, { ...other, register_ids: ['reg_1'] }).map(({ duty_id: id }) => id),
    ).toEqual([...['pos-link-trm_2-A-20260504', 'pos-link-trm_2-B-20260504', 'pos-unlink-trm_2-B-20260701']])
  }))

test('a terminal that stays at a printer of its other register has no duty when one register moves', () =>
  inShop(async (shop) => {
    await made(shop, { ...TERMINAL, register_ids: ['reg_1', 'reg_2', 'reg_3'] })
    shop.on('2026-07-01')
    await shop.note('register.updated', 'reg_1', { set: { location_id: 'loc_2' } })
    await changed(shop, { register_ids: ['reg_2', 'reg_3'] })
    expect(shop.duties()).toEqual(['pos-link-A-20260504', 'pos-link-B-20260504'])
  }))

test('a printer that moves while its terminal is paused is linked at the new place when the pause ends', () =>
  inShop(async (shop) => {
    await made(shop)
    await changed(shop, { active_to: '2026-06-30' })
    await confirmed(shop, 'pos-unlink-trm_1-A-20260630')
    shop.on('2026-07-10')
    await moved(shop, 'loc_2')
    shop.on('2026-08-20')
    await changed(shop, { active_to: null })
    const duties = [...linkDuties(shop.journal.view)].flatMap((duty) => duty ?? [])
    expect(duties.map(({ what, day, location }) => [what, day, location])).toEqual([
      ['link', '2026-05-04', 'loc_1'],
      ['unlink', '2026-06-30', 'loc_1'],
      ['link', '2026-08-20', 'loc_2'],
    ])
  }))

test('a register that is fiscalized later is linked then, and one that ends is unlinked', () =>
  inShop(async (shop) => {
    const index = { kind: 'register' as const, merchant: 'merchant_1', register: 'reg_4' }
    await shop.note('register.created', 'reg_4', { index, set: { id: 'reg_4', fiscal_device: 'rt-1' } })
    await made(shop, { ...TERMINAL, register_ids: ['reg_4'] })
    expect(shop.duties()).toEqual([])
    shop.on('2026-05-20')
    await shop.note('register.fiscalized', 'reg_4', { set: UNDER_LAW })
    shop.on('2026-10-02')
    await shop.note('register.decommissioned', 'reg_4', { set: { fiscalization_status: 'decommissioned' } })
    expect(shop.duties()).toEqual(['pos-link-A-20260520', 'pos-unlink-A-20261002'])
  }))

test('a terminal is unlinked from all its printers on its last day, and later changes make no duty', () =>
  inShop(async (shop) => {
    await made(shop, { ...TERMINAL, register_ids: ['reg_1', 'reg_3'] })
    shop.on('2026-06-10')
    await changed(shop, { active_to: '2026-06-30' })
    shop.on('2026-07-05')
    await changed(shop, { register_ids: ['reg_1'] })
    expect(shop.duties().slice(2)).toEqual(['pos-unlink-A-20260630', 'pos-unlink-B-20260630'])
    await changed(shop, { active_to: null })
    expect(shop.duties().slice(2)).toEqual(['pos-unlink-B-20260705'])
  }))

test('a printer whose end was confirmed is linked again when the last day is taken back, and others stay linked', () =>
  inShop(async (shop) => {
    await made(shop, { ...TERMINAL, register_ids: ['reg_1', 'reg_3'] })
    shop.on('2026-06-10')
    await changed(shop, { active_to: '2026-06-30' })
    await confirmed(shop, 'pos-unlink-trm_1-A-20260630')
    shop.on('2026-09-01')
    const at = '2026-09-01T09:00:00.000Z'
    const open = { ...TERMINAL, register_ids: ['reg_1', 'reg_3'] }
    const answered = terminalLinks(shop.journal.view, open, at)
    await changed(shop, { active_to: null })
    expect(shop.duties().slice(2)).toEqual(['pos-unlink-A-20260630', 'pos-link-A-20260901'])
    expect(terminalLinks(shop.journal.view, open)).toEqual(answered)
    await changed(shop, { active_to: '2026-12-01' })
    expect(shop.duties().slice(3)).toEqual(['pos-link-A-20260901', 'pos-unlink-A-20261201', 'pos-unlink-B-20261201'])
  }))

test('a terminal whose last day was moved after its end was confirmed is linked from that change to the new day', () =>
  inShop(async (shop) => {
    await made(shop)
    await changed(shop, { active_to: '2026-06-30' })
    await confirmed(shop, 'pos-unlink-trm_1-A-20260630')
    shop.on('2026-07-10')
    await shop.note('register.device_changed', 'reg_1', { set: { fiscal_device: 'rt-2' } })
    shop.on('2026-08-20')
    await changed(shop, { active_to: '2026-10-31' })
    expect(shop.duties()).toEqual([
      ...['pos-link-A-20260504', 'pos-unlink-A-20260630'],
      ...['pos-link-B-20260820', 'pos-unlink-B-20261031'],
    ])
  }))

test('an end that no one has confirmed and that is taken back leaves no duty', () =>
  inShop(async (shop) => {
    await made(shop)
    await changed(shop, { active_to: '2026-06-30' })
    shop.on('2026-09-01')
    await changed(shop, { active_to: null })
    expect(shop.duties()).toEqual(['pos-link-A-20260504'])
  }))

test('a change before the first day of use belongs to that day', () =>
  inShop(async (shop) => {
    await made(shop, { ...TERMINAL, active_from: '2026-08-03' })
    shop.on('2026-06-10')
    await changed(shop, { register_ids: ['reg_3'] })
    expect(shop.duties()).toEqual(['pos-link-B-20260803'])
  }))

test('the task of a link has its window, its portal and its choice; a terminal of a franchisor is keyed in', () =>
  inShop(async (shop) => {
    const terminal = { ...TERMINAL, holder: 'franchisor' as const, holder_name: 'Gelati Rossi S.p.A.' }
    await made(shop, { ...terminal, active_to: '2026-12-31' })
    const [link, end] = [...linkTasks(shop.journal.view)].filter((task) => task !== undefined)
    expect(link).toMatchObject({
      ...{ kind: 'it.pos_link', not_before: '2026-07-06', due: '2026-07-31', register_id: 'reg_1' },
      title: 'Link terminal 50123456 with printer A',
    })
    const service = '"Collegamento dispositivi - POS", "Gestione collegamenti"'
    for (const task of [link, end]) expect(task?.instructions.join('\n')).toContain(service)
    const steps = link?.instructions.join('\n')
    expect(steps).toContain('that of Gelati Rossi S.p.A.')
    expect(steps).toContain('does not propose it: key the terminal in')
    for (const task of [link, end])
      expect(task?.instructions.join('\n')).toMatch(/excluded there by mistake does not come back: enter it by hand/)
    expect(end).toMatchObject({ kind: 'it.pos_unlink', not_before: '2027-02-06', due: '2027-02-26' })
    expect([link, end].map((task) => task?.instructions[0]?.slice(0, 45))).toEqual([
      'It takes money for the printer from 2026-05-04 on'.slice(0, 45),
      'It takes money for the printer until 2026-12-',
    ])
  }))
