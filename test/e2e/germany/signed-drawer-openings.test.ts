// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { journalledNumbers } from '../../../agent/devices/journalled-numbers.ts'
import { headSeq } from '../../../agent/journal/event-table.ts'
import { readingView } from '../../../agent/journal/projections/view.ts'
import { openReadOnly } from '../../../agent/journal/reader.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import { CalendarClock } from '../calendar-clock.ts'
import type { Members } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay, sell } from '../goods.ts'
import { bodies, counted } from '../shift.ts'

type Signed = { readonly transaction_number: number; readonly end_event: { readonly transaction_counter: number } }

test('an opening of the drawer whose signature was unknown shows it once it is reconciled', async () => {
  await using bench = await Bench.open({
    clock: new FastClock(10),
    config: { dsfinvk: { exportDrawerOpenings: true }, deadlineMs: 500 },
  })
  const { till } = await bench.till()
  const path = '/v1/cash-drawer-openings'
  await bench.fault('lost-answer@finish', 'unplugged@openTransactions#1+')
  const { occurred_at, fiscal, ...made } = await till.post(path, { occurred_at: '2026-03-02T12:00:00Z' })
  expect(fiscal).toMatchObject({ state: 'pending', receipt_text: 'TSE ausgefallen' })
  await bench.fault('clear')
  await bench.until(() => bodies(bench, 'operation.reconciled').length > 0)
  const settled = await till.get(`${path}/${String(made['id'])}`)
  expect(settled).toEqual({ occurred_at, ...made, fiscal: settled['fiscal'] })
  expect(settled['fiscal']).toMatchObject({ state: 'succeeded', regime: 'KassenSichV', receipt_number: '2' })
})

test('a signed opening of the drawer is in the journal as AVSonstige', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const { till } = await bench.till()
  await till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld' })
  const signed = bench
    .journal()
    .map(({ body }) => JSON.parse(body) as { law?: { signed?: Members } })
    .flatMap(({ law }) => law?.signed ?? [])
  expect(signed).toMatchObject([{ document_type: 'AVSonstige', end_event: { process_type: 'SonstigerVorgang' } }])
})

test('the last signature of a TSE is known from the journal after an opening of the drawer', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const { till } = await bench.till()
  const made = await till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z' })
  const { transaction_number: transaction, end_event: end } = made['fiscal'] as Signed
  const db = openReadOnly(bench.config.state)
  const { last } = journalledNumbers(readingView(db), headSeq(db), 'tse-1')
  db.close()
  expect(last).toEqual({ transaction, signatureCounter: end.transaction_counter })
})

test('a signed opening of the drawer answers state, number and signature, and its slip has them', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const register = await bench.till()
  const { till } = register
  const path = '/v1/cash-drawer-openings'
  const made = await till.post(path, { occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld' })
  const fiscal = made['fiscal'] as Members
  expect(fiscal).toMatchObject({
    state: 'succeeded',
    regime: 'KassenSichV',
    receipt_number: '2',
    document_type: 'AVSonstige',
    end_event: { process_type: 'SonstigerVorgang', process_data: 'Kassenladenöffnung: Wechselgeld' },
  })
  expect(await till.get(`${path}/${String(made['id'])}`)).toEqual(made)
  const { end_event: end } = fiscal as { end_event: { signature: string } }
  const slip = await till.get(`/v1/operations/${String(made['id'])}/receipt`)
  expect(slip).toMatchObject({ qr: (fiscal['verification'] as Members)['qr_data'], notices: ['NICHT ZERTIFIZIERT'] })
  expect(slip['header']).toContainEqual({ label: 'Belegnummer', value: '2' })
  expect(slip['fiscal']).toContainEqual({ label: 'TSE-Signatur', value: end.signature })
  const { id: operation } = await sell(register, '1.00')
  const linked = await till.post(path, { occurred_at: '2026-03-02T12:00:00Z', operation_id: operation })
  expect(linked['fiscal']).toBeNull()
})

test('an opening of the drawer in an outage answers failed with its cause, and its slip states it', async () => {
  await using bench = await Bench.open({
    clock: new FastClock(10),
    config: { dsfinvk: { exportDrawerOpenings: true } },
  })
  const { till } = await bench.till()
  await bench.fault('unplugged@*')
  const made = await till.post('/v1/cash-drawer-openings', { occurred_at: '2026-03-02T12:00:00Z' })
  expect(made['fiscal']).toMatchObject({
    state: 'failed',
    receipt_text: 'TSE ausgefallen',
    error: { code: expect.any(String), message: expect.any(String) },
  })
  expect(made['fiscal']).not.toHaveProperty('end_event')
  const slip = await till.get(`/v1/operations/${String(made['id'])}/receipt`)
  expect(slip).toMatchObject({ qr: null, notices: ['NICHT ZERTIFIZIERT', 'TSE ausgefallen'] })
  expect(slip['header']).toContainEqual({ label: 'Belegnummer', value: '2' })
})

/** BON_START, BON_ENDE and BON_NOTIZ of the openings in a package that verifies. */
async function openingsIn(bench: Bench): Promise<string[][]> {
  return inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
    const [head = '', ...rows] = String((await filesOf(file)).get('transactions.csv'))
      .replaceAll('"', '')
      .split('\r\n')
    const places = ['BON_START', 'BON_ENDE', 'BON_NOTIZ'].map((column) => head.split(';').indexOf(column))
    return rows
      .filter((row) => row.includes('Kassenladenöffnung'))
      .map((row) => places.map((at) => row.split(';')[at] ?? ''))
  })
}

