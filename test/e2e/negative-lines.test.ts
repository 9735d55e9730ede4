// @module-tag heavy
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesOf, inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { austrianTill, ONE_CARD } from './austria/shop.ts'
import type { Register } from './bench.ts'
import { Bench } from './bench.ts'
import type { Client, Members, Operation } from './client.ts'
import { elsewhere, goods, pay } from './goods.ts'
import { italianTill, movement, ONE_PRINTER, paper } from './italy/shop.ts'
import { closing, counted } from './shift.ts'

/** Equal forms of two pieces at 6.00 that come back with 1.00 less. */
const FORMS = [
  { quantity: 2, unit_price: '-6.00' },
  { quantity: -2, unit_price: '6.00' },
  { quantity: 2, unit_price: '6.00' },
].map((form) => ({ ...form, discounts: [{ description: 'Treue', amount: '1.00' }] }))

/** The same line in a return of each form, in an exchange, and its void. */
async function takenBack({ id, till }: Register, rate: string): Promise<Operation[]> {
  const done: Operation[] = []
  for (const form of FORMS) {
    const back = await till.create(goods('return', id, [['-11.00', rate, form]], elsewhere))
    done.push(await till.complete(back, [pay('cash', '-11.00')]))
    const given = await till.create(
      goods(
        'exchange',
        id,
        [
          ['-11.00', rate, form],
          ['11.00', rate],
        ],
        elsewhere,
      ),
    )
    done.push(await till.complete(given, [pay('cash', '0.00')]))
    const wrong = await till.create(goods('return', id, [['-11.00', rate, form]], elsewhere))
    await till.complete(wrong, [pay('cash', '-11.00')])
    done.push(await till.create({ type: 'void', register_id: id, currency: 'EUR', related_operation_id: wrong.id }))
  }
  return done
}

async function receiptLines(till: Client, { id }: Operation): Promise<unknown[]> {
  const receipt = await till.get(`/v1/operations/${id}/receipt?format=json`)
  const [first] = receipt['lines'] as Members[]
  return [first?.['quantity'], first?.['unit_price'], first?.['value']]
}

test('Germany: all forms of a negative line give one receipt, one explanation and one record', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('100.00')
  const done = await takenBack(register, '0.19')
  for (const [index, operation] of done.entries()) {
    const isVoid = index % 3 === 2
    const [quantity, list, off] = isVoid ? ['2', '12.00', '-1.00'] : ['-2', '-12.00', '1.00']
    expect(await receiptLines(register.till, operation), `${index}`).toEqual([quantity, '6.00', list])
    const explained = await register.till.get(`/v1/operations/${operation.id}/explain`)
    const [line] = explained['lines'] as { item: Members }[]
    expect(line?.item, `${index}`).toMatchObject({ list, line_discounts: off, rounding: '0.00' })
  }
  await counted(register, '78.00')
  await register.till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const file = join(directory, 'package.zip')
    await writeFile(file, await bench.exported('dsfinvk'))
    const [head = '', ...rows] = String((await filesOf(file)).get('lines.csv'))
      .trimEnd()
      .split('\r\n')
    const columns = head.split(';')
    const piece = ['MENGE', 'FAKTOR', 'STK_BR'].map((name) => columns.findIndex((column) => column.includes(name)))
    const pieces = rows.map((row) => piece.map((at) => row.split(';')[at]))
    const counts = (menge: string) => pieces.filter(([quantity]) => quantity === menge)
    expect(counts('-2,000')).toEqual(Array.from({ length: 9 }, () => ['-2,000', '', '5,50000']))
    expect(counts('2,000')).toEqual(Array.from({ length: 3 }, () => ['2,000', '', '5,50000']))
  })
})

test('Austria: all forms of a negative line give one receipt and one row of the DEP131', async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  const register = await austrianTill(bench)
  for (const [index, operation] of (await takenBack(register, '0.20')).entries()) {
    const expected = index % 3 === 2 ? ['2', '6.00', '12.00'] : ['-2', '6.00', '-12.00']
    expect(await receiptLines(register.till, operation), `${index}`).toEqual(expected)
  }
  const protocol = new TextDecoder().decode(await bench.exported('dep131', { register_id: register.id }))
  const rows = protocol.split('\n').filter((row) => row.includes(';Ware;'))
  const pieces = rows.map((row) => row.split(';Ware;')[1]?.split(';').slice(0, 2).join(' x '))
  expect(pieces.filter((piece) => piece === '-2 x 6.00')).toHaveLength(9)
  expect(pieces.filter((piece) => piece === '2 x 6.00')).toHaveLength(3)
  expect(pieces.filter((piece) => piece === '1 x 11.00')).toHaveLength(3)
  expect(pieces).toHaveLength(15)
})

test('Italy: all forms of a negative line are printed the same, in training too', async () => {
  await using bench = await Bench.open({ config: ONE_PRINTER })
  const register = await italianTill(bench, '100.00')
  for (const { discounts: _, ...form } of FORMS) {
    const sold = await register.till.create(movement('sale', register, [{ title: 'Caffè', amount: '12.00' }]))
    await register.till.complete(sold, [pay('cash', '12.00')])
    const related = { related_operation_id: sold.id }
    const back = movement('return', register, [{ title: 'Caffè', amount: '-12.00', more: form }], related)
    await register.till.complete(await register.till.create(back), [pay('cash', '-12.00')])
    const practised = await register.till.create({ ...back, training: true })
    await register.till.complete(practised, [pay('cash', '-12.00')])
  }
  const records = await paper(bench)
  const resi = records.flatMap((record) =>
    record.type === 'document' && record.kind === 'return' ? [record.lines] : [],
  )
  expect(resi.map((lines) => lines.filter((line) => line.includes(' * ')))).toEqual(FORMS.map(() => [' n.2 * 6,00']))
  const slips = records.flatMap((record) => (record.type === 'slip' ? [record.lines] : []))
  const practice = slips.flatMap((lines) => lines.filter((line) => line.includes('Caffe')))
  expect(practice).toEqual(FORMS.map(() => "-2 Caffe' -12,00"))
})
