import { expect, test } from 'vitest'
import { LANGUAGES } from '../../agent/contract/receipt.ts'
import { WARNING_TEXTS } from '../../agent/texts/warnings.ts'
import { bySeverity, reportedWarningOf, warningOf } from '../../agent/watch/warnings.ts'

test('each warning states the fact and its remedy, on the page in German and Italian too', () => {
  const rows = Object.entries(WARNING_TEXTS)
  expect(rows.length).toBeGreaterThan(70)
  for (const [code, row] of rows) {
    const { message, remedy } = reportedWarningOf(code, {})
    expect([message, remedy]).toEqual(row.en)
    expect(code).toMatch(/^[a-z][a-z\d]*(_[a-z\d]+)*$/)
    for (const language of LANGUAGES) {
      const [stated, mended] = row[language]
      expect(`${code} ${stated}`).toMatch(/ \p{Lu}.{10,}\.$/u)
      expect(`${code} ${mended}`).toMatch(/ (\p{Lu}|fiskal-edge).{4,}\.$/u)
    }
  }
})

test('a condition that keeps a device from every document is an alarm', () => {
  for (const code of [
    'tse_open_transactions_full',
    'printer_clock_wrong',
    'device_memory_full',
    'printer_paper_out',
    'device_certificate_expired',
  ] as const)
    expect([code, warningOf(code).severity]).toEqual([code, 'alarm'])
})

test('a TSE that will never sign again: its registers get another one by one command, none is fiscalized twice', () => {
  for (const code of ['device_disabled', 'device_signatures_exhausted', 'device_certificate_expired'] as const)
    expect(warningOf(code, { device: 'tse-1' }).remedy).toContain('fiskal-edge device retire tse-1 --reason TEXT')
})

test("an unlisted fault is shown with the device's message", () => {
  const warning = reportedWarningOf('limit', { device: 'tse-1', detail: 'no more clients' })
  expect(warning).toMatchObject({ code: 'limit', severity: 'warning', device: 'tse-1', detail: 'no more clients' })
})

test('alarms come first', () => {
  const codes = bySeverity([warningOf('disk_low'), warningOf('device_unavailable'), warningOf('disk_slow')]).map(
    ({ code }) => code,
  )
  expect(codes).toEqual(['device_unavailable', 'disk_low', 'disk_slow'])
})
