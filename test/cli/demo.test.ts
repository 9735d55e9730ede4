// @module-tag heavy
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../agent/cli/demo/until.ts'
import { LAWS } from '../../agent/laws/laws.ts'
import type { ImportedDocument } from '../e2e/document-importer.ts'
import { runDocument } from '../e2e/document-importer.ts'
import type { Collection } from '../e2e/postman-runner.ts'
import { runCollection } from '../e2e/postman-runner.ts'
import { qrInPng } from '../receipts/decode.ts'
import { DEMO_LIMIT_MS, once } from '../waits.ts'
import { fiskalEdge, flipByte, playDemo, ROOT, removedLater } from './command.ts'

test('the demo plays the bakery shift, proves it and stops', async () => {
  const { code, out, err } = await playDemo()
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const amount of ['50.00', '4.50', '98.00', '-2.00', '-20.00', '132.50', '127.50', '-5.00', '-100.00', '27.50']) {
    expect(out).toContain(amount)
  }
  expect(out).toContain('Beleg^18.00_80.00_0.00_0.00_0.00^98.00:Bar')
  for (const proof of ['TSE archive', 'QR codes', 'DSFinV-K', 'Journal export', 'Journal'])
    expect(out).toContain(`✔ ${proof}`)
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  // Its agent has ended: no address and no key of it is offered.
  expect(out.split('Yours to look at')[1]).not.toMatch(/http|ofk_/)
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  const receipts = readdirSync(join(folder, 'receipts'))
  expect(receipts).toHaveLength(7)
  expect(readFileSync(join(folder, 'receipts', '03-sale.pdf'), 'latin1')).toMatch(/^%PDF-/)
  expect(readFileSync(join(folder, 'receipts', '03-sale.txt'), 'utf8')).toContain('98,00')
  expect(out).toMatch(/✔ Notice +1 till for Mein ELSTER, as a trial; never tried there/)
  await noticeIsThatOfTheShop(folder)
  await archivesVerify(folder)
})

/** The technician exports it again, without the demo's agent: the same bytes. */
async function noticeIsThatOfTheShop(folder: string): Promise<void> {
  const exports = join(folder, 'exports')
  const notice = readdirSync(exports).filter((name) => name.startsWith('TRIAL-'))
  expect(notice.toSorted()).toEqual([
    expect.stringMatching(/^TRIAL-.+\.txt$/),
    expect.stringMatching(/^TRIAL-.+\.xml$/),
  ])
  const again = join(folder, 'again')
  const { code, err } = await fiskalEdge('export', 'elster', '--trial', '--out', again, '--config', configOf(folder))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const name of notice) expect(readFileSync(join(exports, name))).toEqual(readFileSync(join(again, name)))
  const texts = notice.map((name) => readFileSync(join(exports, name), 'utf8')).join('')
  for (const words of ['<BSIID>0412-2020</BSIID><ArtTSE>2</ArtTSE>', 'TRIAL', 'Zertifizierungs-ID'])
    expect(texts).toContain(words)
}

function configOf(folder: string): string {
  const config = join(folder, 'agent.json')
  const devices = [{ id: 'tse-1', driver: 'tse-simulator', inventory: { bsiId: '0412-2020', kind: 'usb' } }]
  writeFileSync(config, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices }))
  return config
}

/** The technician exports the signed logs again, without the demo's agent. */
async function archivesVerify(folder: string): Promise<void> {
  const config = configOf(folder)
  const archive = join(folder, 'technician.tar')
  expect((await fiskalEdge('export', 'tse_tar', '--out', archive, '--config', config)).code).toBe(0)
  const books = join(folder, 'technician.zip')
  const today = ['--from', '2026-01-01', '--to', '9999-12-31']
  const exported = await fiskalEdge('export', 'dsfinvk', ...today, '--out', books, '--config', config)
  expect({ code: exported.code, err: exported.err }).toEqual({ code: 0, err: '' })
  const none = ['--from', '2020-01-01', '--to', '2020-12-31', '--out', join(folder, 'none.zip')]
  expect((await fiskalEdge('export', 'dsfinvk', ...none, '--config', config)).err).toContain('no_closed_sessions')
  const good = await fiskalEdge('verify', archive, books, join(folder, 'exports', 'journal.ndjson'), '--json')
  expect(good.code).toBe(0)
  expect(JSON.parse(good.out)).toMatchObject([
    { kind: 'tse_tar', valid: true },
    { kind: 'dsfinvk', valid: true },
    { kind: 'journal', valid: true },
    { kind: 'together', valid: true, findings: [] },
  ])
  flipByte(archive)
  flipByte(books)
  expect((await fiskalEdge('verify', books)).code).toBe(1)
  const bad = await fiskalEdge('verify', archive)
  expect(bad.code).toBe(1)
  expect((await fiskalEdge('journal', 'verify', '--config', config)).code).toBe(0)
  expect((await fiskalEdge('journal', 'rebuild', '--config', config)).code).toBe(0)
  expect((await fiskalEdge('journal', 'verify', '--config', config)).code).toBe(0)
}

