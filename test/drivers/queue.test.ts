import { describe, expect, test } from 'vitest'
import { DeviceError } from '../../drivers/errors.ts'
import { CommandQueue } from '../../drivers/queue.ts'
import { ManualClock } from '../manual-clock.ts'

function setUp() {
  const clock = new ManualClock()
  const queue = new CommandQueue(clock)
  const device = (ms: number) => () => new Promise<void>((resolve) => clock.after(ms, resolve))
  return { clock, queue, device }
}

function failure(promise: Promise<unknown>): Promise<DeviceError> {
  return promise.then(
    () => {
      throw new Error('it succeeded')
    },
    (error: DeviceError) => error,
  )
}

describe('the queue of a device', () => {
  test('runs one command at a time', async () => {
    const { clock, queue } = setUp()
    let inside = 0
    let most = 0
    const act = async () => {
      inside += 1
      most = Math.max(most, inside)
      await new Promise<void>((resolve) => clock.after(10, resolve))
      inside -= 1
    }
    const all = Promise.all([1, 2, 3, 4, 5].map(() => queue.run({ client: 'a', deadlineMs: 1000 }, act)))
    await clock.advance(50)
    await all
    expect(most).toBe(1)
  })

  test('serves the clients in turn, each in its own order', async () => {
    const { clock, queue, device } = setUp()
    const order: string[] = []
    const command = (client: string, name: string) =>
      queue.run({ client, deadlineMs: 10_000 }, async () => {
        order.push(name)
        await device(10)()
      })
    const all = ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'].map((name) => command(name.slice(0, 1), name))
    await clock.advance(100)
    await Promise.all(all)
    expect(order).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2'])
  })

  test('keeps a 150 ms device at least 95 % busy with four closed-loop clients and starves none of them', async () => {
    const { clock, queue } = setUp()
    const served = new Map<string, number>()
    let busyMs = 0
    const act = async (client: string) => {
      await new Promise<void>((resolve) => clock.after(150, resolve))
      busyMs += 150
      served.set(client, (served.get(client) ?? 0) + 1)
    }
    const loop = async (client: string) => {
      for (let i = 0; i < 25; i += 1) await queue.run({ client, deadlineMs: 5000 }, () => act(client))
    }
    const all = Promise.all(['a', 'b', 'c', 'd'].map(loop))
    await clock.advance(7500)
    expect(busyMs).toBeGreaterThanOrEqual(7500 * 0.95)
    expect(Math.max(...served.values()) - Math.min(...served.values())).toBeLessThanOrEqual(1)
    await clock.advance(20_000)
    await all
  })

  test('a client with many commands does not delay another one', async () => {
    const { clock, queue, device } = setUp()
    const many = Array.from({ length: 30 }, () => queue.run({ client: 'greedy', deadlineMs: 60_000 }, device(100)))
    let servedAtMs: number | undefined
    const startMs = clock.now()
    const modest = queue.run({ client: 'modest', deadlineMs: 60_000 }, device(100)).then(() => {
      servedAtMs = clock.now() - startMs
    })
    await clock.advance(60_000)
    await Promise.all([...many, modest])
    expect(servedAtMs).toBe(300)
  })

  test('the 65th waiting command is refused and did nothing', async () => {
    const { clock, queue, device } = setUp()
    const accepted = Array.from({ length: 65 }, () => queue.run({ client: 'a', deadlineMs: 60_000 }, device(1)))
    let began = false
    const error = await failure(
      queue.run({ client: 'b', deadlineMs: 1000 }, async () => {
        began = true
      }),
    )
    expect(error).toMatchObject({ code: 'busy', effect: 'none' })
    await clock.advance(100)
    await Promise.all(accepted)
    expect(began).toBe(false)
  })

  test('a command that exceeds its deadline is unknown, and the next begins only when it has ended', async () => {
    const { clock, queue } = setUp()
    let release: (() => void) | undefined
    const hanging = failure(
      queue.run({ client: 'a', deadlineMs: 1000 }, () => new Promise<void>((resolve) => (release = resolve))),
    )
    let began = false
    const next = queue.run({ client: 'b', deadlineMs: 5000 }, async () => {
      began = true
    })
    await clock.advance(1000)
    expect(await hanging).toMatchObject({ code: 'timeout', effect: 'unknown' })
    await clock.advance(500)
    expect(began).toBe(false)
    release?.()
    await next
    expect(began).toBe(true)
  })

  test('the act receives its deadline, so that it can reset the line', async () => {
    const { clock, queue } = setUp()
    const hanging = failure(
      queue.run(
        { client: 'a', deadlineMs: 1000 },
        (expired) => new Promise((_, reject) => expired.addEventListener('abort', () => reject(new Error('reset')))),
      ),
    )
    const next = queue.run({ client: 'a', deadlineMs: 5000 }, async () => 'done')
    await clock.advance(1000)
    expect(await hanging).toMatchObject({ code: 'timeout', effect: 'unknown' })
    expect(await next).toBe('done')
  })

  test('a command that is cancelled or expires in the queue did nothing: a queue is not an outage', async () => {
    const { clock, queue, device } = setUp()
    const first = queue.run({ client: 'a', deadlineMs: 5000 }, device(3000))
    const late = failure(queue.run({ client: 'b', deadlineMs: 5000, waitMs: 1000 }, device(1)))
    const giveUp = new AbortController()
    const aborted = failure(queue.run({ client: 'c', deadlineMs: 5000, signal: giveUp.signal }, device(1)))
    giveUp.abort()
    expect(await aborted).toMatchObject({ code: 'aborted', effect: 'none' })
    await clock.advance(1000)
    expect(await late).toMatchObject({ code: 'busy', effect: 'none' })
    expect(queue.load().waiting).toBe(0)
    await clock.advance(2000)
    await first
  })

  test('an overloaded device signs in time each request that it begins, and refuses the others', async () => {
    const { clock, queue, device } = setUp()
    const took: number[] = []
    let refused = 0
    let signed = 0
    const sign = async (client: string) => {
      const startMs = clock.now()
      const command = { client, deadlineMs: 5000, withinMs: 5000 }
      try {
        await queue.run(command, async () => {
          await device(1000)()
          signed += 1
        })
        took.push(clock.now() - startMs)
      } catch (error) {
        expect(error).toMatchObject({ code: 'busy', effect: 'none' })
        refused += 1
      }
    }
    await Promise.all([sign('first'), clock.advance(1000)])
    const endMs = clock.now() + 30_000
    const loop = async (client: string) => {
      while (clock.now() < endMs) await sign(client)
    }
    const all = Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(loop))
    await clock.advance(40_000)
    await all
    expect(Math.max(...took)).toBeLessThanOrEqual(5000)
    expect([took.length, refused > 10]).toEqual([signed, true])
    expect(signed).toBeGreaterThan(30)
  })

  test.each(['fails', 'ends'])(
    'an opening that takes long and %s does not let those wait less who want a signature',
    async (how) => {
      const { clock, queue, device } = setUp()
      for (let probes = 0; probes < 5; probes += 1) {
        const opened = queue.run({ deadlineMs: 60_000 }, async () => {
          await device(15_000)()
          if (how === 'fails') throw new DeviceError('unavailable', 'none', 'no card')
        })
        await Promise.all([opened.catch(() => undefined), clock.advance(15_000)])
      }
      const sign = (client: string) => queue.run({ client, deadlineMs: 5000, withinMs: 2500 }, device(300))
      const all = Promise.all(['a', 'b', 'c'].map(sign))
      await clock.advance(900)
      expect(await all).toHaveLength(3)
    },
  )

  test('a command that hung until its deadline does not count towards the duration of a signature', async () => {
    const { clock, queue, device } = setUp()
    const sign = (client: string, act: () => Promise<void>) =>
      queue.run({ client, deadlineMs: 5000, withinMs: 5000 }, act)
    const hanging = failure(
      sign('a', async () => {
        await device(5000)()
        throw new DeviceError('timeout', 'unknown', 'no answer')
      }),
    )
    await clock.advance(5000)
    await hanging
    const all = Promise.all(['a', 'b'].map((client) => sign(client, device(300))))
    await clock.advance(600)
    expect(await all).toHaveLength(2)
  })

  test('a command that has begun outlives the wish to give it up', async () => {
    const { clock, queue, device } = setUp()
    const giveUp = new AbortController()
    const running = queue.run({ client: 'a', deadlineMs: 5000, signal: giveUp.signal }, device(100))
    giveUp.abort()
    await clock.advance(100)
    await expect(running).resolves.toBeUndefined()
    const error = await failure(queue.run({ client: 'a', deadlineMs: 5000, signal: giveUp.signal }, device(1)))
    expect(error).toMatchObject({ code: 'aborted', effect: 'none' })
  })

  test('it reports how long a client has waited; requests of the agent itself can wait', async () => {
    const { clock, queue, device } = setUp()
    const [first, own] = ['a', undefined].map((client) => queue.run({ client, deadlineMs: 5000 }, device(200)))
    await clock.advance(50)
    expect(queue.longestWaitMs()).toBe(0)
    const tills = ['b', 'b', 'c'].map((client) => queue.run({ client, deadlineMs: 5000 }, device(200)))
    await clock.advance(100)
    expect(queue.longestWaitMs()).toBe(100)
    await clock.advance(250)
    expect(queue.longestWaitMs()).toBe(350)
    await clock.advance(1000)
    await Promise.all([first, own, ...tills])
    expect(queue.longestWaitMs()).toBe(0)
  })

  test('the load reports how many wait and about how long a new request will wait', async () => {
    const { clock, queue, device } = setUp()
    const first = queue.run({ client: 'a', deadlineMs: 5000 }, device(200))
    await clock.advance(200)
    await first
    const more = [1, 2, 3].map(() => queue.run({ client: 'a', deadlineMs: 5000 }, device(200)))
    await clock.advance(50)
    expect(queue.load()).toEqual({ waiting: 2, expectedWaitMs: 550 })
    await clock.advance(600)
    await Promise.all(more)
    expect(queue.load()).toEqual({ waiting: 0, expectedWaitMs: 0 })
  })

  test('closing refuses the waiting commands and lets the running one end', async () => {
    const { clock, queue, device } = setUp()
    const running = queue.run({ client: 'a', deadlineMs: 5000 }, device(100))
    const waiting = failure(queue.run({ client: 'b', deadlineMs: 5000 }, device(100)))
    const closed = queue.close()
    expect(await waiting).toMatchObject({ code: 'aborted', effect: 'none' })
    await clock.advance(100)
    await Promise.all([running, closed])
  })

  test('closing cancels an act that does not end in time: the act is notified, and its line is cut', async () => {
    const { clock, queue } = setUp()
    let cut = 0
    const act = (expired: AbortSignal) =>
      new Promise<never>((_, reject) => {
        expired.addEventListener('abort', () => reject(new DeviceError('timeout', 'unknown', 'given up')))
      })
    const running = failure(queue.run({ client: 'a', deadlineMs: 120_000 }, act))
    const closed = queue.close(async () => {
      cut += 1
    })
    await clock.advance(4999)
    expect(cut).toBe(0)
    await clock.advance(1)
    expect(await running).toMatchObject({ code: 'aborted', effect: 'unknown' })
    await closed
    expect(cut).toBe(1)
  })

  test('closing cuts nothing if the act ends on its own', async () => {
    const { clock, queue, device } = setUp()
    let cut = 0
    const running = queue.run({ client: 'a', deadlineMs: 120_000 }, device(4000))
    const closed = queue.close(async () => {
      cut += 1
    })
    await clock.advance(4000)
    await Promise.all([running, closed])
    await clock.advance(4000)
    expect(cut).toBe(0)
  })

  test('nothing begins after it is closed, also not what follows at once from the end of the running one', async () => {
    const { clock, queue, device } = setUp()
    const following = queue
      .run({ client: 'a', deadlineMs: 5000 }, device(100))
      .then(() => queue.run({ client: 'a', deadlineMs: 5000 }, async () => 'begun'))
    const closed = queue.close()
    const refused = failure(following)
    await clock.advance(100)
    await closed
    expect(await refused).toMatchObject({ code: 'aborted', effect: 'none' })
  })

  test('an act that throws before its first await does not block the line', async () => {
    const { queue } = setUp()
    const thrown = failure(
      queue.run({ client: 'a', deadlineMs: 100 }, () => {
        throw new Error('at once')
      }),
    )
    expect((await thrown).message).toBe('at once')
    expect(await queue.run({ client: 'a', deadlineMs: 100 }, async () => 'next')).toBe('next')
  })
})
