import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { parseConfig, readConfig } from '../../agent/agent-config.ts'
import { exampleConfig } from '../../agent/cli/config/example.ts'
import { parseConfigText } from '../../agent/config/config.ts'
import { configSchema } from '../../agent/config/schema.ts'
import { LAW_KEYS, LAW_WORDS, LAWS } from '../../agent/laws/laws.ts'

const BASE = { version: 1, state: 'state', listen: {}, devices: [] }

/** The devices of an example, those in comments too. */
function devicesOf(example: string): unknown[] {
  const lines = example.split('\n')
  return lines.flatMap((line, at) => {
    if (!line.includes('{ "id": ') || !line.includes('"driver"')) return []
    const isComment = line.trimStart().startsWith('//')
    const text = lines.slice(at).map((next) => (isComment ? next.replace(/^ *\/\/ /, '') : next))
    return [parseConfigText('entry', firstObject(text.join('\n')))]
  })
}

function firstObject(text: string): string {
  const from = text.indexOf('{')
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(from, at + 1)
  }
  throw new Error(`no object in ${text}`)
}

/** The names of all members of a JSON schema. */
function keysOf(schema: unknown, keys = new Set<string>()): Set<string> {
  if (typeof schema !== 'object' || schema === null) return keys
  for (const [name, value] of Object.entries(schema)) {
    if (name === 'properties') for (const key of Object.keys(value)) keys.add(key)
    keysOf(value, keys)
  }
  return keys
}