test('the evening in the restaurant survives an outage and a kill, and nothing is open that was paid', async () => {
  const { code, out, err } = await playDemo('--shop', 'restaurant')
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const words of [
    'TSE ausgefallen',
    'kill -9',
    'AVTransfer^',
    'AVSachbezug^',
    'open tables: 1',
    'Erste Bestellung',
    'Im Namen und für Rechnung von',
    'Count, mistyped',
    'Bar:CHF',
  ])
    expect(out).toContain(words)
  expect(out).toMatch(/✔ Open tables {6}none: 24 lines of 12 orders, each settled once/)
  expect(out).toContain('✔ Counter          agency 12.50, tips 5.00; claims, vouchers, miscount 0.00')
  for (const proof of ['TSE archive', 'QR codes', 'DSFinV-K', 'Journal export', 'Journal'])
    expect(out).toContain(`✔ ${proof}`)
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  const exports = ['tse.tar', 'dsfinvk.zip', 'journal.ndjson'].map((name) => join(folder, 'exports', name))
  expect((await fiskalEdge('verify', ...exports)).code).toBe(0)
})

test('the demo names the shops of a law when it has no such shop', async () => {
  const { code, err } = await playDemo('--law', 'rksv', '--shop', 'restaurant')
  expect(code).toBe(1)
  expect(err).toBe('fiskal-edge: usage: The law rksv has no shop restaurant. It has: bakery, stall\n')
})

test('the demo has an emergency in Italy alone', async () => {
  const { code, err } = await playDemo('--law', 'rksv', '--emergency')
  expect(code).toBe(1)
  expect(err).toBe('fiskal-edge: usage: The law rksv has no emergency register: leave --emergency out\n')
})

test('the demo of Austria pulls the card, collects the outage and proves the DEP7', async () => {
  const { code, out, err } = await playDemo('--law', 'rksv')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('Sicherheitseinrichtung ausgefallen')
  const [, office = ''] = out.split('FinanzOnline (simulated)')
  const [before = '', after = ''] = office.split('The answer was lost on the way.')
  expect(before).toMatch(/✔ Signature unit {3}registered [\d:]{8}\n.*registrierung_se.*\n.*accepted\n.*IN_BETRIEB\n/)
  expect(before).toMatch(/✔ Register {9}registered .*\n.*registrierung_kasse.*\n.*no answer: reset\n.*REGISTRIERT\n/)
  expect(after).toMatch(/✔ Startbeleg {7}checked [\d:]{8}\n.*belegpruefung.*\n.*accepted\n/)
  expect(out).toMatch(/✔ FinanzOnline {5}its own record has 3 acts, each once\n/)
  expect(out).toContain('✔ DEP7             9 receipts, 8 signatures, 1 in the outage, counter 39.30')
  expect(out.split('\n').filter((line) => line.length > 80 && !line.includes('ofk_'))).toEqual([])
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect(out).toMatch(/✔ Address {10}http:\/\/\S+\/display\/[\w-]{22}\n/)
  const [first = ''] = readdirSync(join(folder, 'receipts'))
    .filter((name) => name.endsWith('-sale.txt'))
    .sort()
  const receipt = readFileSync(join(folder, 'receipts', first), 'utf8').replaceAll('\n', '')
  expect(receipt).toContain(qrInPng(readFileSync(join(folder, 'display.png'))))
  const [dep, material] = [join(folder, 'exports', 'dep7.json'), join(folder, 'exports', 'rksv_crypto.json')]
  const good = await fiskalEdge('verify', dep, '--material', material, '--json')
  expect(JSON.parse(good.out)).toMatchObject([{ kind: 'dep7', valid: true }])
  writeFileSync(dep, readFileSync(dep, 'utf8').replace('"Zertifizierungsstellen"', '"Zertifizierungsstelle"'))
  expect((await fiskalEdge('verify', dep)).code).toBe(1)
})

