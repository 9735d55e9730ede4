// @module-tag heavy
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LANGUAGES } from '../../agent/contract/receipt.ts'
import { austrianTill, ONE_CARD, sell as sellInAustria } from '../e2e/austria/shop.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import type { Operation } from '../e2e/client.ts'
import { event, sell } from '../e2e/goods.ts'
import { italianTill, ONE_PRINTER, sell as sellInItaly } from '../e2e/italy/shop.ts'
import { closeExpected } from '../e2e/shift.ts'
import type { LawName } from '../texts/law-words.ts'
import { GERMAN, OWN_WORDS } from '../texts/law-words.ts'
import { auditedBy } from './audited.ts'

type Shop = {
  readonly config: object
  readonly device: string
  open(bench: Bench): Promise<Register>
  sell(register: Register, amount: string): Promise<Operation>
}

const SHOPS: Readonly<Record<LawName, Shop>> = {
  Germany: {
    config: { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] },
    device: 'tse-1',
    open: (bench) => bench.till(),
    sell,
  },
  Austria: { config: ONE_CARD, device: 'card-1', open: (bench) => austrianTill(bench), sell: sellInAustria },
  Italy: { config: ONE_PRINTER, device: 'rt-1', open: (bench) => italianTill(bench), sell: sellInItaly },
}

const MOVEMENTS = [
  ...['safe_drop', 'bank_deposit', 'transfer', 'owner_withdrawal', 'pay_out', 'wage', 'tip_payout'].map(
    (type) => [type, '-1.00'] as const,
  ),
  ...['float_in', 'owner_deposit', 'pay_in'].map((type) => [type, '1.00'] as const),
]

/** A day with a void, every movement of the drawer, an outage, a count with a difference and its closings. */
async function day(bench: Bench, { device, open, sell: sells }: Shop, isClosed: boolean): Promise<Register> {
  const register = await open(bench)
  const { id, till } = register
  const wrong = await sells(register, '7.00')
  await till.create(event('void', id, { related_operation_id: wrong.id }))
  for (const [type, amount] of MOVEMENTS)
    await till.create(event('session_cash_adjustment', id, { cash_amount: amount, movement_type: type }))
  if (device !== 'rt-1') {
    await bench.faultAt(device, 'unplugged@*')
    await sells(register, '12.00')
    await bench.faultAt(device, 'clear')
    await bench.untilDevice('ready')
  }
  await sells(register, '3.00')
  await till.post('/v1/cash-drawer-openings', { register_id: id, occurred_at: '2026-11-20T09:00:00Z' })
  await till.create(event('session_cash_count', id, { counted_closing_amount: '40.00', interim: true }))
  if (isClosed) await closeExpected(register)
  return register
}

/** The names and texts of a folder by their files, without those that programs read. */
async function textsIn(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder)).filter((name) => /\.(?:txt|html|csv)$/.test(name))
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [name, await readFile(join(folder, name), 'utf8')]),
  )
}

/** The receipts of its operations and closings, as text. */
async function receiptsOf({ id, till }: Register, language: string): Promise<[string, string][]> {
  const paths = async (list: string, name: string): Promise<string[]> =>
    (await till.list(list)).map((each) => `/v1/${name}/${each['id']}/receipt`)
  const all = [
    ...(await paths(`/v1/operations?register_id=${id}&limit=100`, 'operations')),
    ...(await paths(`/v1/registers/${id}/closings`, 'closings')),
  ]
  const texts = all.map(async (path): Promise<[string, string]> => {
    const { text } = await till.call({ path: `${path}?language=${language}`, headers: { Accept: 'text/plain' } })
    return [`${language} ${path}`, text]
  })
  return Promise.all(texts)
}

function linesWith(texts: readonly (readonly [string, string])[], words: RegExp): string[] {
  return texts.flatMap(([name, text]) =>
    text.split('\n').flatMap((line) => (words.test(line) ? [`${name}: ${line}`] : [])),
  )
}

describe.each(Object.entries(SHOPS))('a shop in %s', (name, shop) => {
  const others = Object.entries(OWN_WORDS).filter(([law]) => law !== name)

  test.each([true, false])('reads no word of another law, session closed: %s', async (isClosed) => {
    await using bench = await Bench.open({ config: { ...shop.config } })
    const register = await day(bench, shop, isClosed)
    const { folder } = await auditedBy(bench, shop.config)
    const texts = await textsIn(folder)
    const receipts = (await Promise.all(LANGUAGES.map((language) => receiptsOf(register, language)))).flat()
    // Only Germany asks for a Verfahrensdokumentation, and has texts of one.
    expect(texts.map(([file]) => file).includes('verfahrensdokumentation.html')).toBe(name === 'Germany')
    expect(receipts.length).toBeGreaterThan(40)
    for (const [, words] of others) expect(linesWith([...texts, ...receipts], words)).toEqual([])
    const italian = receipts.filter(([path]) => path.startsWith('it '))
    if (name === 'Italy') expect(linesWith([...texts, ...italian], GERMAN)).toEqual([])
  })
})
