// @module-tag heavy
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verify } from '../../agent/cli/verify.ts'
import { runTasksBy } from '../../base/child/run.ts'
import { verifyExport } from '../../verify/journal/export.ts'
import { TurningClock } from '../turning-clock.ts'
import { verifyArchive } from '../verified-archive.ts'
import { Bench, germanMerchant } from './bench.ts'
import { CalendarClock } from './calendar-clock.ts'
import { event, goods, pay } from './goods.ts'

// As the agent itself does it.
runTasksBy()

const SLOW = 0.15
const EVERYTHING = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T23:59:59Z' }

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

test('the archive of a TSE is whole: every signature, counters from 1 without a gap', async () => {
  await using bench = await Bench.open({
    config: { devices: [{ id: 'tse-1', driver: 'tse-simulator', curve: 'brainpoolP384r1' }] },
  })
  const { id, till } = await bench.till()
  for (let sales = 0; sales < 3; sales++)
    await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
  const report = await verifyArchive(await bench.exported('tse_tar'))
  expect(report).toMatchObject({ valid: true, findings: [], firstCounter: 1, algorithm: 'ecdsa-plain-SHA384' })
  expect(report.lastCounter).toBe(report.logs)
  expect(report.info).toContain('NOT CERTIFIED')
})

test('an export takes a date as a business day, as the command does', async () => {
  await using bench = await Bench.open()
  await bench.till()
  const asked = { type: 'journal', from: '2026-03-29', to: '2026-10-25' }
  // The days on which the clocks change: 23 and 25 hours.
  expect(await bench.office.post('/v1/exports', asked, 202)).toMatchObject({
    ...{ from: '2026-03-28T23:00:00.000Z', to: '2026-10-25T22:59:59.999Z' },
  })
  const refused = (range: object) => bench.office.refused({ path: '/v1/exports', body: { ...asked, ...range } })
  for (const range of [{ from: '2026-02-30' }, { to: 'today' }, { from: '2026-10-26' }])
    expect(await refused(range)).toMatchObject({ code: 'invalid_request', details: { reason: 'schema' } })
})

test('the file of an export is fetched with a key right after the create, and by the till that it is of', async () => {
  // The agent waits 10 s for a file, by its clock: a busy machine has a minute for it.
  await using bench = await Bench.open({ clock: new TurningClock(SLOW) })
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  const fetched = async (id: unknown, headers: Record<string, string>) => {
    const response = await fetch(new URL(`/v1/exports/${String(id)}/file`, bench.url), { headers })
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
  const office = { Authorization: `Bearer ${bench.platformKey}` }
  await one.till.create(event('session_open', one.id, { opening_balance_amount: '50.00' }))
  const ofOne = await bench.office.post('/v1/exports', { type: 'tse_tar', ...EVERYTHING, register_id: one.id }, 202)
  const ofAll = await bench.office.post('/v1/exports', { type: 'journal', ...EVERYTHING }, 202)
  const file = { status: 200, type: 'application/x-ndjson', text: expect.stringContaining('merchant.created') }
  expect(await fetched(ofAll['id'], office)).toEqual(file)
  expect(await fetched(ofOne['id'], { 'X-Register-Api-Key': one.key })).toMatchObject({ status: 200 })
  // The file of the journal has the events of every register and merchant, whichever register the request names.
  const journal = await bench.office.post('/v1/exports', { type: 'journal', ...EVERYTHING, register_id: one.id }, 202)
  expect(await fetched(journal['id'], office)).toEqual(file)
  for (const [id, key] of [
    [ofOne['id'], two.key],
    [ofAll['id'], one.key],
    [journal['id'], one.key],
    ['exp_none', one.key],
  ])
    expect(await fetched(id, { 'X-Register-Api-Key': String(key) })).toMatchObject({ status: 404 })
})

test('selling continues while the archive of the TSE is read, and every sale during it is signed', async () => {
  await using bench = await Bench.open()
  const { id, till } = await bench.till()
  const sell = async () =>
    till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
  for (let sales = 0; sales < 50; sales++) await sell()
  let reading = true
  const archive = bench.exported('tse_tar').finally(() => {
    reading = false
  })
  const sold = []
  while (reading || sold.length === 0) sold.push(await sell())
  expect(sold.map(({ fiscal }) => fiscal.state)).toEqual(sold.map(() => 'succeeded'))
  // A signature made during the export is in it or not; each one in it is complete.
  expect(await verifyArchive(await archive)).toMatchObject({ valid: true, findings: [], firstCounter: 1 })
})

test('two registers on one TSE: the archive of one holds its client alone, and verifies as a part', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, two] = [await bench.register(locationId), await bench.register(locationId)]
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  await one.till.create(event('session_cash_count', one.id, { counted_closing_amount: '0.00' }))
  const bytes = await bench.exported('tse_tar', { register_id: one.id })
  expect((await verifyArchive(bytes, { filtered: true })).findings).toEqual([])
  await using folder = await mkdtempDisposable(join(tmpdir(), 'exports-'))
  const file = join(folder.path, 'one.tar')
  await writeFile(file, bytes)
  expect((await verify(file, {}))[0]?.findings.at(-1)).toContain('check it with --filtered')
  expect(await verify(file, { filtered: true })).toMatchObject([{ valid: true, findings: [] }])
  const text = Buffer.from(bytes).toString('latin1')
  expect(text).toContain(`Client-${one.clientId}`)
  expect(text).not.toContain(`Client-${two.clientId}`)
})

