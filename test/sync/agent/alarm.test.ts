import { expect, test } from 'vitest'
import { SyncAlarm } from '../../../agent/sync/alarm.ts'
import { openLog } from '../../../base/log.ts'
import type { TargetStatus } from '../../../sync/status.ts'
import { ManualClock } from '../../manual-clock.ts'

const away: TargetStatus = {
  target: 'cloud',
  state: 'offline',
  acked_seq: 40,
  head_seq: 52,
  unacked: 12,
  dismissed: 0,
  stranded: 0,
  oldest_unacked_seconds: 910.4,
  last_error: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:9' },
  last_ack_at: null,
  clock_skew_seconds: null,
  warning: 'sync_delayed_15_min',
}

test('a log line says how many events a target misses, since when and why, once, and when it has all of them', async () => {
  const written: string[] = []
  const clock = new ManualClock()
  let status = away
  const log = openLog('info', { write: (line) => written.push(line) })
  const alarm = new SyncAlarm({ status: () => [status], clock, log })
  alarm.open()
  await clock.advance(90_000)
  status = { ...away, unacked: 0, oldest_unacked_seconds: 0, last_error: null, warning: null }
  await clock.advance(60_000)
  alarm.close()
  const facts = { target: 'cloud', code: 'sync_delayed_15_min', unacked: 12, oldest_s: 910, cause: 'ECONNREFUSED' }
  expect(written.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({ level: 'warn', ...facts }),
    expect.objectContaining({ level: 'info', target: 'cloud', msg: 'sync target cloud has caught up' }),
  ])
})
