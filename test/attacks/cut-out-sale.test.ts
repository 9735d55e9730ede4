// @module-tag heavy
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { localTime, parseRfc3339, SHOP_ZONE } from '../../base/clock.ts'
import { rawEntries, tarEnd } from '../../drivers/tr03151/tar.ts'
import { audited } from '../cli/audited.ts'
import { fiskalEdge } from '../cli/command.ts'
import type { Register } from '../e2e/bench.ts'
import { Bench } from '../e2e/bench.ts'
import { signed } from '../e2e/client.ts'
import { goods, pay } from '../e2e/goods.ts'
import { closing, counted } from '../e2e/shift.ts'
import { inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { verifyJournal } from '../verified-journal.ts'
import { retold, rewriteEvents, withoutOperation } from './insider.ts'
import { matched, matchedWith } from './matched.ts'

// The insider is root and has the machine's key. He cuts a sale out of the middle of the day, moves all later numbers
// up, corrects the count, and signs the journal again: it is consistent in itself. The TSE kept its logs.

async function sale({ id, till }: Register, amount: string) {
  return till.complete(await till.create(goods('sale', id, [[amount, '0.07']])), [pay('cash', amount)])
}

function shopTime(text: string) {
  return localTime(parseRfc3339(text) ?? 0, SHOP_ZONE).replace('T', ' ')
}

async function soldDay(bench: Bench) {
  const register = await bench.till('50.00')
  await sale(register, '3.00')
  const cut = await sale(register, '4.50')
  await sale(register, '2.00')
  await counted(register, '59.50')
  await register.till.create(closing(register, '0.00'))
  return { register, cut }
}

test('a signed sale that was cut out and renumbered is named by the archive of the TSE', async () => {
  await using bench = await Bench.open()
  const { register, cut } = await soldDay(bench)
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, cut.id)))
  expect(await verifyJournal(bench.config.state)).toMatchObject({ valid: true, books: 'consistent', codes: [] })
  const { transaction_number: transaction, end_event: end } = signed(cut)
  const { codes, sentences } = await matched(bench)
  expect(codes).toEqual(['tse_start_unknown', 'tse_log_without_bon'])
  expect(sentences).toEqual([
    expect.stringContaining(`für Kasse ${register.clientId} Vorgang ${transaction} begonnen`),
    `Die TSE hat am ${shopTime(end.signed_at)} Vorgang ${transaction} (Signaturzähler ${end.transaction_counter}) der Kasse ${register.clientId} ` +
      'abgesichert: Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar. In den Aufzeichnungen fehlt er. (tse_log_without_bon)',
  ])
})

test('verify names it when journal and archive are given together, each of them sound alone', async () => {
  await using bench = await Bench.open()
  const { cut } = await soldDay(bench)
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, cut.id)))
  await inDirectory(async (directory) => {
    const [journal, archive] = [join(directory, 'journal.ndjson'), join(directory, 'tse.tar')]
    await writeFile(archive, await bench.exported('tse_tar'))
    await writeFile(journal, await bench.exported('journal'))
    const { code, out } = await fiskalEdge('verify', journal, archive, '--json')
    expect(code).toBe(1)
    expect(JSON.parse(out)).toMatchObject([
      { kind: 'journal', valid: true },
      { kind: 'tse_tar', valid: true },
      {
        kind: 'together',
        valid: false,
        findings: [expect.stringContaining('(tse_start_unknown)'), expect.stringContaining('(tse_log_without_bon)')],
      },
    ])
  })
})

test('the audit names it in German, and its report ends with it', async () => {
  await using bench = await Bench.open()
  const { cut } = await soldDay(bench)
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => withoutOperation(lines, cut.id)))
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.filter(({ valid }) => !valid).map(({ name }) => name)).toEqual(['TSE / Journal', 'DSFinV-K / Journal'])
    // The close still says what the drawer held with the sale.
    const { transaction_number: transaction, end_event: end } = signed(cut)
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain(
      `Vorgang ${transaction} (Signaturzähler ${end.transaction_counter}) der Kasse abgesichert: Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar. In den Aufzeichnungen fehlt er.`,
    )
    expect(report).toContain('Ergebnis: 2 Beanstandungen, siehe oben.')
  })
})

