// @module-tag heavy
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { findDaemon } from '../../../agent/cli/daemon/admin-client.ts'
import { exportInChild } from '../../../agent/laws/germany/dsfinvk/export-in-child.ts'
import { runTasksBy } from '../../../base/child/run.ts'
import { verifyDsfinvk } from '../../../verify/dsfinvk/verify-package.ts'
import { EVERYTHING, SETTINGS } from '../../laws/germany/dsfinvk/journal-package.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { today, yesterday } from '../../today.ts'
import type { Register } from '../bench.ts'
import { Bench } from '../bench.ts'
import type { Members } from '../client.ts'
import { FastClock } from '../fast-clock.ts'
import { event, goods, pay } from '../goods.ts'
import { abortedAfterOutage, bodies, closing, counted, soldInOutage } from '../shift.ts'
import { exportedPackage } from './package-rows.ts'

// As the agent itself does it.
runTasksBy()

test('key and certificate of a TSE are in the journal from its first connection, once', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await counted(register, '50.00')
  await register.till.create(closing(register, '-50.00'))
  await bench.restart()
  const [recorded, ...again] = bodies(bench, 'tse.facts_recorded')
  expect(again).toEqual([])
  const [device] = await bench.office.list('/v1/devices')
  expect(recorded?.['set']).toMatchObject({ serial: device?.['serial'], algorithm: 'ecdsa-plain-SHA256' })
  await inDirectory(async (directory) => {
    const request = { directory: bench.config.state, path: `${directory}/1.zip`, selection: EVERYTHING }
    const written = await exportInChild({ ...request, settings: SETTINGS, tses: [] }, new AbortController().signal)
    expect(written).toMatchObject({ closings: 1, bons: 3, signaturesVerified: 3 })
  })
})

test('the start of a bon names its TSE, and an orphaned transaction its start', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till()
  const sale = await soldInOutage(bench, register)
  const aborted = await abortedAfterOutage(bench)
  const { serial, started_ms: startedMs } = aborted['facts'] as { serial: string; started_ms: number }
  const start = bench.journal().find(({ kind, op }) => kind === 'operation.started' && op === sale)
  const { transaction } = (JSON.parse(start?.body ?? '{}') as { law: { transaction: Members } }).law
  expect(transaction).toMatchObject({ serial, started_at: new Date(startedMs).toISOString() })
})

test("the constant members of a register's closings are frozen with its close, and no answer shows them", async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { taxonomyVersion: '2.3', defaultOperator: 'K1' } } })
  const register = await bench.till()
  await counted(register, '50.00')
  const { session_id: id } = await register.till.create(closing(register, '0.00'))
  const [closed] = bodies(bench, 'session.closed')
  const { books } = (closed?.['session'] as { own: Members } | undefined)?.own ?? {}
  expect(books).toMatchObject({ taxonomy_version: '2.3', default_operator: 'K1', brand: 'fiskal-edge' })
  expect(await register.till.get(`/v1/sessions/${String(id)}`)).not.toHaveProperty('books')
})

test('a DSFinV-K version later than this program is written into the package as configured', async () => {
  await using bench = await Bench.open({ config: { dsfinvk: { taxonomyVersion: '2.5' } } })
  const register = await bench.till()
  await counted(register, '50.00')
  await register.till.create(closing(register, '0.00'))
  expect(Buffer.from(await bench.exported('dsfinvk')).length).toBeGreaterThan(0)
})

test('an opening of the drawer is in no book unless the shop wants it: then signed, numbered and exported', async () => {
  const opening = (more: Members = {}) => ({ occurred_at: '2026-03-02T12:00:00Z', reason: 'Wechselgeld', ...more })
  const path = '/v1/cash-drawer-openings'
  const bonsOf = async (bench: Bench): Promise<string[]> => {
    const register = await bench.till()
    const { id, till } = register
    const sale = await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
    const made = await till.post(path, opening({ note: 'geheim', cashier: { id: 'u7', display_name: 'Erika' } }))
    expect(made).toMatchObject({ object: 'cash_drawer_opening' })
    expect(Object.keys(made).filter((member) => member.startsWith('$'))).toEqual([])
    await till.post(path, opening({ operation_id: sale.id }))
    await bench.fault('unplugged@finish')
    await till.post(path, opening({ reason: undefined }))
    await bench.fault('clear')
    await bench.until(async () => bench.agent.application.devices().every((device) => device['state'] === 'ready'))
    await bench.until(() => bench.agent.application.readiness().ready)
    await counted(register, '51.00')
    await till.create(closing(register, '-51.00'))
    return inDirectory(async (directory) => {
      const file = join(directory, 'package.zip')
      await writeFile(file, await bench.exported('dsfinvk'))
      expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [] })
      const files = await filesOf(file)
      expect([...files.values()].join('')).not.toContain('geheim')
      const lines = `${files.get('transactions.csv')}${files.get('transactions_tse.csv')}`.split('\r\n')
      return lines.filter((line) => line.includes('Kassenladenöffnung'))
    })
  }
  await using plain = await Bench.open({ clock: new FastClock(10) })
  expect(await bonsOf(plain)).toEqual([])
  await using wanted = await Bench.open({
    clock: new FastClock(10),
    config: { dsfinvk: { exportDrawerOpenings: true } },
  })
  const [first, second, signed, ...more] = await bonsOf(wanted)
  expect(more).toEqual([])
  expect(first).toMatch(
    /;"3";3;"AVSonstige";"Kassenladenöffnung";;"0";.*;"u7";"Erika";0,00;.*;"op=cdo_\w+ received_at=[\d:.TZ-]+ Wechselgeld"$/,
  )
  expect(second).toMatch(
    /;"4";4;"AVSonstige";"Kassenladenöffnung";;"0";.*;"POS";;0,00;.*;"op=cdo_\w+ received_at=[\d:.TZ-]+"$/,
  )
  expect(signed).toMatch(/;"3";1;3;.*;"SonstigerVorgang";\d+;"[^"]+";;"Kassenladenöffnung: Wechselgeld"$/)
})

