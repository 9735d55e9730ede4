import { expect, test } from 'vitest'
import type { Clock } from '../../../base/clock.ts'
import { systemClock } from '../../../base/clock.ts'
import { isTestUnit } from '../../../drivers/recording/test-unit.ts'
import { TestTime } from '../../../drivers/test-time.ts'
import { readCertificate } from '../../../drivers/tr03151/certificate.ts'
import { endedUnder } from './ended-certificate.ts'

const NOW_MS = Date.parse('2026-11-29T12:00:00Z')
const clock: Clock = { ...systemClock, now: () => NOW_MS }

test.each([
  ['Signing Test CA', true],
  ['Signing CA Test', true],
  ['SigningTest CAs', false],
  ['Contest  Testat', false],
  ['Signing of 2019', false],
])('an issuer with the whole word Test makes a test unit: %s', (issuer, isTest) => {
  expect(isTestUnit({ certificates: [endedUnder(issuer)] })).toBe(isTest)
})

test('a certificate that cannot be read makes no test unit', () => {
  expect(isTestUnit({ certificates: [Buffer.from('3003020100', 'hex')] })).toBe(false)
})

test('a firmware for development makes a test unit, also before it shows a certificate', () => {
  expect(isTestUnit({ certificates: [] })).toBe(false)
  expect(isTestUnit({ certificates: [], isDevelopment: true })).toBe(true)
})

test('a test unit whose certificate has ended gets the time of day of its last day; no other unit gets a time', () => {
  const timeOf = (issuer: string): TestTime => {
    const own = endedUnder(issuer)
    const time = new TestTime(clock)
    time.certified([own], readCertificate(own).validToDate.getTime())
    return time
  }
  const endMs = readCertificate(endedUnder('Signing Test CA')).validToDate.getTime()
  const givenMs = timeOf('Signing Test CA').now()
  expect(givenMs).toBeLessThan(endMs)
  expect(givenMs).toBeGreaterThan(endMs - 26 * 3_600_000)
  expect(givenMs % 86_400_000).toBe(NOW_MS % 86_400_000)
  expect(() => timeOf('Signing of 2019').now()).toThrow(expect.objectContaining({ code: 'clock_suspect' }))
})
