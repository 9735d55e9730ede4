import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../base/clock.ts'
import type { LifetimeView } from '../../base/lifetime.ts'
import { beginLifetime, during, endLifetime, lifetimes, named, under } from '../../base/lifetime.ts'
import { CommandQueue } from '../../drivers/queue.ts'
import { ManualClock } from '../manual-clock.ts'

/** Name, state, waited-for name and children, of the tasks whose name begins so. */
type Short = [name: string, state: string, waitsFor: string | undefined, below: Short[]]
function seen(start: string): Short[] {
  const shortOf = ({ name, state, waits_for, children }: LifetimeView): Short => [
    name,
    state,
    waits_for,
    children.map(shortOf),
  ]
  return lifetimes()
    .filter(({ name }) => name.startsWith(start))
    .map(shortOf)
}

function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

test('a task that an act begins is below it, across awaits, and ends with it', async () => {
  const [outer, inner] = [gate(), gate()]
  const tell =
    (name: string, facts = {}) =>
    () => ({ name, ...facts })
  const done = during('request', tell('a sale'), async () => {
    await setImmediate()
    await during('act', tell('a finish', { state: 'waiting', waitsFor: 'tse-1' }), () => inner.opened)
    await outer.opened
  })
  await setImmediate()
  const [request] = seen('a sale')
  expect(request?.slice(0, 2)).toEqual(['a sale', 'running'])
  // It waits for the first one below it, by its id.
  expect(request?.[2]).toMatch(/^act-\d+$/)
  expect(request?.[3]).toEqual([['a finish', 'waiting', 'tse-1', []]])
  inner.open()
  await setImmediate()
  expect(seen('a sale')).toEqual([['a sale', 'running', undefined, []]])
  outer.open()
  await done
  expect(seen('a sale')).toEqual([])
})

test('one that fails is over too', async () => {
  const failing = during(
    'job',
    () => ({ name: 'a backup' }),
    () => Promise.reject(new Error('no room')),
  )
  await expect(failing).rejects.toThrow('no room')
  expect(seen('a backup')).toEqual([])
})

test('a task that outlives its parent moves up, and tasks that it begins then are not lost', async () => {
  const request = beginLifetime('request', () => ({ name: 'short' }))
  let later: () => void = () => undefined
  const act = under(request, () => beginLifetime('act', () => ({ name: 'long' })))
  under(request, () => {
    later = () => endLifetime(beginLifetime('act', () => ({ name: 'late' })))
  })
  endLifetime(request)
  expect(seen('short')).toEqual([])
  expect(seen('long')).toEqual([['long', 'running', undefined, []]])
  under(request, later)
  const late = under(request, () => beginLifetime('act', () => ({ name: 'late' })))
  expect(seen('late')).toEqual([['late', 'running', undefined, []]])
  for (const one of [act, late]) endLifetime(one)
  expect([...seen('long'), ...seen('late')]).toEqual([])
})

test('a named timer is visible until it fires or is cancelled, and does not belong to its creator', async () => {
  const clock = new ManualClock()
  const fired: string[] = []
  await during(
    'request',
    () => ({ name: 'setter' }),
    async () => {
      named(clock, 'timer one').after(1000, () => fired.push('one'))
      named(clock, 'timer two').after(1000, () => fired.push('two'))()
    },
  )
  expect(seen('timer')).toEqual([['timer one', 'waiting', undefined, []]])
  const [view] = lifetimes().filter(({ name }) => name === 'timer one')
  expect(view?.deadline_ms).toBeGreaterThan(0)
  await clock.advance(1000)
  expect([fired, seen('timer')]).toEqual([['one'], []])
})

test('a command of a device is below its caller; a waiting one names the running one', async () => {
  const queue = new CommandQueue(systemClock)
  const first = gate()
  const wanted = (client: string, act: () => Promise<void>) =>
    during(
      'request',
      () => ({ name: `sale of ${client}` }),
      () => queue.run({ client, deadlineMs: 10_000 }, act),
    )
  const sales = [wanted('till-1', () => first.opened), wanted('till-2', async () => undefined)]
  await setImmediate()
  const saleOf = (till: string) => lifetimes().find(({ name }) => name === `sale of ${till}`)
  const [running, waiting] = [saleOf('till-1'), saleOf('till-2')]
  const [act] = running?.children ?? []
  expect(act).toMatchObject({ kind: 'act', name: 'command of till-1', state: 'running' })
  expect(act?.deadline_ms).toBeGreaterThan(9_000)
  expect(waiting?.children).toMatchObject([{ name: 'command of till-2', state: 'waiting', waits_for: act?.id }])
  first.open()
  await Promise.all(sales)
  await setImmediate()
  expect(seen('sale of')).toEqual([])
  expect(seen('command of')).toEqual([])
})

test('a command that is refused or cancelled in the queue leaves nothing behind', async () => {
  const queue = new CommandQueue(systemClock)
  const first = gate()
  const running = queue.run({ client: 'till-3', deadlineMs: 10_000 }, () => first.opened)
  const giveUp = new AbortController()
  const given = queue.run({ client: 'till-4', deadlineMs: 10_000, signal: giveUp.signal }, async () => undefined)
  giveUp.abort()
  await expect(given).rejects.toMatchObject({ code: 'aborted' })
  const closing = queue.close()
  first.open()
  await Promise.all([running, closing])
  await expect(queue.run({ deadlineMs: 1 }, async () => undefined)).rejects.toMatchObject({ code: 'aborted' })
  await setImmediate()
  expect(seen('command of')).toEqual([])
})
