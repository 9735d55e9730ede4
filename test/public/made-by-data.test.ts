import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { audited } from '../cli/audited.ts'
import { austrianTill, ONE_CARD, sell as sellInAustria } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { endShift } from '../e2e/shift.ts'
import { filesOf, inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { heavy } from '../tags.ts'

/** The text that a shop's day produces: words that no list of literals shows, because data chooses them. */
async function isMade(name: string, text: string): Promise<void> {
  return expect(masked(text)).toMatchFileSnapshot(`./${name}`)
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b(mer|loc|reg|op|ses|cls|exp|dbt|evt)_[0-9A-HJKMNP-TV-Z]{26}/g, '$1_…'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d)?/g, '<time>'],
  [/(?<=bis )\d{4}-\d\d-\d\d(?=, die ganze)/g, '<day>'],
  [/\d\d\.\d\d\.\d{4}(,? \d\d:\d\d(:\d\d)?)?/g, '<time>'],
  [/\b(EDGE|NC)-[0-9A-F-]{8,}/g, '$1-…'],
  // The number of events in between depends on time.
  [/\b\d+(?= Ereignisse)|(?<=Nr\. 1 bis |bis heute: )\d+|(?<=Journal |--head )\d+(?=:)/g, '…'],
  [/(?<![A-Za-z0-9+/=_-])(?!Betrag)(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{16,}={0,2}…?/g, '<data>'],
]

function masked(text: string): string {
  return MASKS.reduce((rest, [pattern, mask]) => rest.replace(pattern, mask), text)
}

test('a day in Austria is the same protocol as before (DEP131)', async () => {
  await using bench = await Bench.open({ config: ONE_CARD, clock: new CalendarClock('2026-11-20T09:00:00Z') })
  const register = await austrianTill(bench)
  const { id, till } = register
  const wrong = await sellInAustria(register, '7.00', '0.10')
  await till.create(event('void', id, { related_operation_id: wrong.id }))
  await sellInAustria(register, '99.00', '0.20', { training: true })
  await bench.faultAt('card-1', 'unplugged@*')
  await sellInAustria(register, '12.00')
  await bench.faultAt('card-1', 'clear')
  await bench.untilDevice('ready')
  await sellInAustria(register, '3.00')
  for (const type of ['daily', 'shift', 'monthly']) await till.post(`/v1/registers/${id}/closings`, { type })
  await till.create(event('session_cash_adjustment', id, { cash_amount: '-5.00' }))
  await till.post('/v1/cash-drawer-openings', { register_id: id, occurred_at: '2026-11-20T09:00:00Z' })
  await endShift(register, '2026-11-20')
  const rows = Buffer.from(await bench.exported('dep131', { register_id: id })).toString('utf8')
  await isMade('dep131.csv', rows.replace(/^\d+;/gm, '…;'))
})

test('a day in Germany is the same package, report and audit as before', heavy(), async () => {
  await using bench = await Bench.open({ clock: new CalendarClock('2026-11-20T09:00:00Z') })
  const register = await bench.till('50.00')
  const { id, till } = register
  await sell(register, '4.50')
  // The form of a code and its message in TSE_TA_FEHLER.
  for (const fault of ['memory-full@finish', 'busy@*', 'unplugged@*']) {
    await bench.fault(fault)
    await till.complete(await till.create(goods('sale', id, [['2.00', '0.07']])), [pay('card', '2.00')])
    await bench.fault('clear')
  }
  await bench.untilDevice('ready')
  await bench.until(() => bench.journal().some(({ kind }) => kind === 'transaction.aborted'))
  await endShift(register, '2026-11-20')
  const report = await till.post(`/v1/registers/${id}/closings`, {})
  await isMade('z-report.txt', `${JSON.stringify(report, null, 2)}\n`)
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
    await isMade('audit-folder.txt', `${(await readdir(folder, { recursive: true })).sort().join('\n')}\n`)
    await isMade('audit-report.txt', await read('pruefbericht.txt'))
    await isMade('audit-procedure.html', await read('verfahrensdokumentation.html'))
    const files = await filesOf(join(folder, 'dsfinvk.zip'))
    await isMade('transactions-tse.csv', String(files.get('transactions_tse.csv')))
  })
})