/** A day with two closings: one sale of each rate by card and cash, then a short second session. */
async function twoClosings(register: Register): Promise<void> {
  const { id, till } = register
  const lines = [
    ['10.70', '0.07'],
    ['11.90', '0.19'],
  ] as const
  await till.complete(await till.create(goods('sale', id, lines)), [pay('cash', '2.60'), pay('card', '20.00')])
  await counted(register, '52.60')
  await till.create(closing(register, '-52.60'))
  await till.create(event('session_open', id, { opening_balance_amount: '5.00' }))
  await till.complete(await till.create(goods('sale', id, [['1.07', '0.07']])), [pay('cash', '1.07')])
  await counted(register, '6.07')
  await till.create(closing(register, '0.00'))
}

test('the closing of a business date is a report over its sessions; a repeat is the same, an open session refuses it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const { id, till } = register
  const path = `/v1/registers/${id}/closings`
  expect(await till.refused({ path, body: {} })).toMatchObject({ status: 409, code: 'session_invalid_state' })
  await twoClosings(register)
  const report = await till.post(path, {})
  expect(report).toMatchObject({
    type: 'daily',
    business_date: today(),
    document_number: null,
    z_numbers: [1, 2],
    fiscal: { state: 'not_required' },
    totals: {
      vat: [
        { key: 1, rate: '0.19', amount: '11.90', tax_amount: '1.90' },
        { key: 2, rate: '0.07', amount: '11.77', tax_amount: '0.77' },
        { key: 5, rate: '0', amount: '2.40', tax_amount: '0.00' },
      ],
      payments: [
        { name: 'Bargeld', amount: '6.07' },
        { name: 'Karte', amount: '20.00' },
        { name: 'Keine', amount: '0.00' },
      ],
      business_cases: [
        { name: 'Anfangsbestand', amount: '50.00' },
        { name: 'Umsatz', amount: '23.67' },
        { name: 'DifferenzSollIst', amount: '0.00' },
        { name: 'Geldtransit', amount: '-47.60' },
      ],
    },
  })
  const call = { path, body: { business_date: today() }, key: 'again' }
  const repeated = await till.call(call)
  expect([repeated.status, repeated.json]).toEqual([201, report])
  expect((await till.call(call)).text).toBe(repeated.text)
  expect(await till.list(path)).toEqual([report])
  const paper = await till.call({
    path: `/v1/closings/${String(report['id'])}/receipt`,
    headers: { Accept: 'text/plain' },
  })
  expect(paper.text).toContain('Tagesabschluss')
  const [sold] = await till.list('/v1/operations?type=session_close')
  const none = await till.refused({ path: `/v1/closings/${String(sold?.['id'])}/receipt` })
  expect([none.status, none.details['resource']]).toEqual([404, 'closing'])
  expect(await till.refused({ path, body: { business_date: '2026-03-01' } })).toMatchObject({ status: 409 })
  expect(await till.refused({ path, body: { type: 'zero' } })).toMatchObject({ status: 422 })
  expect(await till.post(path, { type: 'shift' })).toMatchObject({ type: 'shift', z_numbers: [2] })
  const month = await till.post(path, { type: 'monthly' })
  expect(month).toMatchObject({ period: today().slice(0, 7), z_numbers: [1, 2], totals: report['totals'] })
  expect(await till.post(path, { type: 'monthly', business_date: today() })).toMatchObject({ z_numbers: [1, 2] })
  expect(await till.post(path, { type: 'annual' })).toMatchObject({ period: '2026', z_numbers: [1, 2] })
  await till.create(event('session_open', id, { opening_balance_amount: '6.07' }))
  expect(await till.refused({ path, body: {} })).toMatchObject({ status: 409, code: 'session_invalid_state' })
  const open = await till.create(goods('sale', id, [['1.00', '0.07']]))
  const refusal = await till.refused({ path, body: {} })
  expect([refusal.code, JSON.stringify(refusal.details)]).toEqual(['open_operations', expect.stringContaining(open.id)])
})

