import { hostname } from 'node:os'
import { beforeAll, expect, test } from 'vitest'
import { heloNameOf } from '../../alerts/helo-name.ts'
import { mailChannel } from '../../alerts/mail.ts'
import { mailText } from '../../alerts/mail-text.ts'
import { systemClock } from '../../base/clock.ts'
import { Authority } from '../sync/servers/certificates.ts'
import { heavy } from '../tags.ts'
import { turnedMs } from '../turning-clock.ts'
import { Desk, failure } from './desk.ts'
import { AGENT, AROUND, RAISED, RESOLVED, told } from './messages.ts'
import { headerOf, SmtpServer } from './smtp-server.ts'

const NEVER = new AbortController().signal
const LOGIN = { user: 'shop', password: 'geheim-pass-7' }

let authority: Authority
let issued: ReturnType<Authority['issue']>
beforeAll(() => {
  authority = new Authority()
  issued = authority.issue('DNS:localhost')
})

type Given = Partial<Parameters<typeof mailChannel>[0]>

function channelTo(port: number, given: Given = {}) {
  return mailChannel({
    ...{ host: 'localhost', port, security: 'starttls', user: LOGIN.user, from: 'till@shop.example' },
    ...{ to: ['owner@shop.example', 'it@shop.example'], password: async () => LOGIN.password },
    isTrial: () => false,
    authority: async () => authority.ca,
    ...{ language: 'de', pageUrl: () => 'https://192.168.1.20:7070/', clock: systemClock, agent: AGENT },
    ...given,
  })
}

function open(settings: Parameters<typeof SmtpServer.open>[0] = {}): Promise<SmtpServer> {
  const { cert, key } = issued
  return SmtpServer.open({ tls: { cert, key }, login: LOGIN, ...settings })
}

test('a mail goes to all addresses at once, encrypted, with a login, and its end answers it', async () => {
  await using server = await open()
  const channel = channelTo(server.port)
  await channel.send(RAISED, NEVER)
  await channel.send(RESOLVED, NEVER)
  const [raised, resolved] = server.mails
  expect(raised).toMatchObject({
    ...{ from: 'till@shop.example', to: ['owner@shop.example', 'it@shop.example'] },
    ...{ isEncrypted: true, login: 'shop' },
  })
  const data = raised?.data ?? ''
  expect(headerOf(data, 'Message-ID')).toBe('<alr_01@fiskal-edge.invalid>')
  expect(headerOf(data, 'Auto-Submitted')).toBe('auto-generated')
  expect(headerOf(data, 'Content-Type')).toContain('utf-8')
  expect(headerOf(resolved?.data ?? '', 'In-Reply-To')).toBe('<alr_01@fiskal-edge.invalid>')
  expect(headerOf(resolved?.data ?? '', 'References')).toBe('<alr_01@fiskal-edge.invalid>')
  expect(headerOf(resolved?.data ?? '', 'Message-ID')).toBe('<alr_01-resolved@fiskal-edge.invalid>')
})

test('tls from the first byte, and no encryption to a loopback address, send too', async () => {
  await using secure = await open({ isSecure: true })
  await channelTo(secure.port, { security: 'tls' }).send(RAISED, NEVER)
  expect(secure.mails[0]?.isEncrypted).toBe(true)
  await using plain = await open({ isPlain: true })
  await channelTo(plain.port, { security: 'none' }).send(RAISED, NEVER)
  expect(plain.mails[0]?.isEncrypted).toBe(false)
})

test('without STARTTLS nothing is sent, not even the password', async () => {
  await using server = await open({ isPlain: true })
  await failure(channelTo(server.port).send(RAISED, NEVER))
  expect(server.mails).toEqual([])
  expect(server.commands.filter((line) => line.startsWith('AUTH'))).toEqual([])
})

test('a certificate of another authority, or of another name, is refused before the login', async () => {
  await using server = await open()
  await failure(channelTo(server.port, { authority: undefined }).send(RAISED, NEVER))
  await failure(channelTo(server.port, { host: '127.0.0.2' }).send(RAISED, NEVER))
  expect(server.mails).toEqual([])
  expect(server.commands.filter((line) => line.startsWith('AUTH'))).toEqual([])
})

