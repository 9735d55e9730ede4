import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { account, answer, deskOf, timing, unitDuty } from './duty-bench.ts'

const YEAR_MS = 365 * 86_400_000
const slow = { ...timing, retryMinMs: 1000, retryMaxMs: 4000, askMs: 1000, visibleMs: 10_000 }
const lost = answer({ class: 'pause', lost: 'timeout', rc: [], effect: 'none' })

test.each([-YEAR_MS, YEAR_MS])(
  'a wall clock that is set by %d ms neither silences an account nor repeats its request early',
  async (ms) => {
    const clock = new ManualClock()
    let questions = 0
    const sentMs: number[] = []
    const { account: shop, own } = account({
      ask: async (subject, packet, signal) => {
        questions += 1
        return questions === 1 ? lost : own.ask(subject, packet, signal)
      },
      // Accepted, and never visible.
      send: async () => {
        sentMs.push(Number(clock.mono() / 1_000_000n))
        return answer()
      },
    })
    const { desk, until } = await deskOf(shop, () => [unitDuty('aa')], { clock, timing: slow })
    let isOver = false
    void until('finanzonline-unit-AT1-aa', 'unclear').then(() => {
      isOver = true
    })
    desk.start()
    await clock.advance(0)
    clock.jump(ms)
    while (!isOver && clock.mono() < 120_000_000_000n) {
      await clock.advance(500)
      if (sentMs.length === 1 && questions === 4) clock.jump(ms)
    }
    expect(isOver).toBe(true)
    const [first = 0, second = 0, third = 0] = sentMs
    expect(sentMs).toHaveLength(3)
    expect(Math.min(second - first, third - second)).toBeGreaterThanOrEqual(slow.visibleMs)
  },
)
