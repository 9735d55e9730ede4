import { expect, test } from 'vitest'
import { alertHosts } from '../../agent/config/called-hosts.ts'
import { ConfigError, checkConfig } from '../../agent/config/config.ts'
import { secretFiles } from '../../agent/config/named-files.ts'

const BASE = { version: 1, state: '/var/lib/fiskal-edge', listen: {}, devices: [] }
const HOOK = { id: 'office', url: 'https://office.example/hook', secretFile: '/etc/fiskal-edge/office.secret' }
const MAIL = {
  ...{ host: 'smtp.example', port: 587, security: 'starttls', user: 'shop', passwordFile: '/etc/fiskal-edge/mail' },
  ...{ from: 'till@shop.example', to: ['owner@shop.example'] },
}

function read(members: object) {
  return checkConfig('agent.json', { ...BASE, ...members }, '/etc/fiskal-edge', {})
}

function problems(members: object): readonly string[] {
  try {
    read(members)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('without the keys no channel is configured, and the digest has a time', () => {
  const { webhooks, alerts } = read({})
  expect(webhooks).toEqual([])
  expect(alerts).toEqual({ digest: '07:00', language: 'en', rules: {} })
})

test('the example of the page is a configuration; its files are secrets, its hosts are called', () => {
  const config = read({
    webhooks: [{ ...HOOK, events: ['alert.*', 'duty.changed'] }],
    alerts: {
      mail: MAIL,
      quietHours: { from: '22:00', to: '06:30' },
      digest: { at: '07:00', always: true },
      language: 'de',
      rules: { devices: { afterSeconds: 600, channels: ['mail', 'office'] }, sync_delays: false },
    },
  })
  expect([...secretFiles(config, {})]).toEqual([
    ['webhooks[0].secretFile', '/etc/fiskal-edge/office.secret'],
    ['alerts.mail.passwordFile', '/etc/fiskal-edge/mail'],
  ])
  expect(alertHosts(config)).toEqual(['smtp.example', 'office.example'])
})

test.each([
  { url: 'https://shop:geheim@office.example/' },
  { url: 'https://shop@office.example/' },
  { url: 'http://office.example/' },
  { url: 'http://192.168.1.20/' },
  { url: 'ftp://office.example/' },
  { url: 'office.example' },
])('the address $url of a webhook is refused without being shown', ({ url }) => {
  const [problem, ...others] = problems({ webhooks: [{ ...HOOK, url }] })
  expect(others).toEqual([])
  expect(problem).toMatch(/^webhooks\[0\]\.url: an https: URL/)
  expect(problem).not.toContain('geheim')
})

test.each([
  'http://localhost:8080/hook',
  'http://127.0.0.1/hook',
  'http://[::1]:9/hook',
  'https://office.example/hook?k=1',
])('the address %s of a webhook is taken', (url) => {
  expect(problems({ webhooks: [{ ...HOOK, url }] })).toEqual([])
})

test.each([
  {
    what: 'a secret in the file',
    members: { webhooks: [{ ...HOOK, secret: 'whsec_MDEyMw==' }] },
    problem: 'webhooks[0].secret: unknown key, the nearest known one is "secretFile"',
  },
  {
    what: 'a password in the file',
    members: { alerts: { mail: { ...MAIL, password: 'geheim' } } },
    problem: 'alerts.mail.password: unknown key, the nearest known one is "passwordFile"',
  },
  {
    what: 'an unknown event',
    members: { webhooks: [{ ...HOOK, events: ['alert.raise'] }] },
    problem: 'webhooks[0].events[0]: unknown, the nearest known one is "alert.raised"',
  },
  {
    what: 'a pattern that would name agent.alive',
    members: { webhooks: [{ ...HOOK, events: ['agent.*'] }] },
    problem: 'webhooks[0].events[0]: unknown, the nearest known one is "alert.*"',
  },
  {
    what: 'an unknown rule',
    members: { alerts: { rules: { devics: false } } },
    problem: 'alerts.rules.devics: unknown key, the nearest known one is "devices"',
  },
  {
    what: 'an unknown member of a rule',
    members: { alerts: { rules: { devices: { afterSecond: 1 } } } },
    problem: 'alerts.rules.devices.afterSecond: unknown key, the nearest known one is "afterSeconds"',
  },
  {
    what: 'a rule that is true',
    members: { alerts: { rules: { devices: true } } },
    problem: 'alerts.rules.devices: false, or an object with "afterSeconds" or "channels"',
  },
  {
    what: 'an unknown channel of a rule',
    members: { webhooks: [HOOK], alerts: { rules: { devices: { channels: ['ofice'] } } } },
    problem: 'alerts.rules.devices.channels[0]: unknown channel, the nearest known one is "office"',
  },
  {
    what: 'a channel of a rule where there is none',
    members: { alerts: { rules: { devices: { channels: ['mail'] } } } },
    problem: 'alerts.rules.devices.channels[0]: no channel is configured',
  },
  {
    what: 'two webhooks of one id',
    members: { webhooks: [HOOK, { ...HOOK, url: 'https://other.example/' }] },
    problem: 'webhooks[1].id: used twice',
  },
  {
    what: 'a webhook that is called as the mail',
    members: { webhooks: [{ ...HOOK, id: 'mail' }] },
    problem: 'webhooks[0].id: used twice',
  },
  {
    what: 'a line break in an address',
    members: { alerts: { mail: { ...MAIL, to: ['owner@shop.example\r\nBcc: x@y.example'] } } },
    problem: 'alerts.mail.to[0]: one mail address such as "owner@shop.example", without a name',
  },
  {
    what: 'a line break in the sender',
    members: { alerts: { mail: { ...MAIL, from: 'till@shop.example\n' } } },
    problem: 'alerts.mail.from: one mail address such as "owner@shop.example", without a name',
  },
  {
    what: 'no encryption to another machine',
    members: { alerts: { mail: { ...MAIL, security: 'none' } } },
    problem: 'alerts.mail.security: "none" is for a loopback address: use "starttls" or "tls"',
  },
  {
    what: 'an unknown security',
    members: { alerts: { mail: { ...MAIL, security: 'startls' } } },
    problem: 'alerts.mail.security: unknown, the nearest known one is "starttls"',
  },
  {
    what: 'a login without a password',
    members: { alerts: { mail: { ...MAIL, passwordFile: undefined } } },
    problem: 'alerts.mail.passwordFile: required, because "user" is given',
  },
  {
    what: 'a password without a login',
    members: { alerts: { mail: { ...MAIL, user: undefined } } },
    problem: 'alerts.mail.user: required, because "passwordFile" is given',
  },
  {
    what: 'quiet hours of no time',
    members: { alerts: { quietHours: { from: '24:00', to: '06:30' } } },
    problem: 'alerts.quietHours.from: a time of the day such as "07:00"',
  },
  {
    what: 'a digest of no time',
    members: { alerts: { digest: '7:00' } },
    problem: 'alerts.digest: a time of the day such as "07:00"',
  },
  {
    what: 'an unknown member of the digest',
    members: { alerts: { digest: { at: '07:00', alway: true } } },
    problem: 'alerts.digest.alway: unknown key, the nearest known one is "always"',
  },
  {
    what: 'an unknown language',
    members: { alerts: { language: 'fr' } },
    problem: 'alerts.language: unknown, the nearest known one is "de"',
  },
  {
    what: 'an unknown key',
    members: { alerts: { quiethours: {} } },
    problem: 'alerts.quiethours: unknown key, the nearest known one is "quietHours"',
  },
])('$what is one problem with its place', ({ members, problem }) => {
  expect(problems(members)).toEqual([problem])
})

test.each(['a\u202e@shop.example', 'owner@shop\u200f.example', 'a\u200b@shop.example', 'a\u2028@shop.example'])(
  'an address with a character that is not seen is refused: %j',
  (address) => {
    const expected = 'alerts.mail.to[0]: one mail address such as "owner@shop.example", without a name'
    expect(problems({ alerts: { mail: { ...MAIL, to: [address] } } })).toEqual([expected])
  },
)

test.each(['https://office.example/\nhook', ' https://office.example/hook', 'https://office.example/\u202ehook'])(
  'a URL with a line break, a space or a mark of direction is refused: %j',
  (url) => {
    expect(problems({ webhooks: [{ ...HOOK, url }] })).toMatchObject([
      expect.stringContaining('webhooks[0].url: an https:'),
    ])
  },
)

test('a rule with an empty list of channels is refused', () => {
  expect(problems({ alerts: { mail: MAIL, rules: { disk: { channels: [] } } } })).toEqual([
    'alerts.rules.disk.channels: at least one channel; false instead of the object switches the rule off',
  ])
})

test.each(['till', 'till.', '192.168.1.20', '[192.168.1.20]', 'till.shop example.org', 'till.shop.example\r\nX'])(
  'the name %j is not one by which a machine introduces itself to a mail server',
  (heloName) => {
    expect(problems({ alerts: { mail: { ...MAIL, heloName } } })).toMatchObject([
      expect.stringMatching(/^alerts\.mail\.heloName: a name in the public DNS/),
    ])
    expect(problems({ alerts: { mail: { ...MAIL, heloName: 'till.shop.de' } } })).toEqual([])
  },
)