test.each([
  { fault: { at: 'recipient', answer: '451 4.7.1 try later' }, code: 'smtp_451' },
  { fault: { at: 'recipient', answer: '550 5.1.1 no such user' }, code: 'smtp_550' },
  { fault: { at: 'end', answer: '451 4.3.0 disk full' }, code: 'smtp_451' },
  { fault: { at: 'end', answer: '554 5.6.0 no' }, code: 'smtp_554' },
  { fault: { at: 'greeting', answer: '554 5.3.2 closed' }, code: 'smtp_554' },
] as const)('a server that answers $fault.answer at $fault.at did not take the mail', async ({ fault, code }) => {
  await using server = await open()
  server.fault = fault
  const error = await failure(channelTo(server.port).send(RAISED, NEVER))
  expect(error.code).toBe(code)
  expect(error.message).not.toContain('\n')
})

test('a wrong password is reported in the words of the server, without the password', async () => {
  await using server = await open()
  server.login = { user: 'shop', password: 'another' }
  const error = await failure(channelTo(server.port).send(RAISED, NEVER))
  expect(error.code).toBe('smtp_535')
  expect(error.message).toContain('5.7.8 Authentication failed')
  expect(error.message).not.toContain(LOGIN.password)
})

test('a renewed password is used by the next mail', async () => {
  await using server = await open()
  let password = 'old'
  const channel = channelTo(server.port, { password: async () => password })
  await failure(channel.send(RAISED, NEVER))
  password = LOGIN.password
  await channel.send(RAISED, NEVER)
  expect(server.mails).toHaveLength(1)
})

test('a server that closes after the data may have the mail: it is sent again under the same id', async () => {
  await using server = await open()
  server.fault = { at: 'end', does: 'close' }
  const channel = channelTo(server.port)
  await failure(channel.send(RAISED, NEVER))
  server.fault = undefined
  await channel.send(RAISED, NEVER)
  expect(server.mails.map(({ data }) => headerOf(data, 'Message-ID'))).toEqual([
    '<alr_01@fiskal-edge.invalid>',
    '<alr_01@fiskal-edge.invalid>',
  ])
})

test('a server that says nothing is left after 10 s, and at the stop at once', async () => {
  await using server = await open()
  server.fault = { at: 'greeting', does: 'hang' }
  const stop = new AbortController()
  const stopped = failure(channelTo(server.port).send(RAISED, stop.signal))
  stop.abort()
  expect((await stopped).code).toBe('stopped')
  const started = turnedMs()
  await failure(channelTo(server.port).send(RAISED, NEVER))
  expect(turnedMs() - started).toBeLessThan(20_000)
})

test('a probe logs in and sends no mail', async () => {
  await using server = await open()
  expect(await channelTo(server.port).probe(NEVER)).toBe('localhost, connection, certificate, login')
  expect(server.mails).toEqual([])
  server.login = { user: 'shop', password: 'another' }
  expect((await failure(channelTo(server.port).probe(NEVER))).code).toBe('smtp_535')
})

const OWNER = 'owner@shop.example'
const OTHER = 'it@shop.example'

test('a recipient that is deferred is asked again alone, under the same id, until the server has an answer', async () => {
  await using server = await open()
  server.replies.set(OTHER, ['450 4.7.1 greylisted', '450 4.7.1 greylisted'])
  const channel = channelTo(server.port)
  const first = await channel.send(RAISED, NEVER)
  expect(first.words).toBe('250 queued')
  expect(first.partly?.failure).toMatchObject({
    code: 'recipient_later',
    message: `${OTHER}: 450 4.7.1 greylisted (later)`,
  })
  const later = first.partly?.later ?? []
  expect(JSON.stringify(later)).not.toMatch(/@|shop|it/)
  expect((await failure(channel.send(RAISED, NEVER, later))).code).toBe('smtp_450')
  expect(await channel.send(RAISED, NEVER, later)).toEqual({ words: '250 queued' })
  expect(server.mails.map(({ to }) => to)).toEqual([[OWNER], [OTHER]])
  expect(new Set(server.mails.map(({ data }) => headerOf(data, 'Message-ID')))).toEqual(
    new Set(['<alr_01@fiskal-edge.invalid>']),
  )
  expect(headerOf(server.mails[1]?.data ?? '', 'To')).toBe(`${OWNER}, ${OTHER}`)
})

