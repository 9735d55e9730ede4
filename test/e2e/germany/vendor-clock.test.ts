// @module-tag heavy
import { expect, test } from 'vitest'
import { systemClock } from '../../../base/clock.ts'
import { vendorTses } from '../../contracts/vendor-tses.ts'
import { afterPatiently } from '../../patient-clock.ts'
import { verifyArchive } from '../../verified-archive.ts'
import { CalendarClock } from '../calendar-clock.ts'
import { signed } from '../client.ts'
import { vendorShop } from './vendor-shop.ts'

/** Another calendar, and the patience of a busy machine. */
class PatientCalendar extends CalendarClock {
  override after(delayMs: number, act: () => void): () => void {
    return afterPatiently(delayMs, act)
  }
}

function now(): string {
  return new Date(systemClock.now()).toISOString()
}

/** Times of the logs in an archive, by their counters. */
function logTimes(archive: Uint8Array): number[] {
  const names = Buffer.from(archive)
    .toString('latin1')
    .matchAll(/Unixt_(\d+)_Sig-(\d+)_Log/g)
  const logs = [...names].map(([, time, counter]) => [Number(counter), Number(time)] as const)
  return logs.sort(([one], [other]) => one - other).map(([, time]) => time)
}

test.each(Object.keys(vendorTses))(
  'a %s without power gets no time of a clock that is lost, signs nothing and still exports its archive',
  async (name) => {
    const clock = new PatientCalendar(now())
    const { vendor, bench, sold } = await vendorShop(name, clock)
    const before = await sold()
    expect(before.fiscal.state).toBe('succeeded')
    const newestSeconds = Math.floor(Date.parse(signed(before).end_event.signed_at) / 1000)
    await bench.restart(async () => {
      await vendor.unit.pullOut()
      clock.jump('1970-01-01T00:00:10Z')
      await vendor.unit.plugIn()
    })
    const suspect = { state: 'failed', error: { code: 'clock_suspect' } }
    expect((await sold()).fiscal).toMatchObject(suspect)
    const bytes = await bench.exported('tse_tar')
    expect((await verifyArchive(bytes)).findings).toEqual([])
    const times = logTimes(bytes)
    expect(times.at(-1)).toBe(newestSeconds)
    expect(times).toEqual([...times].sort((one, other) => one - other))
    clock.jump(now())
    await bench.untilDevice('ready')
    const after = await sold()
    expect(after.fiscal.state).toBe('succeeded')
    expect(Date.parse(signed(after).start_event.signed_at)).toBeGreaterThanOrEqual(newestSeconds * 1000)
  },
)
