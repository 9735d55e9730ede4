// @module-tag heavy
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkProof } from '../../agent/cli/checks/proof.ts'
import { withStateTasks } from '../../agent/cli/owner/state-tasks.ts'
import { compareWithArchives } from '../../verify/dsfinvk/against-archive.ts'
import { deviceStateIn } from '../device-state.ts'
import { austrianTill, ONE_CARD, sell as sellInAustria } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { CalendarClock } from '../e2e/calendar-clock.ts'
import { FastClock } from '../e2e/fast-clock.ts'
import { event, goods, pay, sell } from '../e2e/goods.ts'
import { italianTill, ONE_PRINTER, sell as sellInItaly } from '../e2e/italy/shop.ts'
import { withSqlite } from '../edited-states.ts'
import { filesOf, inDirectory } from '../laws/germany/dsfinvk/package.ts'
import { smoke } from '../tags.ts'
import { audited, sellAndClose } from './audited.ts'
import { fiskalEdge } from './command.ts'

const CLOCK_SPAN =
  /the clock was slow or implausible: seq \d+ to \d+, 2026-03-02T09:00:\S+ to 2026-03-02T09:00:\S+ \(clock_suspect\)/
const CLOCK_NOTE =
  /^Hinweis: Die Uhr war vom 2026-03-02 10:00 bis 2026-03-02 10:00 unplausibel \(ging zurück\); die Zeiten der Bons 2 \(Kasse\) sind verdächtig\. Ereignisse \d+ bis \d+\. \(clock_suspect\)$/

test(
  'audit writes everything for the auditor into one folder, checked, with the hashes of all of it',
  smoke(),
  async () => {
    await using bench = await Bench.open()
    await sellAndClose(await bench.till('50.00'))
    await inDirectory(async (directory) => {
      const { code, err, folder, parts } = await audited(bench, directory)
      expect([code, err]).toEqual([0, ''])
      expect(parts.map(({ name, valid }) => [name, valid])).toEqual([
        ['dsfinvk.zip', true],
        ['z-berichte', true],
        ['tse.tar', true],
        ['journal.ndjson', true],
        ['dsfinvk.zip / TSE', true],
        ['TSE / Journal', true],
        ['DSFinV-K / Journal', true],
        ['Journal', true],
        ['Vorgänge ohne Umsatz', true],
        ['Stammdaten', true],
      ])
      expect((await readdir(folder)).sort()).toEqual([
        'SHA256SUMS',
        'dsfinvk.zip',
        'journal.ndjson',
        'ohne-umsatz.csv',
        'pruefbericht.txt',
        'stammdaten.csv',
        'tse.tar',
        'verfahrensdokumentation.html',
        'z-berichte',
      ])
      const [report] = await readdir(join(folder, 'z-berichte'))
      expect(report).toBe('Kasse-Z000001.pdf')
      expect((await readFile(join(folder, 'z-berichte', String(report)))).subarray(0, 5).toString()).toBe('%PDF-')
      const sums = (await readFile(join(folder, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n')
      expect(sums).toHaveLength(8)
      const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
      for (const fact of ['Bäckerei Muster GmbH', 'NC-', 'NOT CERTIFIED', 'Europe/Berlin'])
        expect(procedure).toContain(fact)
      const serial = String((await bench.office.list('/v1/devices'))[0]?.['serial'])
      expect(procedure).toContain(`<td>${serial}, NICHT ZERTIFIZIERT</td>`)
      for (const part of parts.filter(({ name }) => /^(dsfinvk.zip|tse.tar)$/.test(name)))
        expect(part.summary).toContain('NOT CERTIFIED')
      const told = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
      expect(told).toMatch(new RegExp(`\nTESTBETRIEB, NICHT ZERTIFIZIERT \\(NOT CERTIFIED\\): .*\n.*\n +${serial}\n`))
      expect(told).toContain('\nTESTBETRIEB: Das Gerät ist NICHT ZERTIFIZIERT (NOT CERTIFIED), siehe oben.\n')
      expect(told).toContain('Ergebnis: keine Beanstandung in dem, was verglichen wurde.')
      // The float, and the cash that the close took out of the drawer.
      expect(told).toMatch(
        /\n- Kasse: Ohne Umsatzsteuer abgesichert: Geldtransit beim Abschluss 1\/-4,50 EUR, Anfangsbestand 1\/50,00 EUR: /,
      )
      expect(told).toMatch(/\nErstellt {6}\d\d\.\d\d\.\d{4} \d\d:\d\d Uhr\n/)
      expect(told).toContain('jede processData wurde neu gerechnet (Journal).')
      const again = await audited(bench, directory)
      expect([again.code, again.err]).toEqual([1, expect.stringContaining('is not empty')])
    })
  },
)

test('a session that is closed during the audit is in the next package, and accuses no one', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sellAndClose(register)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  const { administration } = bench.agent
  const { exportTo } = administration
  const spy = vi.spyOn(administration, 'exportTo').mockImplementation(async (type, ...more) => {
    if (type === 'journal') await sellAndClose(register)
    return exportTo(type, ...more)
  })
  onTestFinished(() => void spy.mockRestore())
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect([code, parts.filter(({ valid }) => !valid)]).toEqual([0, []])
    expect(spy.mock.calls.map(([type]) => type)).toEqual(['tse_tar', 'journal', 'dsfinvk'])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain('\n- 1 Kassenabschluss während der Prüfung: im nächsten DSFinV-K-Paket.\n')
    const closings = (await filesOf(join(folder, 'dsfinvk.zip'))).get('cashpointclosing.csv')
    expect(closings?.trimEnd().split('\r\n')).toHaveLength(2)
  })
})

