import { expect, test } from 'vitest'
import { StepWatch, systemBoot } from '../../agent/process/clock-steps.ts'
import { ManualClock } from '../manual-clock.ts'

const [SECOND, HOUR] = [1000, 3_600_000]

/** A watch over a manual clock, and the boot that this clock runs in. */
function watched() {
  const clock = new ManualClock()
  let suspendedMs = 0
  const boot = { id: 'boot-1', uptimeMs: () => Number(clock.mono() / 1_000_000n) + suspendedMs }
  const watch = new StepWatch(clock, boot)
  let partings = 0
  watch.onParted(() => partings++)
  const suspend = (ms: number): void => {
    suspendedMs += ms
    clock.jump(ms)
  }
  const sizes = (): number[] => {
    watch.compareClocks()
    return watch.take().map(({ fromMs, toMs }) => toMs - fromMs)
  }
  return { clock, watch, suspend, sizes, partings: () => partings }
}

test.for([SECOND + 1, -SECOND - 1, 24 * HOUR, -24 * HOUR])(
  'a difference of %i ms is a step of that size',
  async (ms) => {
    const { clock, watch, sizes, partings } = watched()
    await clock.advance(10 * SECOND)
    clock.jump(ms)
    const saidMs = clock.now()
    watch.compareClocks()
    expect([watch.newest, watch.partedNs, partings()]).toEqual([{ fromMs: saidMs - ms, toMs: saidMs }, clock.mono(), 1])
    expect([sizes(), sizes()]).toEqual([[ms], []])
  },
)

test('a clock that is slewed by 100,000 ppm for an hour never steps', async () => {
  const { clock, sizes, partings } = watched()
  for (let looks = 0; looks < 7200; looks++) {
    await clock.advance(500)
    clock.jump(50)
    expect(sizes()).toEqual([])
  }
  expect(partings()).toBe(0)
})

test('a second of difference is not a step: nor is the leap second', async () => {
  const { clock, sizes } = watched()
  clock.jump(-SECOND)
  expect(sizes()).toEqual([])
  await clock.advance(500)
  clock.jump(SECOND)
  expect(sizes()).toEqual([])
})

test('a suspend is not a step, and parts the clocks; a step during it shows by its own size', async () => {
  const { clock, suspend, sizes, partings } = watched()
  suspend(8 * HOUR)
  expect([sizes(), partings()]).toEqual([[], 1])
  await clock.advance(500)
  suspend(8 * HOUR)
  clock.jump(-HOUR)
  expect([sizes(), partings()]).toEqual([[-HOUR], 2])
  clock.jump(HOUR)
  expect(sizes()).toEqual([HOUR])
})

test('a process that is stopped between two readings of one look sees no step', async () => {
  const { clock, watch, sizes } = watched()
  const readWall = clock.now.bind(clock)
  let stops = 2
  clock.now = () => {
    const wallMs = readWall()
    // SIGSTOP for a minute, after the reading of the wall clock.
    if (stops-- > 0) void clock.advance(60 * SECOND)
    return wallMs
  }
  watch.compareClocks()
  expect(sizes()).toEqual([])
})

test('a clock that steps more often than it is journalled is reported by its newest steps', () => {
  const { clock, watch, sizes } = watched()
  for (let steps = 1; steps <= 40; steps++) {
    clock.jump(steps * 2 * SECOND)
    watch.compareClocks()
  }
  expect(sizes()).toEqual(Array.from({ length: 16 }, (_, index) => (index + 25) * 2 * SECOND))
})

test('this machine reports its boot, and an increasing uptime', () => {
  const boot = systemBoot()
  expect(boot.id).toMatch(/^[0-9a-f-]{36}$/)
  const first = boot.uptimeMs()
  expect(boot.uptimeMs()).toBeGreaterThanOrEqual(first)
})