test('the file of an export is removed after seven days, as soon as another one is made; the job stays', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const { office } = bench
  await bench.shop()
  const made = async () => {
    const { id } = await office.post('/v1/exports', { type: 'journal', ...EVERYTHING }, 202)
    await bench.until(async () => (await office.get(`/v1/exports/${id}`))['status'] === 'completed')
    return String(id)
  }
  const first = await made()
  clock.jump('2026-03-05T08:00:00Z')
  const second = await made()
  expect(await office.get(`/v1/exports/${first}`)).toHaveProperty('download_url')
  clock.jump('2026-03-09T08:00:30Z')
  const third = await made()
  const exports = join(bench.config.state, 'exports')
  await bench.until(async () => (await readdir(exports)).length === 2)
  expect((await readdir(exports)).sort()).toEqual([`${second}.ndjson`, `${third}.ndjson`])
  const seen = await office.get(`/v1/exports/${first}`)
  expect(seen).toMatchObject({ status: 'completed' })
  expect(seen).not.toHaveProperty('download_url')
})

test('two merchants on one TSE: neither gets the signatures of the other', async () => {
  await using bench = await Bench.open()
  const { merchantId, locationId } = await bench.shop()
  const office = bench.office.forMerchant(merchantId)
  const one = await bench.register(locationId, office)
  const other = await bench.shop()
  const two = await bench.register(other.locationId, bench.office.forMerchant(other.merchantId))
  for (const { id, till } of [one, two])
    await till.create(event('session_open', id, { opening_balance_amount: '0.00' }))
  for (const more of [{}, { register_id: one.id }]) {
    const text = Buffer.from(await bench.exported('tse_tar', more, office)).toString('latin1')
    expect(text).toContain(`Client-${one.clientId}`)
    expect(text).not.toContain(`Client-${two.clientId}`)
  }
  // A TSE filters by one client alone.
  await bench.register(locationId, office)
  const range = { type: 'tse_tar', from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
  const refusal = await office.refused({ path: '/v1/exports', body: range })
  expect([refusal.code, refusal.details['pointer']]).toEqual(['unprocessable_entity', '/register_id'])
})

test('registers on two TSEs: a register must be named', async () => {
  const devices = ['a', 'b'].map((id) => ({ id, driver: 'tse-simulator' }))
  await using bench = await Bench.open({ config: { devices } })
  const { locationId } = await bench.shop()
  const exportIds: string[] = []
  for (const { id: fiscal_device } of devices) {
    const { id } = await bench.office.post('/v1/registers', { location_id: locationId, name: 'K', fiscal_device })
    await bench.office.post(`/v1/registers/${String(id)}/fiscalize`, {}, 202)
    exportIds.push(String(id))
  }
  const range = { type: 'tse_tar', from: '2020-01-01T00:00:00Z', to: '2099-01-01T00:00:00Z' }
  const refusal = await bench.office.refused({ path: '/v1/exports', body: range })
  expect([refusal.status, refusal.code, refusal.details['pointer']]).toEqual([
    422,
    'unprocessable_entity',
    '/register_id',
  ])
  expect(refusal.message).toContain('register_id (--register of a command)')
  const bytes = await bench.exported('tse_tar', { register_id: exportIds[1] })
  expect((await verifyArchive(bytes)).findings).toEqual([])
})

test('the journal leaves the agent with its chain, and proves itself', async () => {
  await using bench = await Bench.open()
  await bench.till()
  const events = bench.head()
  const report = await verifyExport(chunks(await bench.exported('journal')))
  expect(report).toMatchObject({ valid: true, findings: [] })
  expect(report.events).toBeGreaterThanOrEqual(events)
})

test('a part of the journal is the same in every writing of its two moments, both of them in it', async () => {
  const clock = new CalendarClock('2026-03-02T08:00:00Z')
  await using bench = await Bench.open({ clock })
  await bench.shop()
  clock.jump('2026-03-02T12:00:00.100Z')
  const owner = bench.office.forMerchant(String((await bench.office.post('/v1/merchants', germanMerchant(9)))['id']))
  // The step of the clock is an event, too.
  const noon = (bench.journal() as unknown as { seq: number; at: string }[]).filter(({ at }) =>
    at.includes('T12:00:00.1'),
  )
  const { seq: last = 0, at = '' } = noon.at(-1) ?? {}
  const first = noon[0]?.seq
  const firstThen = noon.find((event) => event.at === at)?.seq
  clock.jump('2026-03-02T16:00:00Z')
  await bench.shop()
  await using folder = await mkdtempDisposable(join(tmpdir(), 'exports-'))
  const { administration } = bench.agent
  const part = (from: string, to: string) =>
    administration.exportTo('journal', { from, to }, join(folder.path, 'part.ndjson'))
  const inVienna = at.replace('T12', 'T13').replace('Z', '+01:00')
  const ranges = [
    [at, at, firstThen],
    [inVienna, inVienna, firstThen],
    ['2026-03-02T12:00:00Z', '2026-03-02T12:59:59Z', first],
    ['2026-03-02T13:00:00+01:00', '2026-03-02T13:59:59+01:00', first],
  ] as const
  for (const [from, to, begin] of ranges) expect(await part(from, to)).toMatchObject({ first: begin, last })
  const file = Buffer.from(await bench.exported('journal', { from: '2026-03-02T12:00:00Z', to: at }, owner)).toString()
  expect(JSON.parse(file.slice(0, file.indexOf('\n')))).toMatchObject({ t: 'batch', first, last })
})

test('a link works without a key, and no other link does', async () => {
  await using bench = await Bench.open()
  await bench.till()
  await bench.exported('journal')
  const [made] = bench.journal().filter(({ kind }) => kind === 'export.requested')
  const job = await bench.office.get(`/v1/exports/${made?.op}`)
  const link = new URL(String(job['download_url']))
  expect((await fetch(link)).status).toBe(200)
  const expires = Number(link.searchParams.get('expires'))
  link.searchParams.set('expires', String(expires + 1))
  expect((await fetch(link)).status).toBe(404)
})

test('at most sixteen exports wait to be made, and the next one may be requested once they are made', async () => {
  await using bench = await Bench.open()
  await bench.shop()
  const ask = () => bench.office.call({ method: 'POST', path: '/v1/exports', body: { type: 'journal', ...EVERYTHING } })
  const asked = await Promise.all(Array.from({ length: 40 }, ask))
  expect(asked.filter(({ status }) => status === 202).length).toBeGreaterThanOrEqual(16)
  const [refused] = asked.filter(({ status }) => status === 429)
  expect([refused?.headers.get('retry-after'), refused?.json['code']]).toEqual(['60', 'rate_limit_exceeded'])
  await bench.until(async () => (await ask()).status === 202)
})