test('the journal is verified in another process, with the same result as in this one', async () => {
  await using bench = await Bench.open()
  await sellAndClose(await bench.till('50.00'))
  const { state } = bench.config
  await bench.stop()
  const verified = (isApart: boolean) => withStateTasks(state, (tasks) => tasks.verifyJournal(), isApart)
  const [here, apart] = [await verified(false), await verified(true)]
  expect(apart).toEqual(here)
  expect(apart).toMatchObject({ valid: true, books: 'consistent', projections: 'equal' })
})

test('bons of a clock that was set back are reported to the auditor as a note, their outage by its cause', async () => {
  const clock = new CalendarClock('2026-03-02T10:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.till('50.00')
  const { id, till } = register
  clock.jump('2026-03-02T09:00:00Z')
  await till.complete(await till.create(goods('sale', id, [['1.00', '0.07']])), [pay('cash', '1.00')])
  clock.jump('2026-03-02T10:01:00Z')
  await bench.untilDevice('ready')
  await till.create(event('session_cash_count', id, { counted_closing_amount: '51.00' }))
  await till.create(event('session_close', id, { business_date: '2026-03-02', closing_adjustment_amount: '-1.00' }))
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    const others = parts.filter(({ name }) => name !== 'Vorgänge ohne Umsatz')
    expect([code, others.flatMap(({ findings }) => findings)]).toEqual([0, [expect.stringMatching(CLOCK_NOTE)]])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toMatch(
      /^Ergebnis: keine Beanstandung in dem, was verglichen wurde\.\nUmsatz 1,00 EUR, ohne Umsatz 0,00 EUR\. 1 Bon ohne Absicherung der TSE\.\nNicht belegt ist:\n- 1 Bon, 1,00 EUR, ohne Absicherung der TSE, 02\.03\.2026 \d\d:\d\d: belegt nur durch das Journal\.\n/m,
    )
    expect(report).not.toContain('ohne Beanstandung')
    const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expect(procedure).toMatch(/<td>02\.03\.2026 11:0[01]:\d\d<\/td><td>Uhrzeit nicht gesichert \(clock_suspect\)<\/td>/)
    const transactions = (await filesOf(join(folder, 'dsfinvk.zip'))).get('transactions_tse.csv')
    expect(transactions).toContain('TSE ausgefallen, Uhrzeit nicht gesichert: clock_suspect: ')
    const verified = await fiskalEdge('journal', 'verify', '--config', join(directory, 'agent.json'))
    expect(verified.code).toBe(0)
    expect(verified.out).toMatch(CLOCK_SPAN)
    const exported = await fiskalEdge('verify', join(folder, 'journal.ndjson'))
    expect([exported.code, exported.out]).toEqual([0, expect.stringMatching(CLOCK_SPAN)])
    const json = await fiskalEdge('journal', 'verify', '--json', '--config', join(directory, 'agent.json'))
    expect(JSON.parse(json.out)).toMatchObject({ valid: true, codes: [{ code: 'clock_suspect', level: 'note' }] })
  })
})

/** The report's line for a sale of 2.14 at eleven that no TSE secured. */
function unsignedBon(): string {
  return '- 1 Bon, 2,14 EUR, ohne Absicherung der TSE, 02.03.2026 11:00: belegt nur durch das Journal.\n  Ohne Absicherung: Bon 2 der Kasse, 02.03.2026 11:00, 2,14 EUR.\n'
}

test('each bon that no TSE secured is listed with its time and sum, also of a session that is open', async () => {
  const clock = new CalendarClock('2026-03-02T10:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.till('50.00')
  await bench.fault('unplugged@*')
  await sell(register, '2.14')
  await bench.fault('clear')
  await bench.untilDevice('ready')
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain(unsignedBon())
  })
})

