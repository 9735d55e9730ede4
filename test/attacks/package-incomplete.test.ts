// @module-tag heavy
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { EventBody } from '../../agent/journal/events.ts'
import { matchPackages } from '../../agent/laws/germany/verify-together.ts'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { insiderAt } from '../edited-states.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { rewriteEvents, withoutOperation } from './insider.ts'

// The package that the auditor takes away is made from tables. The insider takes a closed day out of them, or hands out a
// package and cuts a sale out of the journal later. Package and journal are compared bon by bon.

async function soldDay(register: Register, amounts: readonly string[]): Promise<void> {
  for (const amount of amounts) await sell(register, amount)
  const expected = String((await register.till.get(`/v1/registers/${register.id}/session`))['expected_closing_amount'])
  await counted(register, expected)
  await register.till.create(closing(register, '0.00'))
}

type Session = NonNullable<EventBody['session']>

function opened({ id, till }: Register, amount: string) {
  return till.create(event('session_open', id, { opening_balance_amount: amount }))
}

async function inFiles<Result>(
  bench: Bench,
  work: (files: { directory: string; journal: string; books: string; archive: string }) => Promise<Result>,
): Promise<Result> {
  return inDirectory(async (directory) => {
    const [books, archive, journal] = ['books.zip', 'tse.tar', 'journal.ndjson'].map((name) => join(directory, name))
    const files = { directory, journal: String(journal), books: String(books), archive: String(archive) }
    await writeFile(files.books, await bench.exported('dsfinvk'))
    await writeFile(files.archive, await bench.exported('tse_tar'))
    await writeFile(files.journal, await bench.exported('journal'))
    return work(files)
  })
}

test('a package that has every bon of the journal is compared without a finding', async () => {
  await using bench = await Bench.open()
  await soldDay(await bench.till('50.00'), ['3.00', '4.50'])
  await inFiles(bench, async ({ journal, books, archive }) => {
    const { code, out } = await fiskalEdge('verify', books, archive, journal, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toContainEqual({
      file: 'together',
      kind: 'together',
      valid: true,
      uncertified: [],
      // Opening, two sales, count.
      summary: 'journal and TSE archives, 8 logs match; journal and DSFinV-K packages, 4 receipts match',
      findings: [],
      codes: [],
    })
  })
})

test('a closed day whose session was taken out of the tables is missing in the package, bon by bon', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await soldDay(register, ['3.00'])
  await opened(register, '53.00')
  await soldDay(register, ['4.50'])
  await bench.restart(async () =>
    insiderAt(bench.config.state).run("UPDATE session SET state = 'open' WHERE seq = (SELECT max(seq) FROM session)"),
  )
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    const { findings } = parts.find(({ name }) => name === 'DSFinV-K / Journal') ?? {}
    expect(findings).toEqual([
      `Im DSFinV-K-Paket fehlt Bon 4 der Kasse ${register.id} über 53,00 EUR. (package_incomplete)`,
      `Im DSFinV-K-Paket fehlt Bon 5 der Kasse ${register.id} über 4,50 EUR. (package_incomplete)`,
      `Im DSFinV-K-Paket fehlt Bon 6 der Kasse ${register.id} über 0,00 EUR. (package_incomplete)`,
    ])
  })
})

test('a package that was handed out before a sale was cut out of the journal names the sale', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const cut = await sell(register, '3.00')
  await soldDay(register, ['4.50'])
  await inFiles(bench, async ({ directory, books }) => {
    await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, cut.id)))
    const journal = join(directory, 'later.ndjson')
    await writeFile(journal, await bench.exported('journal'))
    const { code, out } = await fiskalEdge('verify', books, journal, '--json')
    expect(code).toBe(1)
    const [, , together] = JSON.parse(out) as { valid: boolean; findings: string[] }[]
    expect(together?.valid).toBe(false)
    expect(together?.findings).toEqual([
      `The DSFinV-K package has receipt 2 of register ${register.id} over 3.00, which the journal does not contain. (package_bon_unknown)`,
      `The DSFinV-K package has receipt 3 of register ${register.id} over 4.50, which the journal does not contain. (package_bon_unknown)`,
      `The DSFinV-K package has receipt 4 of register ${register.id} over 0.00, which the journal does not contain. (package_bon_unknown)`,
      `The DSFinV-K package does not contain receipt 2 of register ${register.id} over 4.50 as the journal has it. (package_incomplete)`,
      `The DSFinV-K package does not contain receipt 3 of register ${register.id} over 0.00 as the journal has it. (package_incomplete)`,
    ])
  })
})

test('a sale that was cut out of both journal and package differs from the record in the close of its session', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const cut = await sell(register, '3.00')
  await soldDay(register, ['4.50'])
  const told = bench
    .journal()
    .flatMap(({ kind, body }) => (kind.startsWith('session.') ? [JSON.parse(body) as EventBody] : []))
  expect(told.map(({ session }) => session?.sales)).toEqual([
    undefined,
    // Opening and two sales; the close sees the count too.
    { bons: 3, gross: 750 },
    { bons: 4, gross: 750 },
  ])
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => {
      const sales = new Map(lines.map(({ kind, body }) => [kind, (body['session'] as Session | undefined)?.sales]))
      return withoutOperation(lines, cut.id).map((line) => {
        const session = line.body['session'] as Session | undefined
        if (session?.sales === undefined) return line
        return { ...line, body: { ...line.body, session: { ...session, sales: sales.get(line.kind) } } }
      })
    }),
  )
  await inFiles(bench, async ({ journal, books }) => {
    const { code, out } = await fiskalEdge('verify', books, journal, '--json')
    const [, alone, together] = JSON.parse(out) as { findings: string[] }[]
    expect(code).toBe(1)
    expect(alone?.findings).toEqual([
      expect.stringContaining(
        'recorded 3 receipts over 7.50 in its session, the events come to 2 over 4.50. (session_bons_differ)',
      ),
      expect.stringContaining(
        'recorded 4 receipts over 7.50 in its session, the events come to 3 over 4.50. (session_bons_differ)',
      ),
    ])
    expect(together?.findings).toEqual([
      `Register ${register.id}, closing 1: the DSFinV-K package has 54.50 EUR in cash; the session left 57.50 in the drawer. (package_cash_differs)`,
      `Register ${register.id}: closing 1 recorded 4 receipts over 7.50, the DSFinV-K package has 3 over 4.50. (package_closing_differs)`,
    ])
  })
})