test('a sale whose amount was lowered differs from the log of the TSE', async () => {
  await using bench = await Bench.open()
  const { cut } = await soldDay(bench)
  const smaller = (text: string) => text.replaceAll('4.50', '1.50')
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.map((line) => (line.op === cut.id ? retold(line, smaller) : line)),
    ),
  )
  const { codes, sentences } = await matched(bench)
  expect(codes).toEqual(['tse_log_differs'])
  expect(sentences[0]).toContain('Bon 3: Die TSE hat Beleg^0.00_4.50_0.00_0.00_0.00^4.50:Bar')
  expect(sentences[0]).toContain('aufgezeichnet ist Beleg^0.00_1.50_0.00_0.00_0.00^1.50:Bar')
})

test('two sales with swapped contents both differ', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const [one, other] = [await sale(register, '3.00'), await sale(register, '4.50')]
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) =>
      lines.map((line) => {
        const [from, to] = line.op === one.id ? ['3.00', '4.50'] : ['4.50', '3.00']
        if (line.op !== one.id && line.op !== other.id) return line
        return retold(line, (text) => text.replaceAll(from, to))
      }),
    ),
  )
  expect((await matched(bench)).codes).toEqual(['tse_log_differs', 'tse_log_differs'])
})

test('a sale that was moved after others is in a place where the TSE did not secure it', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const moved = await sale(register, '3.00')
  await sale(register, '4.50')
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => [
      ...lines.filter(({ op }) => op !== moved.id),
      ...lines.filter(({ op }) => op === moved.id),
    ]),
  )
  const { codes, findings } = await verifyJournal(bench.config.state).then((report) => ({
    codes: report.codes.map(({ code }) => code),
    findings: report.codes,
  }))
  expect(codes).toContain('tse_order')
  expect(findings.find(({ code }) => code === 'tse_order')).toMatchObject({
    transaction: signed(moved).transaction_number,
    counter: signed(moved).end_event.transaction_counter,
  })
})

test('a transaction that another program made for one of our registers is missing in the journal', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sale(register, '3.00')
  const secret = await sale(register, '20.00')
  // As if another program had signed it with our client: no event records it.
  await bench.restart(() => rewriteEvents(bench.config.state, (lines) => lines.filter(({ op }) => op !== secret.id)))
  await sale(register, '2.00')
  expect((await matched(bench)).codes).toEqual(['tse_start_unknown', 'tse_log_without_bon'])
})

test('a sale that was invented, with a signature that no TSE made, has no log', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  const real = await sale(register, '3.00')
  await sale(register, '4.50')
  const { transaction_number: transaction } = signed(real)
  await bench.restart(() =>
    rewriteEvents(bench.config.state, (lines) => {
      const invented = (text: string) =>
        text.replaceAll(real.id, `${real.id}X`).replaceAll(`"transaction":${transaction}`, '"transaction":900')
      const copies = lines
        .filter(({ op }) => op === real.id)
        .map((line) => ({
          ...line,
          op: `${line.op}X`,
          seq: line.seq + 10_000,
          body: JSON.parse(
            invented(JSON.stringify(line.body))
              .replace(/"(ref|root|to)":(\d+)/g, (_, name: string, seq: string) => `"${name}":${Number(seq) + 10_000}`)
              .replace(/"claim":\{[^}]*\},?/, ''),
          ) as typeof line.body,
        }))
      return [...lines, ...copies]
    }),
  )
  const { codes } = await matched(bench)
  expect(codes).toContain('bon_without_log')
  // A part without gaps has every log between its first and last; the missing logs of one with gaps are unknown.
  expect(await matched(bench, false)).toMatchObject({ codes: ['bon_without_log'] })
  const archive = Buffer.from(await bench.exported('tse_tar'))
  const entries = [...rawEntries(archive)]
  const logs = entries.filter(({ name }) => name.endsWith('.log'))
  const gapped = entries.filter((entry) => entry !== logs[1]).map(({ bytes }) => bytes)
  expect(await matchedWith(bench, [Buffer.concat([...gapped, tarEnd])], false)).toMatchObject({
    codes: [],
    outside: expect.any(Number),
  })
})