test('a name that turns the direction of writing or steers a terminal does neither in the Verfahrensdokumentation', async () => {
  await using bench = await Bench.open()
  await bench.till('50.00')
  await bench.office.post('/v1/registers', {
    location_id: (await bench.office.list('/v1/locations'))[0]?.['id'],
    name: 'Kasse\u202e<b>\u001b[2J',
  })
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expect(procedure).toContain('Kasse &lt;b&gt; [2J')
  })
})

test('the outage table of the Verfahrensdokumentation has the cause of each outage', async () => {
  await using bench = await Bench.open({ clock: new FastClock(10) })
  const register = await bench.till('50.00')
  await bench.fault('unplugged@*')
  await sellAndClose(register)
  await bench.untilDevice('down')
  await bench.fault('clear')
  await bench.untilDevice('ready')
  const down = bench.journal().find((event) => deviceStateIn(event) === 'down')
  const { code } = (JSON.parse(down?.body ?? '{}') as { facts: { code: string } }).facts
  await inDirectory(async (directory) => {
    const { folder } = await audited(bench, directory)
    const procedure = await readFile(join(folder, 'verfahrensdokumentation.html'), 'utf8')
    expect(procedure).toContain('<th>Beginn</th><th>Ende</th><th>Grund</th><th>Belege</th><th>Summe</th>')
    expect(procedure).toContain(
      `</td><td>Gerät nicht erreichbar (${code})</td><td>3: 2 bis 4 (Kasse)</td><td>0,00 EUR</td></tr>`,
    )
  })
})

test('an audit reports missing parts, exits 1, and hands over the rest', async () => {
  await using bench = await Bench.open()
  await sellAndClose(await bench.till('50.00'))
  await bench.fault('unplugged@*#*')
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts[0]).toMatchObject({ name: 'dsfinvk.zip', valid: true })
    expect(parts.find(({ name }) => name === 'tse.tar')).toMatchObject({ valid: false, summary: 'nicht geschrieben' })
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain('BEANSTANDET')
  })
})

test('before the first Z an audit says that there is no package, and the doctor has nothing to call anyone for', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sell(register, '2.14')
  await inDirectory(async (directory) => {
    const { folder, parts } = await audited(bench, directory)
    // The open session has its own line, and ends with the Z.
    expect(parts.filter(({ valid }) => !valid).map(({ name }) => name)).toEqual(['Kassensitzungen'])
    expect(parts[0]).toMatchObject({ name: 'dsfinvk.zip', note: true, summary: 'nicht geschrieben' })
    expect(parts[0]?.findings[0]).toContain('Kein Kassenabschluss hat einen Geschäftstag im Zeitraum')
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain('- Belege ohne Kassenabschluss: ein DSFinV-K-Paket haben sie erst nach ihm.')
    expect(checkProof(bench.config.state)).toMatchObject([{ state: 'ok' }])
  })
})

test('without a package and an archive an audit still hands over the journal, and lists the unsigned operations', async () => {
  const clock = new CalendarClock('2026-03-02T10:00:00Z')
  await using bench = await Bench.open({ clock })
  const register = await bench.till('50.00')
  await bench.fault('unplugged@*#*')
  await sell(register, '2.14')
  await bench.untilDevice('down')
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    expect(parts.map(({ name, valid }) => [name, valid])).toEqual([
      ['dsfinvk.zip', true],
      ['tse.tar', false],
      ['journal.ndjson', true],
      ['TSE / Journal', false],
      ['DSFinV-K / Journal', true],
      ['Journal', true],
      ['Vorgänge ohne Umsatz', true],
      ['Stammdaten', true],
      ['Kassensitzungen', false],
    ])
    // Each objection has its sentence, that of the unit that is not connected too.
    for (const part of parts) expect([part.name, part.valid || part.findings.length > 0]).toEqual([part.name, true])
    const unread = parts.find(({ name }) => name === 'TSE / Journal')
    expect(unread?.summary).toMatch(/^1 Beanstandung; /)
    expect(unread?.findings).toEqual([
      expect.stringMatching(
        /^Die TSE [0-9a-f]{64} ist in Betrieb und wurde nicht gelesen: 1 Absicherung im Journal steht in keinem Archiv: anschließen und wiederholen; ist sie verloren: fiskal-edge device retire ID/,
      ),
    ])
    const report = await readFile(join(folder, 'pruefbericht.txt'), 'utf8')
    expect(report).toContain(unsignedBon())
    expect(report).toMatch(/- 1 Absicherungen der TSE [0-9a-f]{64}: kein Archiv\.\n/)
    expect(report).toContain('- Journal und Speicher der TSE wurden nicht verglichen: siehe die Beanstandungen.\n')
    expect(report).not.toContain('in beiden Richtungen verglichen')
  })
  await inDirectory(async (directory) => {
    const { folder, parts } = await audited(bench, directory, '--from', '2026-03-01')
    expect(parts).toContainEqual(expect.objectContaining({ name: 'journal.ndjson', valid: true }))
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain(unsignedBon())
  })
})