test('operations that ended outside of any session get a separate closing when no session takes them in', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till()
  const { id, till } = register
  await soldInOutage(bench, register)
  await counted(register, '53.00')
  await till.create(closing(register, '-3.00'))
  await abortedAfterOutage(bench)
  await bench.office.post(`/v1/registers/${id}/decommission`, {}, 200)
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [], closings: 2, bons: 5 })
  const { files } = books
  expect(files.get('transactions.csv')?.split('\r\n').at(-2)).toMatch(/;2;"5";5;"AVBelegabbruch";/)
  expect(files.get('cashpointclosing.csv')?.split('\r\n').at(-2)).toMatch(/;"5";"5";.*;0,00;0,00$/)
})

test('a daily closing makes that closing too, once, and the next session continues with the remaining cash', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till()
  const { id, till } = register
  await soldInOutage(bench, register)
  await counted(register, '53.00')
  await till.create({ ...closing(register, '-3.00'), business_date: yesterday() })
  await abortedAfterOutage(bench)
  const path = `/v1/registers/${id}/closings`
  const report = await till.post(path, {})
  expect(report).toMatchObject({ z_numbers: [2], totals: { payments: [], business_cases: [] } })
  expect(await till.post(path, {})).toEqual(report)
  expect(await till.post(path, { business_date: yesterday() })).toMatchObject({ z_numbers: [1] })
  await till.create(event('session_open', id, { opening_balance_amount: '60.00' }))
  await counted(register, '60.00')
  await till.create(closing(register, '0.00'))
  const books = await exportedPackage(bench)
  expect(books.report).toMatchObject({ valid: true, findings: [], closings: 3 })
  const opening = books.files.get('lines_vat.csv')?.split('\r\n').slice(-4, -1)
  expect(opening?.map((line) => line.split(';').slice(2).join(';'))).toEqual([
    '3;"6";"1";5;50,00000;;',
    '3;"6";"2";5;10,00000;;',
    '3;"7";"1";5;0,00000;;',
  ])
})

test('a DSFinV-K package over HTTP: nothing closed is refused, an open session is omitted and reported', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  const body = { type: 'dsfinvk', from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const path = '/v1/exports'
  const none = await bench.office.refused({ path, body })
  expect([none.status, none.code]).toEqual([422, 'export_dsfinvk_no_closed_sessions'])
  expect(await bench.office.refused({ path, body: { ...body, register_id: 'reg_none' } })).toMatchObject({
    status: 404,
  })
  await twoClosings(register)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '6.07' }))
  await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk', { register_id: register.id }))
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, findings: [], closings: 2, unsigned: 0 })
  })
  const [made] = bench.journal().filter(({ kind }) => kind === 'export.requested')
  expect(await bench.office.get(`${path}/${made?.op}`)).toMatchObject({ open_session_excluded: true })
  const [completed] = bodies(bench, 'export.completed')
  expect(JSON.stringify(completed)).toMatch(/"sha256":"[0-9a-f]{64}"/)
})

test('a refused package reports each finding, and there is no file', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await twoClosings(register)
  const db = new Database(join(bench.config.state, 'journal.db'))
  const names = db.prepare<[], { name: string }>("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()
  for (const { name } of names) db.exec(`DROP TRIGGER "${name}"`)
  db.exec("UPDATE event SET body = replace(body, 'Ware', 'Wate') WHERE kind = 'operation.created'")
  db.close()
  const body = { type: 'dsfinvk', from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const { id } = await bench.office.post('/v1/exports', body, 202)
  const job = await bench.until(async () => {
    const seen = await bench.office.get(`/v1/exports/${String(id)}`)
    return seen['status'] !== 'pending' && seen
  })
  expect(job).toMatchObject({ status: 'failed', error: { details: { code: 'dsfinvk_refused' } } })
  expect(JSON.stringify(job['error'])).toContain('verify the journal')
  // The technician's socket gives the same, as a refusal and not as a bug.
  const daemon = await findDaemon(join(bench.config.state, 'admin.sock'))
  const path = join(bench.config.state, 'books.zip')
  const range = { from: body.from, to: body.to }
  const refused = await daemon?.technician.exportTo('dsfinvk', range, path).catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: 'dsfinvk_refused',
    message: expect.stringMatching(/there is no file: .*verify the journal.*export again/),
  })
  expect(existsSync(path)).toBe(false)
})

test('the technician names the register where several merchants have closings; the package then holds its own alone', async () => {
  await using bench = await Bench.open()
  const made: Register[] = []
  for (let shops = 0; shops < 2; shops++) {
    const { merchantId, locationId } = await bench.shop()
    const register = await bench.register(locationId, bench.office.forMerchant(merchantId))
    await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
    await counted(register, '50.00')
    await register.till.create(closing(register, '-50.00'))
    made.push(register)
  }
  const range = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }
  const { administration } = bench.agent
  await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    const refused = administration.exportTo('dsfinvk', range, file)
    await expect(refused).rejects.toMatchObject({
      code: 'unprocessable_entity',
      details: { pointer: '/register_id' },
    })
    const registerId = String(made[1]?.id)
    await administration.exportTo('dsfinvk', { ...range, registerId }, file)
    expect(await verifyDsfinvk(file)).toMatchObject({ valid: true, ranges: [expect.stringContaining(registerId)] })
  })
})