test('a recipient that is refused is named, and the message is not sent again for it', async () => {
  await using server = await open()
  server.replies.set(OTHER, ['550 5.1.1 no such user'])
  const { partly } = await channelTo(server.port).send(RAISED, NEVER)
  expect(partly).toMatchObject({
    later: [],
    failure: { code: 'recipient_refused', message: `${OTHER}: 550 5.1.1 no such user (refused)` },
  })
  expect(server.mails.map(({ to }) => to)).toEqual([[OWNER]])
})

test('a deferred recipient that is refused in the end ends its message', async () => {
  await using server = await open()
  server.replies.set(OTHER, ['451 4.3.0 later', '550 5.1.1 no such user'])
  const channel = channelTo(server.port)
  const { partly } = await channel.send(RAISED, NEVER)
  expect(await channel.send(RAISED, NEVER, partly?.later)).toMatchObject({
    partly: { later: [], failure: { code: 'recipient_refused' } },
  })
  const moved = channelTo(server.port, { to: [OWNER] })
  expect(await moved.send(RAISED, NEVER, partly?.later)).toEqual({ words: '' })
  expect(server.mails).toHaveLength(1)
})

test('a server that cuts the connection between two recipients has sent to no one, and the next attempt to all', async () => {
  await using server = await open()
  const channel = channelTo(server.port)
  server.fault = { at: 'recipient', does: 'close' }
  await failure(channel.send(RAISED, NEVER))
  server.fault = undefined
  await channel.send(RAISED, NEVER)
  expect(server.mails.map(({ to }) => to)).toEqual([[OWNER, OTHER]])
})

test('a server that takes 12 s for the end of a mail gets it once', heavy(), async () => {
  await using server = await open()
  server.fault = { at: 'end', does: 'late' }
  expect(await channelTo(server.port).send(RAISED, NEVER)).toEqual({ words: '250 queued' })
  expect(server.mails).toHaveLength(1)
})

test.each([
  ['kasse1', '192.168.1.20', '[192.168.1.20]'],
  ['kasse1.lan', '192.168.1.20', '[192.168.1.20]'],
  ['kasse1.fritz.box', '192.168.1.20', 'kasse1.fritz.box'],
  ['localhost.localdomain', '::ffff:10.0.0.7', '[10.0.0.7]'],
  ['shop.home.arpa', '2001:db8::1', '[IPv6:2001:db8::1]'],
  ['kasse1', 'fe80::1%eth0', '[IPv6:fe80::1]'],
  ['192.168.1.20', '192.168.1.20', '[192.168.1.20]'],
  ['till_1.shop.example.org', '10.0.0.7', '[10.0.0.7]'],
  ['till.shop.de', '10.0.0.7', 'till.shop.de'],
])('the host %s at %s introduces itself as %s', (name, address, expected) => {
  expect(heloNameOf(name, address)).toBe(expected)
})

test('a server that refuses clients by their name takes the mail of one whose "heloName" it accepts', async () => {
  await using server = await open()
  const reply = '504 5.5.2 <kasse>: Helo command rejected: need fully-qualified hostname'
  server.refuses = (helo) => (helo === 'till.shop.de' ? undefined : reply)
  const error = await failure(channelTo(server.port).send(RAISED, NEVER))
  expect(error.code).toBe('helo_refused')
  expect(error.message).toContain('need fully-qualified hostname')
  expect(new Set(server.helos)).toEqual(new Set([heloNameOf(hostname(), '127.0.0.1')]))
  await channelTo(server.port, { heloName: 'till.shop.de' }).send(RAISED, NEVER)
  expect(server.mails).toHaveLength(1)
  expect(server.helos.at(-1)).toBe('till.shop.de')
})

