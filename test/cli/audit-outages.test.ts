// @module-tag heavy
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { austrianTill, ONE_CARD, sell as sellInAustria } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { sell } from '../e2e/goods.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { audited } from './audited.ts'

/** The cells of the table of outages; none without a Verfahrensdokumentation, which only Germany has. */
async function outagesIn(folder: string): Promise<string[][]> {
  const page = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8').catch(() => '')
  const [, chapter = ''] = page.split('. Ausfälle</h2>')
  const [table = ''] = chapter.split('<h2>')
  return [...table.matchAll(/<tr>(<td>.*?)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<td>(.*?)<\/td>/g)].map(([, cell = '']) => cell),
  )
}

async function pagesOf(bench: Bench): Promise<{ rows: string[][]; report: string }> {
  let pages: { rows: string[][]; report: string } | undefined
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    pages = { rows: await outagesIn(folder), report }
  })
  if (pages === undefined) throw new Error('no audit')
  return pages
}

const TIME = expect.stringMatching(/^\d\d\.\d\d\.2026 \d\d:\d\d:\d\d$/)

for (const [fault, code] of [
  ['memory-full@finish', 'memory_full'],
  ['memory-full@start#*', 'memory_full'],
  ['busy@finish#*', 'busy'],
  ['wrong-signature@finish', 'signed_wrongly'],
] as const) {
  test(`a bon that is unsigned by ${fault} is an outage on the page of the procedure, with its cause and sum`, async () => {
    await using bench = await Bench.open()
    const register = await bench.till()
    await sell(register, '1.00')
    await bench.fault(fault)
    expect((await sell(register, '2.14')).fiscal).toMatchObject({ state: 'failed', receipt_text: 'TSE ausgefallen' })
    await bench.fault('clear')
    await bench.until(() => bench.agent.application.devices().every((device) => device['state'] !== 'down'))
    expect((await sell(register, '3.00')).fiscal.state).toBe('succeeded')
    const { rows, report } = await pagesOf(bench)
    expect(rows).toEqual([['tse-1', TIME, TIME, expect.stringContaining(code), '1: 3 (Kasse)', '2,14 EUR']])
    expect(report).toContain('- 1 Bon, 2,14 EUR, ohne Absicherung der TSE')
  })
}

test('bons of a unit that was not configured are an outage on the page, until it signs again', async () => {
  await using bench = await Bench.open()
  const { key, id } = await bench.till()
  const price = '2.14'
  const at = () => ({ id, till: bench.client({ 'X-Register-Api-Key': key }) }) as Register
  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { id: 'tse-new' }))
  await bench.untilDevice('ready')
  for (let times = 0; times < 2; times++) await sell(at(), price)
  const [away] = (await pagesOf(bench)).rows
  expect(away).toEqual([
    ...['tse-1', TIME, TIME, 'Gerät nicht erreichbar (unavailable)', '2: 2 bis 3 (Kasse)', '4,28 EUR'],
  ])
  await bench.restart(async () => void Object.assign(bench.config.devices[0] ?? {}, { id: 'tse-1' }))
  await bench.untilDevice('ready')
  await sell(at(), '1.00')
  const { rows, report } = await pagesOf(bench)
  expect(rows).toHaveLength(1)
  expect([rows[0]?.[4], String(rows[0]?.[2]) >= String(away?.[2])]).toEqual(['2: 2 bis 3 (Kasse)', true])
  expect(report).toContain('- 2 Bons, 4,28 EUR, ohne Absicherung der TSE')
})

test('bons of an unplugged unit are in its recorded outage, which is listed once', async () => {
  await using bench = await Bench.open()
  const register = await bench.till()
  await bench.fault('unplugged@*')
  for (const price of ['2.14', '3.00']) await sell(register, price)
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await sell(register, '1.00')
  const { rows } = await pagesOf(bench)
  expect(rows).toEqual([['tse-1', TIME, TIME, expect.any(String), '2: 2 bis 3 (Kasse)', '5,14 EUR']])
})

test('a shop without an unsigned bon has no outage on the page', async () => {
  await using bench = await Bench.open()
  await sell(await bench.till(), '1.00')
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const page = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expect(page).toContain('Bisher ist kein Ausfall aufgezeichnet.')
  })
})

test('a receipt that an Austrian card was too busy to sign is an outage, with its cause', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'busy@sign')
  await sellInAustria(register, '2.00')
  await sellInAustria(register, '1.00')
  expect((await pagesOf(bench)).report).toMatch(
    / {2}Ausfall von card-1, .* bis .*, Gerät beschäftigt \(busy\): 1 Beleg, 2,00 EUR\.\n/,
  )
})

test('Austria lists each outage with its receipts and their sum in the report', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  await bench.faultAt('card-1', 'unplugged@*')
  for (const price of ['2.00', '3.50']) await sellInAustria(register, price)
  await bench.faultAt('card-1', 'clear')
  await bench.untilDevice('ready')
  await sellInAustria(register, '1.00')
  const { report } = await pagesOf(bench)
  expect(report).toMatch(
    /^- 2 Belege, 5,50 EUR, im Ausfall der Signatureinheit ohne Signatur, .*\.\n {2}Ausfall von card-1, /m,
  )
  expect(report).toMatch(/: 2 Belege, 5,50 EUR\.\n/)
})
