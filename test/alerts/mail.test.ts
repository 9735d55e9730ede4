import { beforeAll, expect, test } from 'vitest'
import { mailChannel } from '../../alerts/mail.ts'
import { mailText } from '../../alerts/mail-text.ts'
import type { AlertNotice, Message } from '../../alerts/message.ts'
import { systemClock } from '../../base/clock.ts'
import { Authority } from '../sync/servers/certificates.ts'
import { turnedMs } from '../turning-clock.ts'
import { failure, SHOP } from './desk.ts'
import { headerOf, SmtpServer } from './smtp-server.ts'

const AGENT = { id: '5f6c1d2e-0000-8000-8000-000000000000', version: '0.2.0' }
const NEVER = new AbortController().signal
const LOGIN = { user: 'shop', password: 'geheim-pass-7' }

function told(device: string, members: Partial<AlertNotice> = {}): AlertNotice {
  return {
    ...{ type: 'alert.raised', id: 'alr_01', rule: 'device_down', severity: 'alarm', shop: SHOP },
    ...{ sinceMs: Date.parse('2026-11-25T09:50:10Z'), subject: { device }, name: device },
    ...{ message: 'Die Signatureinheit antwortet nicht.', remedy: 'Kabel und Strom prüfen.' },
    ...members,
  }
}

const RAISED: Message = {
  ...{ id: 'alr_01', type: 'alert.raised', atMs: Date.parse('2026-11-25T10:00:12Z'), shop: SHOP, open: 1 },
  alerts: [told('tse-1')],
}
const RESOLVED: Message = {
  ...RAISED,
  ...{ id: 'alr_01-resolved', answers: 'alr_01', type: 'alert.resolved' },
  alerts: [told('tse-1', { type: 'alert.resolved' })],
}

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
}, 40_000)

test('a probe logs in and sends no mail', async () => {
  await using server = await open()
  expect(await channelTo(server.port).probe(NEVER)).toBe('localhost, connection, certificate, login')
  expect(server.mails).toEqual([])
  server.login = { user: 'shop', password: 'another' }
  expect((await failure(channelTo(server.port).probe(NEVER))).code).toBe('smtp_535')
})

const AROUND = { language: 'de', pageUrl: 'https://192.168.1.20:7070/', agent: AGENT } as const

test('the subject names the shop, the severity and the devices, the text says since when and what to do', () => {
  const three = { ...RAISED, alerts: [told('tse-1'), told('tse-2'), told('tse-3')] }
  const { subject, text } = mailText(three, AROUND)
  expect(subject).toBe(
    '[Bäckerei Morgenrot GmbH, Marktplatz] ALARM: tse-1, tse-2, tse-3: Die Signatureinheit antwortet nicht.',
  )
  expect(text).toContain('Seit: 2026-11-25 10:50')
  expect(text).toContain('Was zu tun ist: Kabel und Strom prüfen.')
  expect(text).toContain('Statusseite: https://192.168.1.20:7070/')
  expect(mailText(RESOLVED, AROUND).subject).toContain('BEHOBEN: tse-1: ')
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

test('a summary and a digest list what they are about', () => {
  const summary = mailText({ ...RAISED, type: 'alert.digest', alerts: [told('tse-1'), told('tse-2')] }, AROUND)
  expect(summary.subject).toContain('Mehr Nachrichten, als eine Stunde haben darf (2)')
  const digest = mailText(
    {
      ...{ ...RAISED, type: 'alert.digest', alerts: [] },
      digest: {
        tasks: [{ title: 'Jahresbeleg', due: '2026-12-31' }],
        unsignedReceipts: 3,
        backup: { madeAt: '2026-11-25T02:00:00.000Z', isOverdue: false },
        sync: [{ target: 'cloud', state: 'stalled', words: 'steht' }],
      },
    },
    AROUND,
  )
  expect(digest.subject).toContain('Tagesübersicht')
  for (const words of ['Jahresbeleg (bis 2026-12-31)', 'cloud: steht', ': 3', 'Letzte Sicherung: 2026-11-25 03:00'])
    expect(digest.text).toContain(words)
})
