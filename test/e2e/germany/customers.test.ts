// @module-tag heavy
import { expect, test } from 'vitest'
import { exportJournal } from '../../laws/germany/dsfinvk/journal-package.ts'
import { filesOf, inDirectory } from '../../laws/germany/dsfinvk/package.ts'
import { Bench } from '../bench.ts'
import { goods, pay } from '../goods.ts'
import { closing, counted } from '../shift.ts'

test('KUNDE_USTID has no blanks of any kind, and nothing is cut', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('0.00')
  const { id, till } = register
  const given: readonly (readonly [sent: string, written: string])[] = [
    ['DE 123456789', 'DE123456789'],
    ['ATU\u00a01234\u202f5678', 'ATU12345678'],
    ['\tDE\u2009123\u3000456\u2003789 ', 'DE123456789'],
    ['DE\u200b123\u2060456\ufeff789\u00ad', 'DE123456789'],
    ['CHE-123.456.789', 'CHE-123.456.789'],
    ['CHE - 123.456.789', 'CHE-123.456.789'],
    ['CHE-123.456.789 MWST', ''],
    ['NL.1234.5678.9B.01', 'NL123456789B01'],
    [' \u00a0 ', ''],
  ]
  for (const [vat_id] of given) {
    const open = await till.create(goods('sale', id, [['1.00', '0.07']], { customer: { name: 'Firma', vat_id } }))
    await till.complete(open, [pay('card', '1.00')])
  }
  await counted(register, '0.00')
  await till.create(closing(register, '0.00'))
  await inDirectory(async (directory) => {
    const path = `${directory}/package.zip`
    await exportJournal(bench.config.state, path)
    const [head = '', ...rows] = String((await filesOf(path)).get('transactions.csv'))
      .replaceAll('"', '')
      .split('\r\n')
    const column = head.split(';').indexOf('KUNDE_USTID')
    const written = rows.filter((row) => row.includes(';Firma;')).map((row) => row.split(';')[column])
    expect(written).toEqual(given.map(([, expected]) => expected))
  })
})