test('the day of a market stall shows every slip, and its DEP7, codes and audit have no finding', async () => {
  const { code, out, err } = await playDemo('--law', 'rksv', '--shop', 'stall')
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const words of [
    'Leergut zurück Becher',
    'Einzweckgutschein PUNSCH-7 eingelöst',
    'Zahlung zu Rechnung RE-4711',
    'USt laut Rechnung',
    'Trinkgeld',
    'Lieferschein/Rechnung',
    'Sicherheitseinrichtung ausgefallen',
    'Sammelbeleg',
    'Tagesabschluss',
  ])
    expect(out).toContain(words)
  expect(out).toContain('✔ DEP7             10 receipts, 9 signatures, 1 in the outage, counter 197.50')
  expect(out).toContain('✔ Codes            9 codes verify alone, 8 with their signature')
  expect(out).toMatch(/✔ Audit {12}8 parts without a finding/)
  expect(out.split('\n').filter((line) => line.length > 80 && !line.includes('ofk_'))).toEqual([])
  expect(existsSync(join(folder, 'audit', 'SHA256SUMS'))).toBe(true)
})

test('the demo of Italy shows every slip, and paper and journal show the same', async () => {
  const { code, out, err } = await playDemo('--law', 'rt')
  removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const words of [
    'emesso per RESO MERCE',
    'emesso per ANNULLAMENTO',
    'Codice Lotteria AB12CD34',
    'ADDESTRAMENTO - NON FISCALE',
  ])
    expect(out).toContain(words)
  expect(out).toContain('CHIUSURA GIORNALIERA N. 0142')
  expect(out).toMatch(/✔ Paper {12}9 fiscal documents, each once in the journal/)
  expect(out).toContain('its link is a duty at the portal: pos-links.csv')
  expect(out).toContain('till 51.90, printer 51.90, difference 0.00: pos-sheet.csv')
  for (const proof of ['Journal export', 'Journal']) expect(out).toContain(`✔ ${proof}`)
  expect(out.split('\n').filter((line) => line.length > 80 && !line.includes('ofk_'))).toEqual([])
})

test('the day of a bar shows every slip, and paper, closing and journal agree by class', async () => {
  const { code, out, err } = await playDemo('--law', 'rt', '--shop', 'bar')
  removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  for (const words of [
    'SCONTO A PAGARE                             0,02',
    'TICKETS                                    40,00',
    'OMAGGIO                       10%          -3,00',
    'NON RISCOSSO SERVIZI                      244,00',
    'RT VR',
    'RT POS',
    'DI CORTESIA',
    'RAPPORTO GIORNALIERO X',
    'CHIUSURA GIORNALIERA N. 0142',
  ])
    expect(out).toContain(words)
  expect(out).toMatch(/✔ Paper {12}9 fiscal documents, each once in the journal/)
  expect(out).toContain('✔ Classes          5 on paper, in closing and journal: 303.94')
  expect(out).toMatch(/✔ Audit {12}6 parts without a finding/)
  expect(out.split('\n').filter((line) => line.length > 80 && !line.includes('ofk_'))).toEqual([])
})

test('a bar sells while its printer is dead, and each sale is in its Z or on its sheet, never in both', async () => {
  const { code, out, err } = await playDemo('--law', 'rt', '--emergency')
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  const [before = '', without = '', after = ''] = out.split(/The emergency register is open|The printer is back/)
  expect(before).toContain('device resolve rt-1 --printed 0142-0002')
  expect(before).toContain('DOCUMENTO N. 0142-0002')
  expect(without).toContain('Void of it')
  expect(without).not.toMatch(/DOCUMENTO|CHIUSURA/)
  expect(after).toContain('DOCUMENTO N. 0142-0003')
  expect(after).toContain('hint emergency_entries')
  expect(after).toMatch(/│ Totale +39\.24 +33\.92 │/)
  expect(out).toMatch(/✔ Paper {12}3 fiscal documents, each once in the journal/)
  expect(out).toContain('✔ Entries          4 to 7, their receipt numbers, without a gap')
  expect(out).toContain('✔ Once             Z 39.24 and sheet 33.92 are the sales of the day: 73.16')
  expect(out).toMatch(/✔ Audit {12}6 parts without a finding/)
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  expect((await fiskalEdge('verify', join(folder, 'exports', 'journal.ndjson'))).code).toBe(0)
})

