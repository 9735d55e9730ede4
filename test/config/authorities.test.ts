import { expect, test } from 'vitest'
import { relayOf } from '../../agent/config/authorities.ts'
import { authorityHosts } from '../../agent/config/called-hosts.ts'
import { ConfigError, checkConfig } from '../../agent/config/config.ts'
import { secretFiles } from '../../agent/config/named-files.ts'

const BASE = { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [] }
const ACCOUNT = { participantFile: 'fon.tid', userFile: 'fon.benid', pinFile: 'fon.pin' }
const MAKER_ID = "10 to 24 letters and digits: the VAT id of the maker of the till's software, ask who sold it"
const FON = { mode: 'P', makerVatId: 'ATU12345678', accounts: [ACCOUNT] }

const RELAY = '"P" with another host than FinanzOnline: only with "relay": true'

function read(authorities?: object) {
  return checkConfig('agent.json', { ...BASE, ...(authorities && { authorities }) }, '/etc/fiskal-edge', {})
}

function problems(finanzonline: object, more: object = {}): readonly string[] {
  try {
    read({ finanzonline, ...more })
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('without the section nothing is sent, and an account alone has the defaults', () => {
  expect(read().authorities).toBeUndefined()
  expect(read({}).authorities).toEqual({})
  expect(authorityHosts(read())).toEqual([])
  expect(read({ finanzonline: FON }).authorities?.finanzonline).toMatchObject({
    mode: 'P',
    url: 'https://finanzonline.bmf.gv.at',
    timing: {
      ...{ callMs: 30_000, retryMinMs: 60_000, retryMaxMs: 3_600_000 },
      ...{ askMs: 60_000, visibleMs: 900_000, checkAgainMs: 86_400_000 },
    },
  })
})

test('the files of accounts and proxy are secrets, and service and proxy are called', () => {
  const accounts = [
    { ...ACCOUNT, merchant: 'ATU12345678' },
    { ...ACCOUNT, merchant: 'ATU87654321' },
  ]
  const config = read({
    proxy: { url: 'http://proxy.shop.example:3128', credentialsFile: 'proxy' },
    caFile: 'ca.pem',
    finanzonline: { ...FON, accounts },
  })
  expect([...secretFiles(config, {})].map(([key]) => key)).toEqual([
    'authorities.proxy.credentialsFile',
    ...[0, 1].flatMap((at) =>
      ['participantFile', 'userFile', 'pinFile'].map((name) => `authorities.finanzonline.accounts[${at}].${name}`),
    ),
  ])
  expect(authorityHosts(config)).toEqual(['finanzonline.bmf.gv.at', 'proxy.shop.example'])
  expect(config.authorities?.caFile).toBe('/etc/fiskal-edge/ca.pem')
})

test('a trial may call a simulator on this machine, production only as a relay', () => {
  for (const url of [
    'http://127.0.0.1:8080',
    'http://localhost:8080',
    'https://[::1]:8443',
    'http://[::1]:8080/base',
  ]) {
    expect(problems({ ...FON, mode: 'T', url })).toEqual([])
    expect(problems({ ...FON, relay: true, url })).toEqual([])
    expect(problems({ ...FON, url })).toEqual([`${at('url')}: ${RELAY}`])
  }
})

test('production by a relay names its host, FinanzOnline itself is not a relay', () => {
  const relay = (more: object) => {
    const settings = read({ finanzonline: { ...FON, ...more } }).authorities?.finanzonline
    return settings && relayOf(settings)
  }
  expect(relay({ relay: true, url: 'https://relay.example:8443/ws' })).toBe('relay.example:8443')
  expect([relay({}), relay({ relay: true }), relay({ mode: 'T', url: 'https://test.example' })]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('T may call another host, by https', () => {
  expect(problems({ ...FON, mode: 'T', url: 'https://test.example' })).toEqual([])
})

function at(key: string): string {
  return `authorities.finanzonline.${key}`
}

test.each([
  ['no mode', { mode: undefined }, `${at('mode')}: is missing: "T" for a trial or "P" for production`],
  ['an unknown mode', { mode: 'p' }, `${at('mode')}: "T" for a trial or "P" for production`],
  ['P with another host', { url: 'https://test.example' }, `${at('url')}: ${RELAY}`],
  ['P with a host that begins so', { url: 'https://finanzonline.bmf.gv.at.example' }, `${at('url')}: ${RELAY}`],
  [
    'http beyond loopback',
    { mode: 'T', url: 'http://finanzonline.bmf.gv.at' },
    `${at('url')}: an https: URL without a user or a query; plain http: only to a loopback address`,
  ],
  [
    'a user in the URL',
    { url: 'https://a:geheim@finanzonline.bmf.gv.at' },
    `${at('url')}: an https: URL without a user or a query; plain http: only to a loopback address`,
  ],
  ['a short id of the maker', { makerVatId: 'ATU' }, `${at('makerVatId')}: ${MAKER_ID}`],
  [
    'a merchant named twice',
    {
      accounts: [
        { ...ACCOUNT, merchant: 'ATU12345678' },
        { ...ACCOUNT, merchant: 'atu 12345678' },
      ],
    },
    `${at('accounts[1].merchant')}: named twice: a merchant has one account`,
  ],
  [
    'a merchant missing among several',
    { accounts: [{ ...ACCOUNT, merchant: 'ATU12345678' }, ACCOUNT] },
    `${at('accounts[1].merchant')}: required, because there are several accounts`,
  ],
  [
    'another scheme',
    { url: 'ftp://finanzonline.bmf.gv.at' },
    `${at('url')}: an https: URL without a user or a query; plain http: only to a loopback address`,
  ],
  ['no maker', { makerVatId: undefined }, `${at('makerVatId')}: is missing: ${MAKER_ID}`],
  ['no accounts', { accounts: undefined }, `${at('accounts')}: is missing`],
  ['an empty list of accounts', { accounts: [] }, `${at('accounts')}: Too small: expected array to have >=1 items`],
  [
    'an account without a file',
    { accounts: [{ userFile: 'fon.benid', pinFile: 'fon.pin' }] },
    `${at('accounts[0].participantFile')}: is missing`,
  ],
  [
    'a file without a name',
    { accounts: [{ ...ACCOUNT, pinFile: '' }] },
    `${at('accounts[0].pinFile')}: Too small: expected string to have >=1 characters`,
  ],
  [
    'a merchant without a name',
    { accounts: [{ ...ACCOUNT, merchant: '' }] },
    `${at('accounts[0].merchant')}: Too small: expected string to have >=1 characters`,
  ],
  [
    'a PIN in the configuration',
    { accounts: [{ ...ACCOUNT, pin: '1234' }] },
    `${at('accounts[0].pin')}: unknown key, the nearest known one is "pinFile"`,
  ],
  [
    'longer pauses first',
    { timing: { retryMinMs: 10, retryMaxMs: 5 } },
    `${at('timing.retryMinMs')}: more than "retryMaxMs"`,
  ],
])('%s is refused by its key', (_, changed, problem) => {
  const members = Object.entries({ ...FON, ...changed }).filter(([, value]) => value !== undefined)
  expect(problems(Object.fromEntries(members))).toEqual([problem])
})

test.each(['https://proxy.example:3128', 'http://user:geheim@proxy.example:3128', 'proxy.example:3128'])(
  'the proxy %s is refused without being shown',
  (url) => {
    const [problem, ...others] = problems(FON, { proxy: { url } })
    expect(others).toEqual([])
    expect(problem).toBe('authorities.proxy.url: an http: URL such as "http://proxy.shop.example:3128"')
  },
)
