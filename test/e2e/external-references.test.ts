import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import { exportedPackage } from './germany/package-rows.ts'
import { goods, pay } from './goods.ts'
import { closing, counted } from './shift.ts'

const ORDER = 'order-0b0f3a5e-4d0c-4f0e-9f59-0d8c2b7a1e42'
const LONGEST = 'x'.repeat(255)

/** A return of a sale elsewhere; the receipt names its number whole. */
async function takenBack({ id, till }: Register, number: string, rate: string): Promise<void> {
  const external_related_operation = { description: 'Shop', external_operation_id: number }
  const back = await till.create(goods('return', id, [['-1.00', rate]], { external_related_operation }))
  const done = await till.complete(back, [pay('cash', '-1.00')])
  expect(done).toMatchObject({ external_related_operation })
  const receipt = await till.get(`/v1/operations/${done.id}/receipt?format=json`)
  expect(JSON.stringify(receipt)).toContain(number)
}

test(
  'the number of an operation elsewhere is kept complete and shortened only in its DSFinV-K column',
  heavy(),
  async () => {
    await using bench = await Bench.open()
    const register = await bench.till('50.00')
    for (const number of [ORDER, LONGEST, 'order-4711']) await takenBack(register, number, '0.19')
    await counted(register, '47.00')
    await register.till.create(closing(register, '0.00'))
    const books = await exportedPackage(bench)
    expect(books.report).toMatchObject({ valid: true, findings: [] })
    const rows = String(books.files.get('references.csv')).trimEnd().split('\r\n')
    const shortened = (number: string) => {
      const digest = createHash('sha256').update(number).digest('hex').slice(0, 16)
      return `"${number.slice(0, 23)}~${digest}"`
    }
    expect(rows.slice(1).map((row) => row.split(';').at(-1))).toEqual([
      shortened(ORDER),
      shortened(LONGEST),
      '"order-4711"',
    ])
  },
)

test('the DEP131 has the number of an operation elsewhere whole', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  for (const number of [ORDER, LONGEST]) await takenBack(register, number, '0.20')
  const protocol = new TextDecoder().decode(await bench.exported('dep131', { register_id: register.id }))
  for (const number of [ORDER, LONGEST]) expect(protocol).toContain(`;${number};`)
})