test('TLS to a port without it, and STARTTLS at a server without it, name port and "security"', async () => {
  await using server = await open({ isPlain: true })
  const tls = await failure(channelTo(server.port, { security: 'tls' }).send(RAISED, NEVER))
  expect([tls.code, tls.message]).toEqual([
    'no_tls',
    `Port ${server.port} uses no TLS from the first byte: there "security" is "starttls".`,
  ])
  const starttls = await failure(channelTo(server.port, { security: 'starttls' }).send(RAISED, NEVER))
  expect([starttls.code, starttls.message]).toEqual([
    'no_starttls',
    `Port ${server.port} offers no STARTTLS: 502 5.5.1 not implemented`,
  ])
})

test('STARTTLS at a port with TLS from the first byte is named after 10 s of silence', heavy(), async () => {
  await using server = await open({ isSecure: true })
  const error = await failure(channelTo(server.port).send(RAISED, NEVER))
  expect([error.code, error.message]).toEqual([
    'no_greeting',
    `Port ${server.port} sent no greeting within 10 s: TLS from the first byte needs "security": "tls".`,
  ])
})

test('a server that repeats a login, whole or in part, does not bring the password into a message', async () => {
  await using server = await open({ repeatsLogin: true })
  server.login = { user: 'shop', password: 'another' }
  const { message } = await failure(channelTo(server.port).send(RAISED, NEVER))
  expect(message).toContain('[redacted]')
  const encoded = Buffer.from(`\0shop\0${LOGIN.password}`).toString('base64')
  expect(message).not.toContain(encoded.slice(0, 12))
})

test('a mail that no certificate let out by a wrong clock leaves when the clock is right, with begin and end', async () => {
  const settings = { tls: authority.issue('DNS:localhost', '20400101000000Z', '20410101000000Z'), login: LOGIN }
  await using server = await SmtpServer.open(settings)
  const desk = new Desk(Date.parse('2025-10-21T11:00:00Z'))
  desk.start([channelTo(server.port)])
  await desk.clock.advance(31_000)
  const clock = { code: 'clock_implausible', severity: 'alarm', rule: 'clock' } as const
  desk.warnings = [{ ...clock, key: clock.code, subject: {}, sinceMs: desk.clock.now() }]
  await desk.clock.advance(6_000)
  while (desk.alerts.channels()[0]?.last_error === null) await new Promise((resolve) => setImmediate(resolve))
  expect(desk.alerts.channels()).toMatchObject([{ waiting: 1, last_error: { code: 'CERT_NOT_YET_VALID' } }])
  settings.tls = issued
  desk.clock.jump(400 * 86_400_000)
  desk.warnings = []
  await desk.clock.advance(20_000)
  await server.untilMails(1)
  expect(server.mails.map(({ data }) => headerOf(data, 'Message-ID'))).toEqual([
    '<alr_0001-resolved@fiskal-edge.invalid>',
  ])
  expect(server.mails[0]?.data).toMatch(/Seit: 25\.11\.2026, 12:0[01] Uhr.*Beendet: 25\.11\.2026, 12:0[01] Uhr/s)
})

test.each(['Eins\r\nBcc: thief@example', 'a\u202eb\u2066c', 'x'.repeat(10_000), '\u0000\u001b[31m'])(
  'the name %j of a shop or device leaves subject and text in their lines',
  async (name) => {
    const shop = { merchant: name, location: name }
    const message = { ...RAISED, shop, alerts: [told(name, { shop })] }
    const { subject, text } = mailText(message, AROUND)
    expect(subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u)
    expect([...subject].length).toBeLessThanOrEqual(200)
    expect(text.split('\n')).toHaveLength(mailText(RAISED, AROUND).text.split('\n').length)
    await using server = await open()
    await channelTo(server.port).send(message, NEVER)
    expect(headerOf(server.mails[0]?.data ?? '', 'Bcc')).toBe(undefined)
    expect(server.mails[0]?.to).toEqual(['owner@shop.example', 'it@shop.example'])
  },
)