test('the demo sells while the receiver is unreachable, and shows that all of it arrives when it is back', async () => {
  const { code, out, err } = await playDemo('--offline')
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/✔ Cloud away {7}\d+ events wait/)
  expect(out).toMatch(/✔ Cloud back {7}(\d+) of \1 events acknowledged/)
  expect(out).toMatch(/✔ Operations {7}6 of 6 read back as acknowledged/)
  const copy = await fiskalEdge('verify', join(folder, 'exports', 'cloud.ndjson'), '--json')
  const own = await fiskalEdge('journal', 'verify', '--json', '--config', configOf(folder))
  const { events, head } = JSON.parse(own.out) as { events: number; head: string }
  expect(JSON.parse(copy.out)).toMatchObject([{ valid: true, summary: expect.stringContaining(` ${events} events`) }])
  expect(readFileSync(join(folder, 'exports', 'cloud.ndjson'), 'utf8')).toContain(`"head":"${head}"`)
})

test('the agent that the demo leaves running repeats the Postman collection and the imported document', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'fiskal-edge.cjs'), 'demo'])
  const ended = once(child, 'close', DEMO_LIMIT_MS)
  let out = ''
  for await (const text of child.stdout) {
    out += text
    if (out.includes('Ctrl-C')) break
  }
  try {
    const { length } = JSON.parse(readFileSync(join(ROOT, 'agent/contract/examples.json'), 'utf8')) as unknown[]
    expect(out).toContain(`✔ Played           ${length} requests`)
    expect(out.indexOf('Played')).toBeLessThan(out.indexOf('Yours to try'))
    const [url = '', key = ''] = [/reference: (http:\S+)\/docs/, /ofk_platform_\S+/].map((part) =>
      part.exec(out)?.at(-1),
    )
    const load = async (path: string): Promise<unknown> => (await fetch(new URL(path, url))).json()
    const collection = (await load('/docs/postman.json')) as Collection
    const runs = await runCollection(collection, { baseUrl: url, platformKey: key })
    expect(runs.flatMap(({ failures }) => failures)).toEqual([])
    const changes = collection.item.filter(({ request }) => request.method !== 'GET').map(({ name }) => name)
    expect(runs.filter(({ isReplay }) => isReplay).map(({ name }) => name)).toEqual(changes)
    const document = (await load('/openapi-json')) as ImportedDocument
    const operations = Object.values(document.paths).flatMap((path) => Object.keys(path))
    const { sent, failures } = await runDocument(document, { url, key })
    const noPrintout = expect.stringMatching(/^POST \/v1\/registers\/\S+\/printouts: 422 /)
    // A shop with a simulated TSE has no duty: its example is one of Austria.
    const noDuty = expect.stringMatching(/^GET \/v1\/duties\/\S+: 404 /)
    expect({ sent, failures }).toEqual({ sent: operations.length, failures: [noPrintout, noDuty] })
  } finally {
    child.kill('SIGINT')
    await ended
  }
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect((await fiskalEdge('journal', 'verify', '--config', configOf(folder))).code).toBe(0)
})

test.each(['rksv', 'rt'])('the demo of %s has no examples of its own: they are those of Germany', async (word) => {
  const law = LAWS.find(({ settings }) => settings.word === word)
  for (const { load } of law?.demos ?? []) expect((await load()).shop).not.toHaveProperty('day')
})

test('a demo that is stopped waits no longer for what does not come', async () => {
  const stop = new AbortController()
  const look = async (): Promise<undefined> => {
    stop.abort(new Error('stopped'))
  }
  await expect(until(look, 'it does not come', stop.signal)).rejects.toThrow('stopped')
})

test('a demo that is stopped in the middle of its shift ends at once, in order, and reports that nothing is proven', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'bin', 'fiskal-edge.cjs'), 'demo', '--law', 'rt'])
  let [out, err] = ['', '']
  child.stderr.on('data', (text) => {
    err += text
  })
  const ended = once(child, 'close', DEMO_LIMIT_MS)
  // The document in progress is printed completely; none follows.
  for await (const text of child.stdout) {
    out += text
    if (out.includes('Opening float') && !child.killed) child.kill('SIGINT')
  }
  const folder = removedLater(/folder {2}(\S+)/.exec(out)?.[1] ?? '')
  expect(await ended).toEqual([130, null])
  expect(err).toBe('fiskal-edge: interrupted: Broken off in the middle of the shift: nothing is proven.\n')
  expect(out).not.toContain('Void of it')
  expect(existsSync(join(folder, 'state', 'journal.db-wal'))).toBe(false)
})
