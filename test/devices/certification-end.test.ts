import { expect, test } from 'vitest'
import { tseWarnings } from '../../agent/devices/tse-health.ts'
import type { TseHealth } from '../../drivers/ports/tse.ts'

const health: TseHealth = {
  ...{ memoryUsedPercent: 1, signaturesLeft: 1_000_000, openTransactions: 0, maxOpenTransactions: 512 },
  ...{ clockSkewMs: 0, initialised: true, disabled: false, selfTestDueInMs: 1, description: 'a unit' },
  certificateExpiresAtMs: Date.parse('2034-01-31T12:00:00Z'),
}

/** The warnings about that unit on that day. */
function warningsOn(day: string, certifiedUntil: string | undefined) {
  const watched = {
    ...{ id: 'tse-1', lastReport: undefined, time: undefined, trouble: undefined, refusal: undefined },
    ...{ forecast: { memoryEndAtMs: undefined, signaturesEndAtMs: undefined }, memoryWarningPercent: 80 },
    foreignTransactions: [],
    isEnrolled: true,
    device: certifiedUntil === undefined ? {} : { certifiedUntil },
  }
  return tseWarnings(health, watched, Date.parse(`${day}T12:00:00+01:00`))
}

test('the end of the certification by the BSI is a warning from 90 days before it on', () => {
  const warning = { code: 'device_certificate_expiring', due: '2027-01-31' }
  const message = 'The certification by the BSI ends on 2027-01-31: order a new device.'
  expect(warningsOn('2026-11-02', '2027-01-31')).toEqual([])
  expect(warningsOn('2026-11-03', '2027-01-31')).toEqual([{ ...warning, message }])
  expect(warningsOn('2027-01-31', '2027-01-31')).toEqual([{ ...warning, message }])
  expect(warningsOn('2027-02-01', '2027-01-31')).toMatchObject([
    { code: 'device_certificate_expired', message: expect.stringContaining('certification by the BSI ended') },
  ])
})

test('a certificate that ends before the certification, or without one, is the only warning', () => {
  for (const certifiedUntil of ['2035-01-31', undefined])
    expect(warningsOn('2034-01-01', certifiedUntil)).toEqual([
      {
        code: 'device_certificate_expiring',
        due: '2034-01-31',
        message: 'The certificate ends on 2034-01-31: order a new device.',
      },
    ])
})
