import { expect, test } from 'vitest'
import { LANGUAGES } from '../../agent/contract/receipt.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import type { AlertSources } from '../../agent/wiring/alert-facts.ts'
import { alertFacts } from '../../agent/wiring/alert-facts.ts'
import { mailText } from '../../alerts/mail-text.ts'
import { DeliveryError } from '../../alerts/message.ts'
import { ManualClock } from '../manual-clock.ts'
import { Desk, deviceDown, RecordedChannel } from './desk.ts'
import { AROUND, RESOLVED, told } from './messages.ts'

const HOUR_MS = 3_600_000

test('an alert whose end is not known stays open, and ends once it is', async () => {
  const desk = new Desk()
  const channel = new RecordedChannel(desk.clock)
  desk.start([channel])
  desk.warnings = [deviceDown('tse-1')]
  await desk.clock.advance(10_000)
  desk.mayEnd = false
  desk.warnings = []
  await desk.clock.advance(HOUR_MS)
  expect(channel.told).toEqual(['raised alr_0001 tse-1'])
  desk.mayEnd = true
  await desk.clock.advance(5_000)
  expect(channel.told).toEqual(['raised alr_0001 tse-1', 'resolved alr_0001-resolved tse-1'])
})

test('an alert ends when its target is current, its device or authority has answered, or the journal was verified', () => {
  const rows = [
    { target: 'cloud', state: 'offline' },
    { target: 'disk', state: 'current' },
  ]
  const devices = new Map([
    ['tse-1', { lastReport: undefined }],
    ['tse-2', { lastReport: {} }],
  ])
  const integrity: { verdict: string | undefined } = { verdict: undefined }
  let silence: object | undefined = { forMs: 0, sinceMs: 0 }
  const accounts = () => [{ silence: undefined }, { silence }]
  const backup = { makesBackups: true, stateDirectory: '/nowhere' }
  const sources = {
    ...backup,
    integrity,
    accounts,
    journal: {},
    clock: new ManualClock(),
    sync: () => rows,
    devices,
    tasks: () => [],
  }
  const { mayEnd } = alertFacts(sources as unknown as AlertSources, 'en')
  const stopped = (target: string) => mayEnd({ rule: 'sync_stops', code: 'sync_stalled', subject: { target } })
  const ofDevice = (device: string) => mayEnd({ rule: 'device_memory', code: 'device_memory_low', subject: { device } })
  const ofJournal = (code: string) => mayEnd({ rule: 'journal', code, subject: {} })
  expect(['cloud', 'disk', 'removed'].map(stopped)).toEqual([false, true, true])
  expect(['tse-1', 'tse-2', 'removed'].map(ofDevice)).toEqual([false, true, true])
  const backupDue = { rule: 'backups', code: 'backup_overdue', subject: {} } as const
  expect(mayEnd(backupDue)).toBe(false)
  expect(alertFacts({ ...sources, makesBackups: false } as unknown as AlertSources, 'en').mayEnd(backupDue)).toBe(true)
  const unreachable = { rule: 'authority', code: 'authority_unreachable', subject: {} } as const
  expect(mayEnd(unreachable)).toBe(false)
  silence = undefined
  expect(mayEnd(unreachable)).toBe(true)
  const certificate = { rule: 'certificates', code: 'target_certificate_expiring' } as const
  expect(mayEnd({ ...certificate, subject: { target: 'cloud' } })).toBe(true)
  expect(mayEnd({ rule: 'disk', code: 'disk_full', subject: {} })).toBe(true)
  const codes = ['journal_damaged', 'projections_differ', 'journal_held']
  expect(codes.map(ofJournal)).toEqual([false, false, true])
  integrity.verdict = 'copies_differ'
  expect(codes.map(ofJournal)).toEqual([true, false, true])
  integrity.verdict = 'valid'
  expect(codes.map(ofJournal)).toEqual([true, true, true])
})

test('a restart does not end the alert about a channel that still takes nothing', async () => {
  const desk = new Desk()
  const [mail, webhook] = [new RecordedChannel(desk.clock, 'mail'), new RecordedChannel(desk.clock)]
  const undelivered = { code: 'alerts_undelivered', severity: 'warning', rule: 'alert_delivery' } as const
  const warning = { ...undelivered, key: 'alerts_undelivered', subject: { about: 'mail' }, sinceMs: desk.clock.now() }
  mail.fail = () => {
    throw new DeliveryError('timeout', 'The mail server takes too long.')
  }
  desk.start([mail, webhook])
  desk.warnings = [deviceDown('tse-1'), warning]
  await desk.clock.advance(20_000)
  await desk.alerts.stop()
  const sending = new Promise<never>(() => undefined)
  desk.warnings = [deviceDown('tse-1')]
  desk.start([{ ...mail, send: () => sending }, webhook])
  await desk.clock.advance(HOUR_MS)
  expect(webhook.told.filter((one) => one.startsWith('resolved'))).toEqual([])
})

test('a device that was never set up and that no register uses raises no alert', () => {
  const rulesWith = (registers: readonly object[], code = 'device_not_initialised') => {
    const standing = [{ code, severity: 'alarm', key: '1', since: '2026-11-25T10:00:00.000Z', device: 'tse-1' }]
    const view = { resources: () => registers, register: () => ({ shown: registers[0] }) }
    const sources = { clock: new ManualClock(), journal: { view }, standing: () => standing, tasks: () => [] }
    const { warnings } = alertFacts(sources as unknown as AlertSources, 'en')
    return warnings().map(({ rule }) => rule)
  }
  const uses = { id: 'reg_0', fiscal_device: 'tse-1' }
  expect(rulesWith([])).toEqual([false])
  expect(rulesWith([{ ...uses, fiscal_device: 'tse-2' }])).toEqual([false])
  expect(rulesWith([uses])).toEqual(['devices'])
  expect(rulesWith([], 'device_unavailable')).toEqual(['devices'])
})

/** The line of a mail about the end of that warning, from 10:50 to 11:13 in the shop. */
function endLine(code: string, language: 'de' | 'en' | 'it'): string {
  const { wordsOf } = alertFacts({ clock: new ManualClock(), devices: new Map() } as unknown as AlertSources, language)
  const [notice, endedAtMs] = [told('it-1', { type: 'alert.resolved' }), Date.parse('2026-11-25T10:13:40Z')]
  const words = wordsOf({ code, rule: 'disk', subject: { about: 'it-1' }, sinceMs: notice.sinceMs }, endedAtMs)
  const message = { ...RESOLVED, alerts: [{ ...notice, ...words, endedAtMs }] }
  return mailText(message, { ...AROUND, language }).text.split('\n')[0] ?? ''
}

test.each(LANGUAGES)('the end of each warning names its fault and says that it is over, in %s', (language) => {
  const form = {
    de: /^BEHOBEN: it-1: Die Meldung „[^.:;]+“ ist erledigt\. 10:50 bis 11:13\.$/,
    en: /^RESOLVED: it-1: The warning "[^.:;]+" is over\. 10:50 to 11:13\.$/,
    it: /^RISOLTO: it-1: L’avviso «[^.:;]+» è terminato\. Inizio 10:50, fine 11:13\.$/,
  }[language]
  const lines = Object.keys(WARNING_TEXTS).map((code) => endLine(code, language))
  expect(lines.filter((line) => !form.test(line))).toEqual([])
  const full = { de: 'Die Platte ist voll“', en: 'The disk is full"', it: 'Il disco è pieno»' }[language]
  expect(endLine('disk_full', language)).toContain(full)
})
