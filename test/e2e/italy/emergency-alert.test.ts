// @module-tag heavy
import { expect, test } from 'vitest'
import { TurningClock } from '../../turning-clock.ts'
import { alerted, subject, types } from '../alerted.ts'
import { act, open, untilBack } from './emergency-shop.ts'
import { italianTill } from './shop.ts'

const SPEED = 5
/** Longer than the printer is away. */
const AFTER_SECONDS = 20

test('an open emergency register is an alert of its printer that works again, and its end follows the close', async () => {
  const { bench, hook, smtp } = await alerted({
    alerts: { rules: { devices: { afterSeconds: AFTER_SECONDS } } },
    config: { devices: [{ id: 'rt-1', driver: 'rt-simulator' }] },
    clock: new TurningClock(SPEED),
  })
  await using _ = bench
  await italianTill(bench)
  await bench.faultAt('rt-1', 'unplugged@*')
  await bench.untilDevice('down')
  await open(bench)
  await bench.faultAt('rt-1', 'clear')
  await untilBack(bench)
  // Its duties are alerts, too.
  await bench.until(() => types(hook).includes('alert.raised rt-1'))
  const raised = bench.journal().filter(({ kind, body }) => kind === 'alert.raised' && body.includes('"device":"rt-1"'))
  expect(raised.map(({ body }) => JSON.parse(body))).toMatchObject([
    { facts: { code: 'printer_emergency_open', rule: 'devices', severity: 'alarm' } },
  ])
  await bench.until(() => smtp.mails.some(({ data }) => /ALARM: rt-1: /.test(subject(data))))
  await act(bench, { act: 'emergency-close' })
  await bench.until(() => types(hook).includes('alert.resolved rt-1'))
})