describe('the configuration file', () => {
  test('may have comments and trailing commas, but not inside its texts', () => {
    const text = `{ // a comment
      "version": 1, /* another
      one */ "state": "/tmp/a//b/*c*/,}", "listen": {}, "devices": [ ], }`
    expect(parseConfig('/etc/agent.json', text).state).toBe('/tmp/a/b/*c*/,}')
  })

  test('is read at once however many comments follow each other, complete or not', () => {
    const comments = '/* { "id": "tse-2" }, **/ // old\n'.repeat(2000)
    const text = `{ "version": 1, ${comments} "state": "/tmp/a", "listen": {}, "devices": [ ], ${comments} }`
    expect(parseConfig('/etc/agent.json', text).state).toBe('/tmp/a')
    expect(() => parseConfigText('agent.json', `{,${'/*/'.repeat(2000)}*`)).toThrow('not JSON')
  })

  test('is not read beyond 1 MiB, although a device has no size', () => {
    expect(() => readConfig('/dev/zero')).toThrow('/dev/zero: larger than 1 MiB')
  })

  test('is refused with line and column if it is not JSON, without quoting it', () => {
    const text = '{\n  "version": 1,\n  "pin": "4711" "state": 1\n}'
    expect(() => parseConfig('/etc/agent.json', text)).toThrow('/etc/agent.json: not JSON, line 3 column 17')
  })

  test.each([
    ['a mark of the byte order in front is no mistake', `\uFEFF${JSON.stringify(BASE)}\r\n`, undefined],
    [
      'one in an old code page',
      Buffer.from('{ "dsfinvk": { "defaultOperator": "B\u00e4cker" } }', 'latin1'),
      /is not saved as UTF-8/,
    ],
    [
      'a key that is given twice would count once',
      '{ "sync": { "targets": [{ "id": "a" }, { "id": "b", "kind": "file", "id": "c" }] }, /* "sync" */ "s\\u0079nc": {} }',
      /sync\.targets\[1\]\.id: given twice.*; sync: given twice/,
    ],
    ['an empty one', ' \n', /is empty: fiskal-edge config example/],
    ['one that an editor saved as UTF-16', Buffer.from(JSON.stringify(BASE), 'utf16le'), /is not saved as UTF-8/],
    ['one that is cut', JSON.stringify(BASE).slice(0, -1), /not JSON/],
    ['one in another language', 'version: 1', /not JSON, line 1/],
    ['one that nests deeper than a stack', '['.repeat(900_000), /not JSON, line 1/],
  ])('%s', (_name, content, refusal) => {
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'agent.json')
    writeFileSync(file, content)
    if (refusal === undefined) expect(readConfig(file).file).toBe(file)
    else expect(() => readConfig(file)).toThrow(refusal)
  })

  test('that is missing or a directory is named with the reason', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    expect(() => readConfig(join(folder, 'none.json'))).toThrow(/none\.json: cannot be read \(ENOENT\)/)
    expect(() => readConfig(folder)).toThrow(/cannot be read \(EISDIR\)/)
  })

  test('that another user keeps private is not a wrong one: the calling user must change', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    chmodSync(folder, 0o755)
    const file = join(folder, 'agent.json')
    writeFileSync(file, '{}', { mode: 0o000 })
    const isRoot = process.geteuid?.() === 0
    if (isRoot) process.seteuid?.(65_534)
    try {
      expect(() => readConfig(file)).toThrow(
        expect.objectContaining({ code: 'permission_denied', message: expect.stringContaining('repeat with sudo') }),
      )
    } finally {
      if (isRoot) process.seteuid?.(0)
    }
  })

  test('resolves its paths against its own folder', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    writeFileSync(join(folder, 'agent.json'), JSON.stringify(BASE))
    expect(readConfig(join(folder, 'agent.json')).config.state).toBe(join(folder, 'state'))
  })

  test('warns of secrets that others may read, and of missing ones', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    mkdirSync(join(folder, 'secrets'))
    const pin = join(folder, 'secrets', 'pin')
    writeFileSync(pin, '4711')
    chmodSync(pin, 0o640)
    const card = { id: 'a', driver: 'card-pkcs11', module: 'm', token: 't' }
    const devices = [
      { ...card, pinFile: pin },
      { ...card, id: 'b', pinFile: 'secrets/other' },
      { ...card, id: 'c', token: 'u', pinFile: 'secrets' },
    ]
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ ...BASE, devices }))
    expect(readConfig(join(folder, 'agent.json')).warnings).toEqual([
      `devices[0].pinFile: ${pin} can be read by others, chmod 600 it`,
      `devices[1].pinFile: ${join(folder, 'secrets', 'other')} does not exist`,
      `devices[2].pinFile: ${join(folder, 'secrets')} is a folder: name the file in it`,
    ])
    chmodSync(pin, 0o600)
    expect(readConfig(join(folder, 'agent.json')).warnings).toHaveLength(2)
  })

  test('a DSFinV-K later than the columns that are written is warned of, one before them is refused', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    const file = join(folder, 'agent.json')
    const write = (taxonomyVersion: string) =>
      writeFileSync(file, JSON.stringify({ ...BASE, devices: [], dsfinvk: { taxonomyVersion } }))
    write('2.5')
    expect(readConfig(file).warnings).toEqual([expect.stringMatching(/^dsfinvk\.taxonomyVersion: 2\.5 .* 2\.4$/)])
    for (const known of ['2.2', '2.3', '2.4']) {
      write(known)
      expect(readConfig(file).warnings).toEqual([])
    }
    write('2.1')
    expect(() => readConfig(file)).toThrow(/dsfinvk\.taxonomyVersion/)
  })

  test('several departments of one rate at a Custom printer are warned of: it is sent no activity (ATECO)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    const tcp = { host: '192.168.1.40' }
    const departments = { '0.22': 1, '0.22/servizi': 12 }
    const devices = [
      { id: 'a', driver: 'rt-rch', tcp, departments },
      { id: 'b', driver: 'rt-custom', tcp: { ...tcp, port: 24 } },
      { id: 'c', driver: 'rt-custom', tcp: { ...tcp, port: 25 }, departments },
    ]
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ ...BASE, devices }))
    expect(readConfig(join(folder, 'agent.json')).warnings).toEqual([
      expect.stringMatching(/^devices\[2\]\.departments: 0\.22\/servizi: .*ATECO/),
    ])
  })

  test.each([
    ['4711\r\n', undefined],
    ['', /is empty/],
    ['\uFEFF4711', undefined],
    ['4711 \n', /begins or ends with a blank/],
    ['4711\n\n', undefined],
  ])('the rest of an editor in a PIN file is reported before it costs a try: %j', (content, warning) => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    writeFileSync(join(folder, 'pin'), content, { mode: 0o600 })
    const devices = [{ id: 'a', driver: 'card-pkcs11', module: 'm', token: 't', pinFile: 'pin' }]
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ ...BASE, devices }))
    const { warnings } = readConfig(join(folder, 'agent.json'))
    expect(warnings.join()).not.toContain('4711')
    if (warning === undefined) expect(warnings).toEqual([])
    else expect(warnings).toEqual([expect.stringMatching(warning)])
  })

  test.each([
    [Buffer.from('4711', 'utf16le'), 'contains a NUL'],
    [Buffer.from('\uFEFF4711', 'utf16le'), 'is not UTF-8'],
    [Buffer.from('Käse', 'latin1'), 'is not UTF-8'],
    ['4711\n4712\n', 'has more than one line'],
  ])('a PIN file that is not one line of UTF-8 is named as a secret that nothing gets: %j', (content, why) => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    const pin = join(folder, 'pin')
    writeFileSync(pin, content, { mode: 0o600 })
    const devices = [{ id: 'a', driver: 'card-pkcs11', module: 'm', token: 't', pinFile: 'pin' }]
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ ...BASE, devices }))
    const { warnings, invalidSecrets } = readConfig(join(folder, 'agent.json'))
    expect(warnings).toEqual([])
    expect(invalidSecrets).toEqual([expect.stringContaining(`devices[0].pinFile: ${pin} ${why}`)])
    expect(invalidSecrets.join()).not.toContain('4711')
  })

  test('a private key and the credentials of NATS have lines, and no finding for that', () => {
    const folder = mkdtempSync(join(tmpdir(), 'config-'))
    const lines = '-----BEGIN X-----\nAA\n-----END X-----\n\n'
    writeFileSync(join(folder, 'pem'), lines, { mode: 0o600 })
    const target = { id: 'n', kind: 'nats', servers: ['tls://n.example'], stream: 'F', credsFile: 'pem' }
    const sync = { targets: [{ ...target, tls: { certFile: 'pem', keyFile: 'pem' } }] }
    writeFileSync(join(folder, 'agent.json'), JSON.stringify({ ...BASE, devices: [], sync }))
    expect(readConfig(join(folder, 'agent.json'))).toMatchObject({ warnings: [], invalidSecrets: [] })
  })

  test.each(LAW_WORDS)('example for %s passes its own check', (law) => {
    const { deviceKinds } = LAWS.find(({ settings }) => settings.word === law) ?? { deviceKinds: [] }
    expect(parseConfig('/etc/agent.json', exampleConfig(law)).devices).toHaveLength(deviceKinds.length)
  })

  test('the examples have each driver, and what they leave in comments passes the check too', () => {
    const entries = LAW_WORDS.flatMap((law) => devicesOf(exampleConfig(law)))
    const drivers = entries.flatMap((entry) =>
      parseConfig('/etc/agent.json', JSON.stringify({ ...BASE, devices: [entry] })).devices.map(({ driver }) => driver),
    )
    const known = configSchema('/', LAW_KEYS).shape.devices.element.options.map(({ shape }) => shape.driver.value)
    expect(drivers.toSorted()).toEqual(known.toSorted())
  })

  test('each key is in an example, as README and doctor say', () => {
    const texts = LAW_WORDS.map((law) => exampleConfig(law)).join()
    const keys = keysOf(z.toJSONSchema(configSchema('/', LAW_KEYS), { io: 'input', unrepresentable: 'any' }))
    expect(keys.size).toBeGreaterThan(100)
    expect([...keys].filter((key) => !texts.includes(`"${key}"`))).toEqual([])
  })

  test.each(LAW_WORDS)('the commented-out part of the example for %s passes the check too', (law) => {
    const example = exampleConfig(law)
    const targets = example.split('\n').flatMap((line, at, lines) => {
      if (!line.includes('"kind": ') || line.includes('"inventory": ')) return []
      const text = lines.slice(at).map((next) => next.replace(/^ *\/\/ /, ''))
      return [parseConfigText('entry', firstObject(text.join('\n')))]
    })
    expect(targets).toHaveLength(3)
    const { sync } = parseConfig('/etc/agent.json', JSON.stringify({ ...BASE, sync: { targets } }))
    expect(sync.targets.map(({ kind }) => kind)).toEqual(['https', 'nats', 'file'])
    const settings = [...example.matchAll(/"(tls|rate)": (\{(?:[^{}]|\n)*\})/g)].map(([, key, value]) => [key, value])
    expect(settings.map(([key]) => key)).toEqual(['tls', 'tls', 'rate', 'tls'])
    for (const [key = '', value = ''] of settings.slice(0, 3)) {
      const text = value.replaceAll(/\n *\/\/ /g, '')
      expect(() => parseConfig('/etc/agent.json', JSON.stringify({ ...BASE, [key]: JSON.parse(text) }))).not.toThrow()
    }
  })
})