test('an audit of an edited journal reports that it lists no unsigned bons', async () => {
  await using bench = await Bench.open()
  await sellAndClose(await bench.till('50.00'))
  withSqlite(bench.config.state, (db) => db.exec("UPDATE event SET body = replace(body, '4.50', '4.05')"))
  await inDirectory(async (directory) => {
    const { code, err, folder } = await audited(bench, directory)
    expect([code, err]).toEqual([1, ''])
    expect(await readFile(join(folder, 'pruefbericht.txt'), 'utf8')).toContain(
      '- Was nur das Journal belegt: nicht ausgewertet, es liegt nicht vor oder ist nicht in Ordnung.\n',
    )
  })
})

test('a TSE that lost the end of its memory has an archive sound in itself: the missed bons are named', async () => {
  await using bench = await Bench.open()
  const memory = join(bench.config.state, 'devices', 'tse-1')
  const copy = `${memory}-before`
  const register = await bench.till('50.00')
  await sellAndClose(register)
  await bench.restart(() => cp(memory, copy, { recursive: true }))
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await sellAndClose(register)
  await bench.restart(async () => {
    await rm(memory, { recursive: true })
    await rename(copy, memory)
  })
  await inDirectory(async (directory) => {
    const { code, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    const compared = parts.find(({ name }) => name === 'dsfinvk.zip / TSE')
    expect(compared?.valid).toBe(false)
    expect(compared?.findings[0]).toMatch(/reg_.* Z 2, bon 5: transaction \d+, counter \d+ is not in the archive/)
  })
})

test('books are also compared with an archive that was found wrong, and with the complete part of a cut one', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sellAndClose(register)
  await register.till.create(event('session_open', register.id, { opening_balance_amount: '50.00' }))
  await bench.fault('wrong-signature@start')
  await sellAndClose(register)
  await inDirectory(async (directory) => {
    const { code, folder, parts } = await audited(bench, directory)
    expect(code).toBe(1)
    const { valid, findings: told } = parts.find(({ name }) => name === 'tse.tar') ?? {}
    expect([valid, told]).toEqual([
      false,
      [expect.stringMatching(/\.log: die Signatur passt nicht zum Inhalt \(TR-03151 §2\.4\)$/)],
    ])
    const compared = parts.find(({ name }) => name === 'dsfinvk.zip / TSE')
    expect(compared).toMatchObject({ valid: true, findings: [] })
    expect(Number.parseInt(compared?.summary ?? '', 10)).toBeGreaterThan(5)
    const archive = await readFile(join(folder, 'tse.tar'))
    const cut = Readable.from([archive.subarray(0, archive.length / 2)])
    const torn = [{ logs: cut, isPart: false }]
    const { found, absent, findings } = await compareWithArchives(join(folder, 'dsfinvk.zip'), torn, () => false)
    expect([found > 0, absent[0]?.bons, findings]).toEqual([true, expect.any(Number), []])
  })
})

test('signatures of a lost TSE are not a good finding, until it is retired', async () => {
  await using bench = await Bench.open()
  const register = await bench.till('50.00')
  await sellAndClose(register)
  await bench.restart(() => rm(join(bench.config.state, 'devices', 'tse-1'), { recursive: true }))
  const compared = async () =>
    await inDirectory(async (directory) => {
      const { code, parts } = await audited(bench, directory)
      const { valid, findings } = parts.find(({ name }) => name === 'dsfinvk.zip / TSE') ?? {}
      return { code, valid, findings }
    })
  const { code, valid, findings } = await compared()
  expect([code, valid]).toEqual([1, false])
  expect(findings?.[0]).toMatch(/^Die TSE [0-9a-f]{64} ist in Betrieb und hat \d+ Belege signiert, ihr Archiv fehlt/)
  await bench.agent.administration.retireTse('tse-1', 'Diebstahl')
  expect(await compared()).toMatchObject({ valid: true, findings: [] })
})

for (const [country, config, sells, sessions] of [
  ['Austria', ONE_CARD, async (bench: Bench) => sellInAustria(await austrianTill(bench), '4.50'), 'Kassensitzungen'],
  ['Italy', ONE_PRINTER, async (bench: Bench) => sellInItaly(await italianTill(bench), '4.50'), 'Sessioni di cassa'],
] as const) {
  test(`an audit in ${country} asks for no archive of a TSE`, async () => {
    await using bench = await Bench.open({ config })
    await sells(bench)
    await inDirectory(async (directory) => {
      const { parts } = await audited(bench, directory)
      expect(parts.map(({ name }) => name).filter((name) => /tse|dsfinv/i.test(name))).toEqual([])
      // The session is open.
      expect(parts.filter(({ valid }) => !valid).map(({ name }) => name)).toEqual([sessions])
    })
  })
}
