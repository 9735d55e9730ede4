import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkConfig } from '../../agent/agent-config.ts'
import { ConfigError } from '../../agent/config/config.ts'
import { readReceiverConfig } from '../../agent/config/receiver.ts'

const BASE = { version: 1, state: 'state', listen: {}, devices: [] }

function problemsOf(value: object): readonly string[] {
  try {
    checkConfig('agent.json', { ...BASE, ...value }, '/etc/shop')
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('the configuration', () => {
  test('fills in every key that may be left out', () => {
    const config = checkConfig(
      'agent.json',
      { ...BASE, devices: [{ id: 'tse-1', driver: 'tse-simulator' }] },
      '/etc/shop',
    )
    expect(config).toMatchObject({
      state: '/etc/shop/state',
      listen: { host: 'localhost', port: 7070 },
      allowedHosts: [],
      allowedOrigins: [],
      taxPrecision: 'as_sent',
      deadlineMs: 10_000,
      deviceGraceMs: 2000,
      devices: [{ id: 'tse-1', driver: 'tse-simulator', curve: 'P-256', latencyMs: 0 }],
      sync: { targets: [] },
      log: { level: 'info' },
    })
  })

  test('demands the four keys that have no default', () => {
    expect(() => checkConfig('agent.json', {}, '/')).toThrow(ConfigError)
    expect(() => checkConfig('agent.json', {}, '/')).toThrow(
      'version: is missing; state: is missing; listen: is missing; devices: is missing',
    )
  })

  test.each([
    [{ stat: 's' }, 'stat: unknown key, the nearest known one is "state"'],
    [{ listen: { prot: 1 } }, 'listen.prot: unknown key, the nearest known one is "port"'],
    [
      { devices: [{ id: 'a', driver: 'tse-simulator', latencyMS: 1 }] },
      'devices[0].latencyMS: unknown key, the nearest known one is "latencyMs"',
    ],
    [
      { devices: [{ id: 'a', driver: 'tse-epson', tcp: { host: 'h', port: 1, prot: 2 } }] },
      'devices[0].tcp.prot: unknown key, the nearest known one is "port"',
    ],
    [
      { devices: [{ id: 'a', driver: 'tse-simulator', inventory: { kind: 'usb', bsiId: '412-2020' } }] },
      'devices[0].inventory.bsiId: the number of the certificate, such as "0412-2020"',
    ],
    [
      { devices: [{ id: 'a', driver: 'tse-simulator', inventory: { kind: 'usb', kindCode: 'two' } }] },
      'devices[0].inventory.kindCode: the number that the form shows, 1 to 5',
    ],
    [
      { devices: [{ id: 'a', driver: 'tse-simulator', inventory: { kind: 'sdcard' } }] },
      'devices[0].inventory.kind: Invalid option: expected one of "sd"|"usb"|"cloud"|"other"',
    ],
    [{ rt: { tenders: { cahs: 1 } } }, 'rt.tenders.cahs: unknown key, the nearest known one is "cash"'],
    [{ sync: { target: [] } }, 'sync.target: unknown key, the nearest known one is "targets"'],
    [
      { devices: [{ id: 'a', driver: 'tse-simulater' }] },
      'devices[0].driver: unknown driver, the nearest known one is "tse-simulator"',
    ],
  ])('names an unknown key and the nearest known one: %j', (value, sentence) => {
    expect(problemsOf(value)).toEqual([sentence])
  })

  test('names several mistakes at once', () => {
    expect(
      problemsOf({
        deadlineMs: 'soon',
        tls: { certFile: 'c' },
        devices: [{ id: 'a', driver: 'tse-pkcs11', pin: '1' }],
      }),
    ).toEqual([
      'tls.keyFile: is missing',
      expect.stringMatching(/^deadlineMs: /),
      'devices[0].module: is missing',
      'devices[0].token: is missing',
      'devices[0].pinFile: is missing',
      'devices[0].pin: unknown key, the nearest known one is "pinFile"',
    ])
  })

  test('never repeats a configured value', () => {
    const secret = '4711-hunter2'
    const value = {
      devices: [
        { id: 'a', driver: 'tse-pkcs11', module: 'm', token: 't', pinFile: { [secret]: secret } },
        { id: 'b', driver: secret, pin: secret },
      ],
      deadlineMs: secret,
      taxPrecision: secret,
    }
    expect(problemsOf(value).join('\n')).not.toContain(secret)
    expect(problemsOf(value).length).toBeGreaterThanOrEqual(4)
  })

  test('refuses to listen on the network without tls', () => {
    expect(problemsOf({ listen: { host: '0.0.0.0' } })).toEqual([
      'tls: required, because "listen.host" is not a loopback address',
    ])
    for (const host of ['::1', 'localhost', '127.0.0.2', '::ffff:127.0.0.1'])
      expect(problemsOf({ listen: { host } })).toEqual([])
    const noName = 'listen.host: a name or an address such as "192.168.1.20"'
    for (const host of ['127.0.0.1 ', 'http://127.0.0.1', '127.0.0.1\u0000'])
      expect(problemsOf({ listen: { host } })).toContain(noName)
    expect(problemsOf({ listen: { host: '0.0.0.0' }, tls: { certFile: 'c', keyFile: 'k' } })).toEqual([])
  })

  test('refuses ids used twice and fallbacks to devices that do not exist', () => {
    const card = { id: 'card-1', driver: 'card-simulator' }
    expect(problemsOf({ devices: [card, card] })).toEqual(['devices[1].id: used twice'])
    expect(problemsOf({ devices: [card], rksv: { fallbacks: { 'card-1': ['card-0'] } } })).toEqual([
      'rksv.fallbacks.card-1: there is no device "card-0"',
    ])
  })

  test('refuses a state directory in which no socket has an address', () => {
    const longest = `/${'ä'.repeat(47)}x`
    expect(problemsOf({ state: longest })).toEqual([])
    expect(problemsOf({ state: `${longest}x` })).toEqual([expect.stringMatching(/^state: path too long/)])
  })

  test('refuses a state directory that others have to get through: it is closed to them', () => {
    for (const state of [
      '/',
      '/var',
      '/var/lib',
      '/var/lib/',
      '/tmp',
      '/home/anna',
      '/media',
      '/usr/local',
      '/etc/../',
    ])
      expect(problemsOf({ state })).toEqual([expect.stringMatching(/^state: other users need that folder/)])
    for (const state of ['/var/lib/fiskal-edge', '/data', '/home/anna/till', '/media/disk', '/opt/till', '/tmp/state'])
      expect(problemsOf({ state })).toEqual([])
  })

  test('takes origins as a browser sends them, and nothing that it would never send', () => {
    const sent = ['https://till.example', 'http://192.168.1.5:3000', 'http://[fd00::5]:8080', 'capacitor://localhost']
    expect(problemsOf({ allowedOrigins: sent })).toEqual([])
    const never = ['null', 'till.example', 'https://till.example/', 'https://Till.example', 'https://till.example:443']
    expect(problemsOf({ allowedOrigins: never })).toEqual(
      never.map(
        (_, index) => `allowedOrigins[${index}]: an origin as a browser sends it, such as "https://till.example"`,
      ),
    )
  })

  test('refuses a wildcard among the origins, with the right form', () => {
    const wildcards = ['*', 'https://*', 'https://*.shop.example', 'https://till.*', 'http://till.example:*', 'app://*']
    expect(problemsOf({ allowedOrigins: ['https://shop.example', ...wildcards] })).toEqual(
      wildcards.map(
        (_, index) =>
          `allowedOrigins[${index + 1}]: a wildcard matches no page, because origins are compared as a whole: list each page as a browser sends it, such as "https://till.example"`,
      ),
    )
  })

  test('refuses an address for a Host name, and an invalid department for tips', () => {
    expect(problemsOf({ allowedHosts: ['till.shop.example:7070', 'http://till:7070'] })).toEqual([
      'allowedHosts[1]: a name with its port such as "till.shop.example:7070"',
    ])
    expect(problemsOf({ rt: { tipDepartment: 'N11' } })).toEqual([
      'rt.tipDepartment: a rate such as "0.22" or a natura code',
    ])
  })

  test('takes the TSEs of one server, each once', () => {
    const tse = (id: string, more: object) => ({
      ...{ id, driver: 'tse-epson', tcp: { host: 'server', port: 8009 } },
      ...more,
    })
    expect(problemsOf({ devices: [tse('a', {}), tse('b', { deviceId: 'TSE_2' })] })).toEqual([])
    expect(problemsOf({ devices: [tse('a', {}), tse('b', { deviceId: 'local_TSE' })] })).toEqual([
      'devices[1].deviceId: already used by "a": one unit is one device',
    ])
  })

  test('takes of each printer the timeouts that its driver waits for, and no other', () => {
    const problems = (device: object): readonly string[] => problemsOf({ devices: [{ id: 'a', ...device }] })
    const tcp = { host: 'printer' }
    const all = { ackMs: 1000, replyMs: 5000, printMs: 30_000, longMs: 180_000, gapMs: 10_000 }
    const { gapMs, ...line } = all
    const { ackMs, ...answers } = line
    expect(problems({ driver: 'rt-rch', tcp, timeouts: all })).toEqual([])
    expect(problems({ driver: 'rt-custom', tcp, timeouts: line })).toEqual([])
    expect(problems({ driver: 'rt-epson', http: tcp, timeouts: answers })).toEqual([])
    expect(problems({ driver: 'rt-custom', tcp, timeouts: { gapMs } })).toEqual([
      'devices[0].timeouts.gapMs: unknown key, the nearest known one is "ackMs"',
    ])
    expect(problems({ driver: 'rt-epson', http: tcp, timeouts: { ackMs } })).toEqual([
      'devices[0].timeouts.ackMs: unknown key, the nearest known one is "longMs"',
    ])
  })

  test('leaves a printer room for the reference by which a lost document is found', () => {
    const problems = (driver: string, textMax: number) =>
      problemsOf({ devices: [{ id: 'a', driver, tcp: { host: 'printer' }, profile: { textMax } }] })
    for (const driver of ['rt-rch', 'rt-custom']) {
      for (const textMax of [17, 99]) expect(problems(driver, textMax)).toEqual([])
      for (const textMax of [16, 100]) expect(problems(driver, textMax)).toEqual([expect.stringContaining('textMax')])
    }
  })

  test('takes the slots of one box, each once', () => {
    const slot = (id: string, number: number) => ({
      ...{ id, driver: 'tse-diebold', tcp: { host: 'box', port: 5001 }, slot: number },
    })
    expect(problemsOf({ devices: [slot('a', 1), slot('b', 10)] })).toEqual([])
    for (const none of [0, 11])
      expect(problemsOf({ devices: [slot('a', none)] })).toEqual([expect.stringContaining('devices[0].slot: ')])
    expect(problemsOf({ devices: [slot('a', 2), slot('b', 2)] })).toEqual([
      'devices[1].slot: already used by "a": one unit is one device',
    ])
  })

  test.each([
    [
      'serial',
      { driver: 'rt-rch', serial: { path: '/dev/ttyUSB0' } },
      { driver: 'rt-custom', serial: { path: '/dev/../dev/ttyUSB0', baudRate: 9600 } },
    ],
    ['serial', { driver: 'rt-rch', serial: { usb: { vendorId: '0x1a86', productId: '0x7523' } } }, undefined],
    ['tcp', { driver: 'rt-rch', tcp: { host: 'Printer' } }, { driver: 'rt-rch', tcp: { host: 'printer', port: 23 } }],
    ['http', { driver: 'rt-epson', http: { host: '192.168.1.30' } }, undefined],
    ['path', { driver: 'tse-cryptovision', path: '/media/tse' }, undefined],
    ['token', { driver: 'tse-pkcs11', module: 'm', token: 'edge', pinFile: 'p' }, undefined],
    [
      'slot',
      { driver: 'tse-diebold', serial: { path: 'x', baudRate: 9600 } },
      { driver: 'tse-diebold', serial: { path: 'x' } },
    ],
  ])('one unit with two ids is refused: %s', (key, first, second) => {
    const devices = [
      { id: 'a', ...first },
      { id: 'b', ...(second ?? first) },
    ]
    expect(problemsOf({ devices })).toEqual([`devices[1].${key}: already used by "a": one unit is one device`])
  })

  test('takes several keys of one token, and cards that are fallbacks of each other', () => {
    const token = { driver: 'tse-pkcs11', module: 'm', token: 'edge', pinFile: 'p' }
    expect(
      problemsOf({
        devices: [
          { id: 'a', ...token, key: 'one' },
          { id: 'b', ...token, key: 'two' },
        ],
      }),
    ).toEqual([])
    const devices = [
      { id: 'card-0', driver: 'card-simulator' },
      { id: 'tse-1', driver: 'tse-simulator' },
    ]
    expect(problemsOf({ devices, rksv: { fallbacks: { 'card-0': ['tse-1', 'card-0'] } } })).toEqual([
      'rksv.fallbacks.card-0: "tse-1" is not a signature card',
      'rksv.fallbacks.card-0: a card cannot stand in for itself',
    ])
  })

  test('names the valid values for a kind, a department and a version', () => {
    const targets = [{ id: 'a', kind: 'htps' }, { id: 'b' }]
    expect(problemsOf({ version: undefined, sync: { targets } })).toEqual([
      'version: is missing',
      'sync.targets[0].kind: unknown kind, the nearest known one is "https"',
      'sync.targets[1].kind: one of https, nats, file is required',
    ])
    const devices = [{ id: 'rt-1', driver: 'rt-epson', http: { host: 'h' }, departments: { '0.1': 2 } }]
    expect(problemsOf({ devices })).toEqual(['devices[0].departments.0.1: a rate such as "0.22" or a natura code'])
  })

  test('takes departments by a code at their rate, and refuses two keys of one department by both names', () => {
    const problems = (departments: object, rt = {}) =>
      problemsOf({ devices: [{ id: 'rt-1', driver: 'rt-epson', http: { host: 'h' }, departments }], rt })
    const codes = { '0.22': 1, '0.22/servizi': 12, '0.10/servizi': 13, N1: 5, 'N1/mance': 16, '0.22/__proto__': 14 }
    expect(problems(codes, { tipDepartment: 'N1/mance', giftCardDepartment: '0.22/servizi' })).toEqual([])
    expect(problems({ '0.22': 1, '0.220': 12 })).toEqual([
      'devices[0].departments.0.220: is the same department as "0.22": name it once',
    ])
    expect(problems({ '0.220/a': 1, '0.22/b': 12, '0.2200/a': 13 })).toEqual([
      'devices[0].departments.0.2200/a: is the same department as "0.220/a": name it once',
    ])
    for (const key of ['0.22/', '0.22/Servizi', '0.22/a/b', `0.22/${'x'.repeat(21)}`, '/servizi'])
      expect(problems({ [key]: 12 })).toEqual([expect.stringContaining('a rate such as "0.22" or a natura code')])
  })

  test('sends the journal unencrypted to this machine only', () => {
    const to = (url: string) =>
      problemsOf({ sync: { targets: [{ id: 'cloud', kind: 'https', url, tokenFile: 'token', tls: {} }] } })
    expect(to('https://cloud.example')).toEqual([])
    expect(to('http://127.0.0.1:9000')).toEqual([])
    expect(to('http://cloud.example')).toHaveLength(1)
    expect(to('https://user:password@cloud.example')).toHaveLength(1)
    const through = (server: string) =>
      problemsOf({ sync: { targets: [{ id: 'chain', kind: 'nats', servers: [server], stream: 'FISKAL' }] } })
    expect([through('tls://nats.example:4222'), through('nats://127.0.0.1:4222')]).toEqual([[], []])
    expect(through('nats://nats.example:4222')).toHaveLength(1)
    expect(through('tls://user:password@nats.example:4222')).toEqual([expect.stringContaining('"credsFile"')])
    expect(through('tls://user:password@nats.example:4222').join()).not.toContain('password')
    const file = join(mkdtempSync(join(tmpdir(), 'config-')), 'receiver.json')
    const taking = (server: string) => () => {
      writeFileSync(file, JSON.stringify({ version: 1, streams: [{ servers: [server], stream: 'FISKAL' }] }))
      return readReceiverConfig(file).streams.length
    }
    expect([taking('tls://nats.example:4222')(), taking('localhost:4222')()]).toEqual([1, 1])
    expect(taking('nats://nats.example:4222')).toThrow('plain only to a loopback address')
  })

  test('takes every driver of the manual', () => {
    const devices = [
      { id: 'a', driver: 'tse-simulator', curve: 'brainpoolP384r1', latencyMs: 5 },
      { id: 'b', driver: 'tse-pkcs11', module: '/usr/lib/softhsm/libsofthsm2.so', token: 'edge', pinFile: 'pin' },
      {
        id: 'c',
        driver: 'tse-cryptovision',
        path: '/media/tse',
        adminPinFile: 'p',
        timeouts: { replyMs: 5000, longMs: 120_000 },
      },
      {
        id: 'd',
        driver: 'tse-diebold',
        serial: { path: '/dev/ttyACM0' },
        slot: 1,
        adminPinFile: 'p',
        timeAdminPinFile: 'p',
      },
      { id: 'e', driver: 'tse-diebold', tcp: { host: 'box', port: 9 } },
      { id: 'f', driver: 'tse-epson', tcp: { host: '192.168.1.20', port: 8009 }, pukFile: 'p', secretFile: 's' },
      { id: 'g', driver: 'tse-swissbit', path: '/media/swissbit', library: '/opt/worm/libWormAPI.so' },
      { id: 'h', driver: 'card-simulator' },
      { id: 'i', driver: 'card-pkcs11', module: 'm.so', token: 't', pinFile: 'p', key: 'label', certFile: 'c' },
      { id: 'j', driver: 'rt-rch', serial: { path: '/dev/ttyUSB0', baudRate: 9600 } },
      { id: 'k', driver: 'rt-custom', serial: { usb: { vendorId: '0x1a86', productId: '0x7523' } } },
      { id: 'l', driver: 'rt-epson', http: { host: '192.168.1.30' } },
      { id: 'm', driver: 'rt-rch', tcp: { host: '192.168.1.31' }, profile: { address: '00', tenderCount: 9 } },
      { id: 'n', driver: 'rt-simulator' },
    ]
    const config = checkConfig('agent.json', { ...BASE, devices }, '/etc/shop')
    expect(config.devices[3]).toMatchObject({ serial: { baudRate: 115_200 }, timeouts: { replyMs: 1500 } })
    expect(config.devices[8]).toMatchObject({ vda: 'AT1', module: 'm.so', pinFile: '/etc/shop/p' })
    expect(config.devices[10]).toMatchObject({ serial: { baudRate: 19_200 }, departments: { '0.22': 1, N6: 10 } })
    expect(config.devices[12]).toMatchObject({ tcp: { port: 23 }, profile: { address: '00', tenderCount: 9 } })
  })

  test('a named tender leaves the others their defaults, but other and bank_transfer have no default', () => {
    const tendersOf = (tenders: object) => checkConfig('agent.json', { ...BASE, rt: { tenders } }, '/').rt.tenders
    const usual = { cash: 1, card: 4, mobile: 4, online: 4, digital_wallet: 4, voucher: 5 }
    expect(tendersOf({})).toEqual({ ...usual, gift_card: 10, store_credit: 10 })
    expect(tendersOf({ other: 6, mobile: 3 })).toEqual({
      ...usual,
      mobile: 3,
      gift_card: 10,
      store_credit: 10,
      other: 6,
    })
  })

  test('a printer has one line: serial, TCP or USB', () => {
    const both = { serial: { path: '/dev/ttyUSB0' }, tcp: { host: 'printer' } }
    const usb = { vendorId: '0x0dd4', productId: '0x015d' }
    for (const line of [{}, both, { ...both, usb }, { tcp: both.tcp, usb }]) {
      const devices = [{ id: 'a', driver: 'rt-rch', ...line }]
      expect(() => checkConfig('agent.json', { ...BASE, devices }, '/')).toThrow(
        'give one of "serial", "tcp" and "usb"',
      )
    }
  })
})
