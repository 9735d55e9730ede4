import { expect, test } from 'vitest'
import { mailText } from '../../alerts/mail-text.ts'
import type { AlertNotice } from '../../alerts/message.ts'
import { AROUND, RAISED, RESOLVED, told } from './messages.ts'

test('the subject names the shop, the severity and the devices, the text says since when and what to do', () => {
  const three = { ...RAISED, alerts: [told('tse-1'), told('tse-2'), told('tse-3')] }
  const { subject, text } = mailText(three, AROUND)
  expect(subject).toBe(
    '[Bäckerei Morgenrot GmbH, Marktplatz] ALARM: tse-1, tse-2, tse-3: Die Signatureinheit antwortet nicht.',
  )
  expect(text).toContain('Seit: 25.11.2026, 10:50 Uhr')
  expect(text).toContain('Was zu tun ist: Kabel und Strom prüfen.')
  expect(text).toContain('Statusseite: https://192.168.1.20:7070/')
  expect(mailText(RESOLVED, AROUND).subject).toContain('BEHOBEN: tse-1: ')
  expect(mailText(RAISED, { ...AROUND, isTrial: true }).text).toMatch(
    /^TESTBETRIEB: Ein Fiskalgerät ist nicht zertifiziert\.\n\nALARM: /,
  )
})

const END = Date.parse('2026-11-25T10:13:40Z')
/** The end of an outage that began at 10:50:10 in the shop. */
function over(message: string, unsigned?: string, endedAtMs = END): AlertNotice {
  return told('tse-1', { type: 'alert.resolved', endedAtMs, over: { message, ...(unsigned && { unsigned }) } })
}

test.each([
  ['de', over('Die TSE antwortet wieder.', '1 Beleg ohne Signatur'), /BEHOBEN: tse-1: (.*)/],
  ['en', over('The TSE answers again.', '2 receipts without a signature'), /RESOLVED: tse-1: (.*)/],
  ['it', over('La stampante risponde di nuovo.'), /RISOLTO: tse-1: (.*)/],
] as const)('in %s the end of an outage says that it works again, from when to when', (language, alert, pattern) => {
  const { subject, text } = mailText({ ...RESOLVED, alerts: [alert] }, { ...AROUND, language })
  const sentence = {
    de: 'Die TSE antwortet wieder. 10:50 bis 11:13, 1 Beleg ohne Signatur.',
    en: 'The TSE answers again. 10:50 to 11:13, 2 receipts without a signature.',
    it: 'La stampante risponde di nuovo. Inizio 10:50, fine 11:13.',
  }[language]
  expect(pattern.exec(subject)?.[1]).toBe(sentence)
  expect(pattern.exec(text)?.[1]).toBe(sentence)
})

test('an outage over midnight has its days, and several ends at once have the sentence of each in the text', () => {
  const later = over('Die TSE antwortet wieder.', 'kein Beleg ohne Signatur', END + 86_400_000)
  const line = 'Die TSE antwortet wieder. 25.11.2026, 10:50 Uhr bis 26.11.2026, 11:13 Uhr, kein Beleg ohne Signatur.'
  expect(mailText({ ...RESOLVED, alerts: [later] }, AROUND).text).toContain(`BEHOBEN: tse-1: ${line}`)
  const { subject, text } = mailText({ ...RESOLVED, alerts: [later, { ...later, name: 'tse-2' }] }, AROUND)
  expect(subject).toMatch(/BEHOBEN: tse-1, tse-2: Die TSE antwortet wieder\.$/)
  expect(text).toContain(`BEHOBEN: tse-2: ${line}`)
})

test('a mail says whether the shop may sell, and whom it calls', () => {
  const selling = 'Sie können weiter verkaufen.'
  const { text } = mailText(
    { ...RAISED, alerts: [told('tse-1', { selling })] },
    { ...AROUND, support: 'Müller, 030 1' },
  )
  expect(text).toContain(`antwortet nicht.\n${selling}\nSeit: `)
  expect(text).toMatch(/\nHilfe: Müller, 030 1\nStatusseite: /)
  expect(mailText(RAISED, AROUND).text).not.toContain('Hilfe')
})

test('a summary and a digest list what they are about', () => {
  const summary = mailText({ ...RAISED, type: 'alert.digest', alerts: [told('tse-1'), told('tse-2')] }, AROUND)
  expect(summary.subject).toContain('Zu viele Meldungen in einer Stunde (2)')
  const digest = mailText(
    {
      ...{ ...RAISED, type: 'alert.digest', alerts: [] },
      digest: {
        duties: [{ id: 'annual-receipt-2026', title: 'Jahresbeleg', due: '2026-12-31' }],
        unsignedReceipts: 3,
        backup: { madeAt: '2026-11-25T02:00:00.000Z', isOverdue: false },
        sync: [{ target: 'cloud', state: 'stalled', words: 'steht' }],
      },
    },
    AROUND,
  )
  expect(digest.subject).toContain('Tagesübersicht')
  for (const words of [
    'Jahresbeleg (bis 31.12.2026)',
    'cloud: steht',
    ': 3',
    'Letzte Sicherung: 25.11.2026, 03:00 Uhr',
  ])
    expect(digest.text).toContain(words)
})
