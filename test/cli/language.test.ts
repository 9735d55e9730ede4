import { globSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { deviceFindings } from '../../agent/cli/checks/devices.ts'
import { languageOf, translated } from '../../agent/cli/terminal/language.ts'
import { LANGUAGES } from '../../agent/contract/receipt.ts'
import { COMMAND_TEXTS } from '../../agent/texts/commands.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { remedyFor } from '../../agent/watch/warnings.ts'
import { austrianTill, ONE_CARD } from '../e2e/austria/shop.ts'
import { Bench } from '../e2e/bench.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownConfig, ROOT } from './command.ts'

test.each([
  [{}, {}, 'en'],
  [{}, { LANG: 'C' }, 'en'],
  [{}, { LANG: 'fr_FR.UTF-8' }, 'en'],
  [{}, { LANG: 'de_AT.UTF-8' }, 'de'],
  [{}, { LANG: 'it_IT@euro' }, 'it'],
  [{}, { LANG: 'de_DE', LC_MESSAGES: 'it_IT' }, 'it'],
  [{}, { LANG: 'de_DE', LC_MESSAGES: 'it_IT', LC_ALL: 'C' }, 'en'],
  [{}, { LANG: 'de_DE', LC_MESSAGES: '', LC_ALL: '' }, 'de'],
  [{ language: 'it' }, { LC_ALL: 'de_DE' }, 'it'],
  [{ language: 'de', json: true }, { LC_ALL: 'de_DE' }, 'en'],
] as const)('%j in the environment %j is answered in %s', (options, environment, language) => {
  expect(languageOf(options, environment)).toBe(language)
})

describe('the texts of commands', () => {
  const files = globSync(
    '{agent/failure.ts,{agent/{cli,journal,laws,state},alerts,base/settings,drivers/{finanzonline,links,ports},sync}/**/*.ts}',
    { cwd: ROOT },
  )
  const code = files
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .join('\n')
    .replaceAll(/\\'|\{(?:address|authority)\}/g, (one) => (one === "\\'" ? "'" : '{}'))
  /** The states of a device are values of the contract; kinds of hardware and uses of a certificate are values too. */
  const STATED = /^(?:(?:\{\} is )?(?:ready|degraded|down|foreign)|\{\} (?:card reader|serial adapter)|tls \w+)$/

  test.each(Object.entries(COMMAND_TEXTS).map(([en, text]) => [en, { en, ...text }] as const))(
    '%j is a sentence of a command',
    (_, text) => {
      for (const piece of STATED.test(text.en) ? [] : text.en.split('{}')) expect(code.includes(piece)).toBe(true)
      for (const language of LANGUAGES) expect(text[language].split('{}')).toHaveLength(text.en.split('{}').length)
    },
  )
})

test.each(['de', 'it'] as const)('each warning and its remedy are said in %s, with the ids of the case', (language) => {
  for (const { en, ...others } of Object.values(WARNING_TEXTS))
    for (const part of [0, 1] as const) {
      const ids = { device: 'unit-1', target: 'unit-1', task: 'unit-1' }
      expect(translated(remedyFor(en[part], ids), language)).toBe(remedyFor(others[language][part], ids))
    }
})

const DOWN = {
  ...{ id: 'tse-1', driver: 'tse-simulator', state: 'down', serial: 'ab12', since: '2026-11-30T10:00:00.000Z' },
  warnings: [{ code: 'device_unavailable', message: 'nobody answers at 10.0.0.5:5000' }],
  health: { certificate_expires_at: '2034-11-30T12:00:00.000Z' },
}

test.each([
  [
    'de',
    'tse-simulator ist ausgefallen; Das Fiskalgerät antwortet nicht; Seriennummer ab12; Zertifikat bis 30.11.2034',
    'Steckt das Gerät fest und hat es Strom? Es wird automatisch wieder verbunden. Geht es nach 10 Minuten nicht: den Kassenhändler anrufen. Dann: fiskal-edge device status tse-1',
  ],
  [
    'it',
    'tse-simulator non risponde; Il dispositivo fiscale non risponde; matricola ab12; certificato fino al 30/11/2034',
    'Controllare cavo e alimentazione. Il collegamento riprende automaticamente. Se dopo 10 minuti non risponde: chiamare il rivenditore della cassa. Poi: fiskal-edge device status tse-1',
  ],
  [
    'en',
    'tse-simulator is down; nobody answers at 10.0.0.5:5000; serial ab12; certificate until 2034-11-30',
    'Check cable and power. Stop the program named in the message, if any. Call your till dealer if it is down for 10 minutes. The agent retries automatically. Then: fiskal-edge device status tse-1',
  ],
] as const)('the row of a device that is down is whole in %s', async (language, message, remedy) => {
  const technician = { devices: async () => [DOWN], deviceAct: async () => DOWN, installation: async () => ({}) }
  const config = { devices: [{ id: 'tse-1', driver: 'tse-simulator' }] }
  const [finding] = await deviceFindings(technician as never, config as never, language)
  expect(finding?.state).toBe('failure')
  expect(translated(finding?.message ?? '', language)).toBe(message)
  expect(translated(finding?.remedy ?? '', language)).toBe(remedy)
})

test.each([
  [
    '"state": /tmp/s is in /tmp, which is emptied when the service or the machine stops (state_volatile): name a folder on a disk',
    '"state": /tmp/s liegt in /tmp: Das wird beim Halt von Dienst oder Rechner geleert (state_volatile): einen Ordner auf einer Platte nennen',
  ],
  ['chain holds from seq 1 to 4, key 15', 'Kette stimmt von 1 bis 4, Schlüssel 15'],
  ['less than 24 hours old, 17 events: /b/1.ofkb', 'keine 24 Stunden alt, 17 Ereignisse: /b/1.ofkb'],
  ['Nobody wrote a row; 64 MiB free', 'Nobody wrote a row; 64 MiB frei'],
  ['$& and $1 is free', '$& and $1 ist frei'],
  [
    'Epoch 3 is newer. Proven: the key of this journal signed event 7 of epoch 3 there.',
    'Epoch 3 is newer. Bewiesen: Der Schlüssel dieses Journals hat dort Ereignis 7 der Epoche 3 signiert.',
  ],
  ['sync 0.05 ms (median of 20), worst 7.8 ms', 'Schreiben 0,05 ms (Median von 20), längstens 7,8 ms'],
  [
    'VAT rates in force: key 1 19 %, key 3 10.7 %; no change is configured',
    'Geltende Umsatzsteuersätze: Schlüssel 1 19 %, Schlüssel 3 10,7 %; keine Änderung eingetragen',
  ],
  [
    '2 devices are down since 2026-11-30T10:00:00Z: tse-simulator is down; serial 5',
    '2 Geräte sind seit 30.11.2026 11:00 ausgefallen: tse-simulator ist ausgefallen; Seriennummer 5',
  ],
  ['the audit of 2026-11-29 found: Receipt 3 (a_b)', 'die Prüfung vom 29.11.2026 fand: Receipt 3 (a_b)'],
  ['10.0.0.5:443 is free', '10.0.0.5:443 ist frei'],
  ['fiskal-edge 0.2.0 is half installed', 'fiskal-edge 0.2.0 ist nur halb installiert'],
])('%j is taken in its parts, and what has no row stays', (text, words) => {
  expect(translated(text, 'de')).toBe(words)
})

/** Commands of a shop with the running agent of the bench. */
async function commandsOf({ config: { state, devices } }: Bench) {
  const file = join(state, '..', 'agent.json')
  await writeFile(file, JSON.stringify({ version: 1, state, listen: { port: 0 }, devices }))
  return { file, command: (...words: readonly string[]) => fiskalEdge(...words, '--config', file) }
}

const ENGLISH = /\b(?:the|is|are|with|not|until|none|free|make|add|name|installed|without|this|and)\b/i
/** Names of checks and drivers, times and paths have no language. */
function sentencesOf(out: string): string[] {
  return out.split('\n').map((line) => line.slice(24))
}

test.each(['de', 'it'] as const)(
  'doctor of a German shop with a warning has no English sentence in %s',
  heavy(),
  async (language) => {
    await using bench = await Bench.open()
    await bench.till()
    await bench.fault('unplugged@*')
    await bench.untilDevice('down')
    const { command } = await commandsOf(bench)
    const { out, code } = await command('doctor', '--language', language)
    expect(code).toBe(1)
    expect(sentencesOf(out).filter((line) => ENGLISH.test(line))).toEqual([])
    const row = {
      de: 'tse-simulator ist ausgefallen; Das Fiskalgerät antwortet nicht',
      it: 'Il dispositivo fiscale non risponde',
    }
    expect(out).toContain(row[language])
    expect(out).not.toContain('✔ tse-1')
  },
)

const LISTS = {
  de: {
    duty: 'Signatureinheit registrieren: card-1',
    device: /TREIBER.*ZUSTAND.*SERIENNUMMER/,
    ready: 'bereit, NICHT ZERTIFIZIERT',
    valid: 'ist gültig: card-1',
    until: 'bis',
  },
  it: {
    duty: 'Registrare il dispositivo di firma: card-1',
    device: /DRIVER.*STATO.*MATRICOLA/,
    ready: 'pronto, NON CERTIFICATO',
    valid: 'è valida: card-1',
    until: 'entro',
  },
} as const

test.each(['de', 'it'] as const)('duty list, device list and config check answer in %s', heavy(), async (language) => {
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  const { file, command } = await commandsOf(bench)
  const words = LISTS[language]
  const duties = await command('duty', 'list', '--language', language)
  expect(duties.out).toContain(`${words.duty}\n`)
  expect(duties.out.split('\n').filter((line) => ENGLISH.test(line))).toEqual([])
  expect(duties.out).toMatch(new RegExp(`^ {2}${words.until} \\d\\d[./]\\d\\d[./]\\d{4} {3}id `, 'm'))
  expect((await command('duty', 'list', '--all', '--language', language)).out).toContain(words.duty)
  const devices = (await command('device', 'list', '--language', language)).out
  expect(devices).toMatch(words.device)
  expect(devices).toContain(words.ready)
  expect((await fiskalEdge('config', 'check', file, '--language', language)).out).toContain(words.valid)
})

/** What a command does under that locale. */
async function inLocale<Result>(locale: string, act: () => Promise<Result>): Promise<Result> {
  const { LC_ALL, LANG } = process.env
  Object.assign(process.env, { LC_ALL: '', LANG: locale })
  try {
    return await act()
  } finally {
    Object.assign(process.env, { LC_ALL, LANG })
  }
}

test('doctor shows whom the shop calls, and config check refuses nonsense there', heavy(), async () => {
  const support = { name: 'Kassendienst Müller', telephone: '030 123456' }
  const { out } = await fiskalEdge('doctor', '--config', ownConfig(undefined, { support }))
  expect(out).toMatch(/^✔ support {15}Kassendienst Müller, 030 123456$/m)
  const wrong = ownConfig(undefined, { support: { telephone: 'call me' } })
  const checked = await fiskalEdge('config', 'check', wrong)
  expect(checked).toMatchObject({ code: 1, out: expect.stringContaining('support.telephone: a number such as') })
})

test('with --json the answer is the same in each language', heavy(), async () => {
  await using bench = await Bench.open({ config: ONE_CARD })
  await austrianTill(bench)
  const { file, command } = await commandsOf(bench)
  const asked = async () => {
    const { findings } = JSON.parse((await command('doctor', '--json')).out) as { findings: { check: string }[] }
    const lists = [
      (await command('duty', 'list', '--json')).out,
      withoutTimes((await command('device', 'list', '--json')).out),
      (await fiskalEdge('config', 'check', file, '--json')).out,
    ]
    return [findings.filter(({ check }) => !MEASURED.includes(check)), ...lists]
  }
  const english = await inLocale('C', asked)
  expect(await inLocale('de_DE.UTF-8', asked)).toEqual(english)
  expect((await command('duty', 'list', '--json', '--language', 'it')).out).toBe(english[1])
})

const MEASURED = ['clock', 'disk speed', 'disk space', 'journal']

/** A device is asked again at each list. */
function withoutTimes(out: string): string {
  return out.replaceAll(/"(?:since|checked_at|clock_skew_ms|at)":("[^"]*"|-?\d+)/g, '')
}

test.each([
  ['de_DE.UTF-8', 'ist gültig: tse-1'],
  ['it_IT.UTF-8', 'è valida: tse-1'],
  ['C', 'is valid: tse-1'],
])('under LANG=%s config check answers "%s"', async (locale, words) => {
  const config = ownConfig()
  expect((await inLocale(locale, () => fiskalEdge('config', 'check', config))).out).toContain(words)
})
