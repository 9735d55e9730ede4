// @module-tag heavy
import { expect, test } from 'vitest'
import { TurningClock } from '../turning-clock.ts'
import type { Alerted } from './alerted.ts'
import { alerted, subject } from './alerted.ts'
import { austrianTill, ONE_CARD, sell as sellInAustria } from './austria/shop.ts'
import type { Bench, Register } from './bench.ts'
import { sell } from './goods.ts'
import { italianTill } from './italy/shop.ts'

/** The devices alone. */
const RULES = { devices: { afterSeconds: 0 }, duties: false, device_warnings: false }
const SUPPORT = { name: 'Kassendienst Muster', telephone: '+49 30 123456', mail: 'hilfe@kassen.example' }

type Outage = {
  readonly device: string
  readonly language: 'de' | 'en' | 'it'
  readonly config: object
  readonly open: (bench: Bench) => Promise<Register>
  /** Sells while the device is down; nothing where the law does not sell then. */
  readonly sells?: (register: Register, amount: string) => Promise<unknown>
}

/** Pulls the device, sells twice without it, and puts it back: the two mails as one text each, without line breaks. */
async function mailsOf({ device, language, config, open, sells }: Outage): Promise<{ begin: string; end: string }> {
  const at: Alerted = await alerted({
    clock: new TurningClock(5),
    units: [device],
    alerts: { language, rules: RULES },
    config: { ...config, support: SUPPORT },
  })
  const { bench, smtp } = at
  await using _ = bench
  const register = await open(bench)
  await bench.faultAt(device, 'unplugged@*')
  await bench.until(() => smtp.mails.length === 1)
  for (const amount of sells === undefined ? [] : ['7.00', '5.00']) await sells?.(register, amount)
  await bench.faultAt(device, 'clear')
  await bench.until(() => smtp.mails.length === 2)
  const [begin = '', end = ''] = smtp.mails.map(({ data }) => `${subject(data)}\n${textOf(data)}`)
  return { begin, end }
}

/** The text of a mail, decoded from quoted-printable or base64. */
function textOf(data: string): string {
  const [head = '', ...body] = data.split(/\r?\n\r?\n/)
  const text = body.join('\n\n')
  if (/Content-Transfer-Encoding: base64/i.test(head)) return Buffer.from(text, 'base64').toString('utf8')
  const bytes = text
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

test('in Germany the mail of an outage says to sell on and whom to call, its end how many receipts are unsigned', async () => {
  const { begin, end } = await mailsOf({
    ...{ device: 'tse-1', language: 'de', config: {}, open: (bench) => bench.till(), sells: sell },
  })
  expect(begin).toContain('Sie können weiter verkaufen. Die Belege tragen den Hinweis „TSE ausgefallen“.')
  expect(begin).toContain('Hilfe: Kassendienst Muster, +49 30 123456, hilfe@kassen.example')
  expect(end).toMatch(/BEHOBEN: tse-1: Die TSE antwortet wieder\. \d\d:\d\d bis \d\d:\d\d, 2 Belege ohne Signatur\.\n/)
  expect(end).not.toContain('antwortet nicht')
})

test('in Austria the mails have the words of its law, in the language of the messages', async () => {
  const { begin, end } = await mailsOf({
    ...{ device: 'card-1', language: 'en', config: ONE_CARD, open: (bench) => austrianTill(bench) },
    sells: sellInAustria,
  })
  expect(begin).toContain('You can continue to sell. Receipts carry the notice "Sicherheitseinrichtung ausgefallen".')
  expect(end).toMatch(
    /RESOLVED: card-1: The signature unit answers again\. \d\d:\d\d to \d\d:\d\d, 2 receipts without a signature\.\n/,
  )
})

test('in Italy nothing is sold without the printer: the mails report it and count no receipts', async () => {
  const { begin, end } = await mailsOf({
    ...{
      device: 'rt-1',
      language: 'it',
      config: { devices: [{ id: 'rt-1', driver: 'rt-simulator' }] },
      open: (bench) => italianTill(bench),
    },
  })
  expect(begin).toContain('Senza questo dispositivo non si può vendere.')
  expect(begin).not.toMatch(/continuare a vendere/)
  expect(end).toMatch(/RISOLTO: rt-1: La stampante risponde di nuovo\. Inizio \d\d:\d\d, fine \d\d:\d\d\.\n/)
})
