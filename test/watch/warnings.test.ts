import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bySeverity, warningCodes, warningOf } from '../../agent/watch/warnings.ts'

test('each warning states the fact and its remedy, on the page in German and Italian too', () => {
  const page = join(import.meta.dirname, '..', '..', 'agent', 'http', 'page', 'status')
  const texts = ['warnings.js', 'device-warnings.js'].map((file) => readFileSync(join(page, file), 'utf8'))
  const translated = texts.flatMap((text) => [...text.matchAll(/^ {2}(\w+): \[/gm)].map(([, code]) => code))
  expect(translated.sort()).toEqual([...warningCodes].sort())
  for (const code of warningCodes) {
    const { message, remedy } = warningOf(code)
    expect(code).toMatch(/^[a-z][a-z\d]*(_[a-z\d]+)*$/)
    expect(`${code} ${message}`).toMatch(/ [A-Z].{10,}\.$/)
    expect(`${code} ${remedy}`).toMatch(/ ([A-Z]|fiskal-edge).{4,}\.$/)
  }
})

test('a condition that keeps a device from every document is an alarm', () => {
  for (const code of ['open_transactions_full', 'clock_wrong', 'memory_full', 'paper_out', 'certificate_expired'])
    expect([code, warningOf(code).severity]).toEqual([code, 'alarm'])
})

test('a TSE that will never sign again: its registers get another one by one command, none is fiscalized twice', () => {
  for (const code of ['disabled', 'signatures_exhausted', 'certificate_expired'])
    expect(warningOf(code, { device: 'tse-1' }).remedy).toContain('fiskal-edge device retire tse-1 --reason TEXT')
})

test("an unlisted fault is shown with the device's message", () => {
  const warning = warningOf('limit', { device: 'tse-1', detail: 'no more clients' })
  expect(warning).toMatchObject({ code: 'limit', severity: 'warning', device: 'tse-1', detail: 'no more clients' })
})

test('alarms come first', () => {
  const codes = bySeverity([warningOf('disk_low'), warningOf('unavailable'), warningOf('disk_slow')]).map(
    ({ code }) => code,
  )
  expect(codes).toEqual(['unavailable', 'disk_low', 'disk_slow'])
})
