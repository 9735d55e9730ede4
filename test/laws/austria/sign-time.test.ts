import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { CardActs } from '../../../agent/laws/austria/acts.ts'
import type { CardAct } from '../../../agent/laws/austria/card-act.ts'
import type { Outcome } from '../../../agent/laws/law.ts'
import { CardSimulator } from '../../../drivers/card-simulator/driver.ts'
import { ManualClock } from '../../manual-clock.ts'
import { usableCard } from './usable-card.ts'
import { vectors } from './vectors.ts'

const units = ['card-1', 'card-2', 'card-3']

let directory: string
let clock: ManualClock
let cards: Map<string, CardSimulator>
let down: Set<string>
let acts: CardActs
/** A receipt that names it, by unit. */
let payloads: Map<string, string>

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rksv-sign-time-'))
  clock = new ManualClock()
  cards = new Map(units.map((id) => [id, new CardSimulator({ directory: join(directory, id), clock })]))
  payloads = new Map()
  for (const [id, card] of cards) payloads.set(id, payloadNaming((await card.identity()).serial))
  down = new Set()
  acts = new CardActs({ cardOf, clock })
})
afterEach(async () => {
  for (const card of cards.values()) await card.close()
  await rm(directory, { recursive: true })
})

function cardOf(id: string) {
  return usableCard(id, cards, down)
}

function payloadNaming(serial: string): string {
  return (vectors.chain[0]?.payload ?? '').split('_').with(11, serial).join('_')
}

function nowMs(): number {
  return Number(clock.mono() / 1_000_000n)
}

/** Tries the units in their order until one signs, as one request does; then the next step if there is one. */
async function carried(client: string, due: 0 | 1 = 0): Promise<{ tookMs: number; kinds: string[] }> {
  const sinceNs = clock.mono()
  const kinds: string[] = []
  const tried: string[] = []
  for (let remaining = due; remaining >= 0; ) {
    const [device, ...more] = units.filter((id) => cards.has(id) && !down.has(id) && !tried.includes(id))
    if (device === undefined) break
    const act = {
      device,
      client,
      payload: payloads.get(device),
      more: more.length > 0,
      is_own: remaining === 0,
    } as CardAct
    const outcome: Outcome = await acts.perform(act, { sinceNs, waitUntilNs: 0n })
    kinds.push(`${device} ${outcome.kind}`)
    if (outcome.kind === 'done') remaining -= 1
    else tried.push(device)
  }
  return { tookMs: nowMs() - Number(sinceNs / 1_000_000n), kinds }
}

/** Advances the clock until it is done, in small enough steps. */
async function timed<T>(work: Promise<T>): Promise<T> {
  let isDone = false
  void work.finally(() => {
    isDone = true
  })
  for (let steps = 0; !isDone && steps < 1000; steps += 1) await clock.advance(50)
  return work
}

describe('all tries of a request together take five seconds', () => {
  test('also if all of three units hang', async () => {
    for (const card of cards.values()) card.inject('slow=60000@sign')
    const { tookMs, kinds } = await timed(carried('k1'))
    expect(kinds).toEqual(['card-1 failed', 'card-2 failed', 'card-3 failed'])
    expect(tookMs).toBeLessThanOrEqual(5500)
  })

  test('a unit that needs two seconds signs instead of one that hangs', async () => {
    cards.delete('card-3')
    cards.get('card-1')?.inject('slow=60000@sign')
    cards.get('card-2')?.inject('slow=2000@sign')
    expect(await timed(carried('k1'))).toMatchObject({ kinds: ['card-1 failed', 'card-2 done'] })
  })

  test('a unit that is alone has all of them', async () => {
    for (const id of ['card-2', 'card-3']) cards.delete(id)
    cards.get('card-1')?.inject('slow=4500@sign')
    expect(await timed(carried('k1'))).toMatchObject({ kinds: ['card-1 done'] })
  })

  test('a due receipt leaves time for the sale after it', async () => {
    for (const id of ['card-2', 'card-3']) cards.delete(id)
    cards.get('card-1')?.inject('slow=2000@sign#1-2')
    expect(await timed(carried('k1', 1))).toMatchObject({ tookMs: 4000, kinds: ['card-1 done', 'card-1 done'] })
    cards.get('card-1')?.inject('slow=4200@sign')
    expect(await timed(carried('k2', 1))).toMatchObject({ tookMs: 2500, kinds: ['card-1 failed'] })
  })

  test('nothing is asked when they are over', async () => {
    const sinceNs = clock.mono()
    await clock.advance(5000)
    const payload = payloads.get('card-1')
    const act = { device: 'card-1', client: 'k1', payload, more: false, is_own: true } as CardAct
    expect(await acts.perform(act, { sinceNs, waitUntilNs: 0n })).toMatchObject({ kind: 'failed', code: 'timeout' })
    expect(cards.get('card-1')?.load().waiting).toBe(0)
  })
})

test('a receipt that waits for a unit that turns out to be down stops waiting', async () => {
  for (const id of ['card-2', 'card-3']) cards.delete(id)
  cards.get('card-1')?.inject('slow=60000@sign')
  const first = carried('k1')
  await clock.advance(3000)
  const second = carried('k2')
  await clock.advance(2000)
  expect(await first).toMatchObject({ tookMs: 5000, kinds: ['card-1 failed'] })
  expect(await timed(second)).toMatchObject({ tookMs: 2000, kinds: ['card-1 failed'] })
})

test('an overloaded unit signs in time what it signs: the other receipts have the marker, and are never signed', async () => {
  const unit = new CardSimulator({ directory: join(directory, 'card-1'), clock, latencyMs: 1000 })
  const reported: string[] = []
  const report = ({ code }: { code: string }) => void reported.push(code)
  const slow = () => ({ unit, usable: true, identity: undefined, trouble: undefined, report, worked: () => undefined })
  const acts = new CardActs({ cardOf: slow, clock })
  const kinds: string[] = []
  const ask = async (client: string) => {
    const payload = payloads.get('card-1')
    const { kind } = await acts.perform({ device: 'slow', client, payload, is_own: true } as CardAct)
    kinds.push(kind)
  }
  await Promise.all([ask('k0'), clock.advance(1000)])
  for (let second = 0; second < 20; second += 1) {
    for (const client of ['k1', 'k2', 'k3']) void ask(client)
    await clock.advance(1000)
  }
  await clock.advance(5000)
  expect(kinds.filter((kind) => kind === 'done').length).toBeGreaterThanOrEqual(20)
  expect(kinds).toHaveLength(61)
  expect(new Set(reported)).toEqual(new Set(['busy']))
  await unit.close()
})