test('a day with outage, reversal, cancelled cart and training has no finding, and names unsigned operations', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till('50.00')
  const { id, till } = register
  const sold = await sell(register, '3.00')
  await till.create(event('void', id, { related_operation_id: sold.id }))
  await till.void(await till.create(goods('sale', id, [['7.00', '0.19']])))
  await till.complete(await till.create(goods('sale', id, [['8.00', '0.19']], { training: true })), [
    pay('cash', '8.00'),
  ])
  await bench.fault('unplugged@*')
  await till.complete(await till.create(goods('sale', id, [['4.00', '0.07']])), [pay('cash', '4.00')])
  await bench.untilDevice('down')
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await soldDay(register, ['2.00'])
  // The next session is open, and its bons are in no package yet.
  await opened(register, '56.00')
  await inFiles(bench, async ({ journal, books }) => {
    const { code, out } = await fiskalEdge('verify', books, journal, '--json')
    const [, , together] = JSON.parse(out) as { valid: boolean; findings: string[]; summary: string }[]
    expect(together).toMatchObject({ findings: [], valid: true })
    // Opening, sale, reversal, cancelled cart, training, outage, sale, count.
    expect(together?.summary).toBe(
      'journal and DSFinV-K packages, 8 receipts match, 1 of them not signed by a TSE (4.00)',
    )
    expect(code).toBe(0)
  })
})

test('a bon whose TSE reports between the exports of journal and package accuses no one, with its sum and closing', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till('50.00')
  await counted(register, '50.00')
  await bench.fault('slow=15000@finish')
  const { json } = await register.till.call({ path: '/v1/operations', body: closing(register, '-4.00'), key: 'close' })
  expect(json['fiscal']).toMatchObject({ state: 'pending' })
  await inDirectory(async (directory) => {
    const [books, journal] = [join(directory, 'books.zip'), join(directory, 'journal.ndjson')]
    await writeFile(journal, await bench.exported('journal'))
    await bench.until(async () => (await register.till.read(String(json['id']))).fiscal.state === 'succeeded')
    await writeFile(books, await bench.exported('dsfinvk'))
    expect(await matchPackages(journal, [books], { untilSeq: 0 })).toMatchObject({ findings: [], found: 3 })
    const text = await readFile(journal, 'utf8')
    await writeFile(journal, text.replaceAll('"cash":-400', '"cash":-300').replaceAll('-4.00', '-3.00'))
    const { findings } = await matchPackages(journal, [books], { untilSeq: 0 })
    expect(findings.map(({ code }) => code)).toContain('package_bon_unknown')
  })
})

test('packages of separate ranges are compared closing by closing, in any order of their business dates', async () => {
  const clock = new CalendarClock('2026-06-01T08:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.register((await bench.shop()).locationId)
  // The second and the third were closed under each other's date.
  for (const [day, date] of ['01', '03', '02', '04', '05'].entries()) {
    clock.jump(`2026-06-0${day + 1}T08:00:00Z`)
    await opened(register, '0.00')
    await sell(register, '4.50')
    await counted(register, '4.50')
    const dated = { business_date: `2026-06-${date}`, closing_adjustment_amount: '-4.50' }
    await register.till.create(event('session_close', register.id, dated))
  }
  await inDirectory(async (directory) => {
    const [journal, ...packages] = ['journal', '1', '2', '5'].map((name) => join(directory, name))
    const range = (day: string) => ({ from: `2026-06-0${day}T00:00:00+02:00`, to: `2026-06-0${day}T23:59:59+02:00` })
    for (const file of packages) await writeFile(file, await bench.exported('dsfinvk', range(file.slice(-1))))
    await writeFile(String(journal), await bench.exported('journal'))
    for (const given of [...packages.map((file) => [file]), packages]) {
      const { code, out } = await fiskalEdge('verify', ...given, String(journal), '--json')
      const together = (JSON.parse(out) as { findings: string[]; summary: string }[]).at(-1)
      expect(together?.findings).toEqual([])
      expect([code, together?.summary]).toEqual([0, expect.stringMatching(/, \d+ receipts match$/)])
    }
  })
})

test('a package of one of two tills names the other as not in it', async () => {
  await using bench = await Bench.open()
  const { locationId } = await bench.shop()
  const [one, other] = [await bench.register(locationId), await bench.register(locationId)]
  for (const register of [one, other]) await opened(register, '50.00')
  for (const register of [one, other]) await soldDay(register, ['3.00'])
  await inDirectory(async (directory) => {
    const [books, journal] = [join(directory, 'books.zip'), join(directory, 'journal.ndjson')]
    await writeFile(books, await bench.exported('dsfinvk', { register_id: one.id }))
    await writeFile(journal, await bench.exported('journal'))
    const { code, out } = await fiskalEdge('verify', books, journal, '--json')
    const [, , together] = JSON.parse(out) as { summary: string }[]
    expect([code, together?.summary]).toEqual([
      0,
      `journal and DSFinV-K packages, 3 receipts match; not in the packages: registers ${other.id}`,
    ])
  })
})