test('the books have an opening of the drawer at its time, within its Z, and both times in its note', async () => {
  const clock = new CalendarClock('2026-06-01T06:00:00Z')
  await using bench = await Bench.open({ clock, config: { dsfinvk: { exportDrawerOpenings: true } } })
  const register: Register = await bench.register((await bench.shop()).locationId)
  const { id, till } = register
  const made: Members[] = []
  const opening = async (occurred_at: string, more: Members = {}): Promise<void> => {
    made.push(await till.post('/v1/cash-drawer-openings', { occurred_at, ...more }))
  }
  const session = async (opened: string, closed: string, within: () => Promise<void>): Promise<void> => {
    clock.jump(opened)
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
    await within()
    clock.jump(closed)
    await counted(register, '0.00')
    await till.create(event('session_close', id, { business_date: opened.slice(0, 10) }))
  }
  await session('2026-06-01T08:00:00Z', '2026-06-01T17:00:00Z', async () => {
    await opening('2026-06-01T07:30:00Z')
    await opening('0001-01-01T00:00:00Z')
  })
  await session('2026-06-02T08:00:00Z', '2026-06-02T17:00:00Z', async () => {
    await opening('2026-06-02T07:30:00+02:00', { reason: 'x'.repeat(300) })
    await opening('2026-06-01T12:00:00Z')
    await opening('2026-06-02T19:00:00Z', { reason: 'Wechselgeld' })
  })
  const note = (index: number, isMoved = false): string => {
    const { id, received_at: received, occurred_at: occurred } = made[index] ?? {}
    return `op=${String(id)} received_at=${String(received)}${isMoved ? ` occurred_at=${String(occurred)}` : ''}`
  }
  const [first, ancient, second, late, ahead, ...more] = await openingsIn(bench)
  expect(more).toEqual([])
  expect(first).toEqual(['2026-06-01T09:30:00+02:00', '2026-06-01T09:30:00+02:00', note(0)])
  expect(ancient?.[0]).toMatch(/^0001-01-01T/)
  expect(second).toEqual([
    '2026-06-02T07:30:00+02:00',
    '2026-06-02T07:30:00+02:00',
    `${note(2)} ${'x'.repeat(300)}`.slice(0, 255),
  ])
  expect(late).toEqual(['2026-06-01T19:00:00+02:00', '2026-06-01T19:00:00+02:00', note(3, true)])
  expect(ahead).toEqual(['2026-06-02T19:00:00+02:00', '2026-06-02T19:00:00+02:00', `${note(4, true)} Wechselgeld`])
})

test('an opening of the drawer that names a training sale is signed as one without an operation', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { exportDrawerOpenings: true } } })
  const { id, till } = await bench.till()
  const open = await till.create(goods('sale', id, [['1.00', '0.07']], { training: true }))
  const { id: operation } = await till.complete(open, [pay('cash', '1.00')])
  const opening = { occurred_at: '2026-03-02T12:00:00Z', operation_id: operation }
  expect(await till.post('/v1/cash-drawer-openings', opening)).toMatchObject({
    operation_id: operation,
    fiscal: { state: 'succeeded', document_type: 'AVSonstige' },
  })
})
