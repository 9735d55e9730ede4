import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from './clock.ts'

export type LifetimeKind = 'request' | 'device' | 'act' | 'job' | 'timer' | 'target' | 'stream'

/** The description of a lifetime; computed only on request. */
export type LifetimeFacts = {
  readonly name: string
  /** Default: `running`. */
  readonly state?: string | undefined
  /** The id of another lifetime, or words; default: its first child. */
  readonly waitsFor?: string | undefined
  /** Milliseconds from now. */
  readonly deadlineMs?: number | undefined
}

/**
 * The children of a lifetime, oldest first, as a linked list. A Set that thousands enter and leave each second would
 * leave its tables to the collector (ADR 070).
 */
type Siblings = { first: Lifetime | undefined; last: Lifetime | undefined }

/** Something that runs, from start to end. */
export type Lifetime = Siblings & {
  /** In order of the beginnings. */
  readonly number: number
  readonly kind: LifetimeKind
  /** The one that it began in. */
  readonly branch: Branch | undefined
  /** As `performance.now` counts. */
  readonly sinceMs: number
  describe: () => LifetimeFacts
  previous: Lifetime | undefined
  next: Lifetime | undefined
  parent: Lifetime | undefined
  isOver: boolean
}

/** As `fiskal-edge diag --json` shows one. */
export type LifetimeView = {
  readonly id: string
  readonly kind: string
  readonly name: string
  readonly since_ms: number
  readonly state: string
  readonly waits_for?: string
  readonly deadline_ms?: number
  readonly children: readonly LifetimeView[]
}

/**
 * Asynchronous work with the lifetime that began last in it. Its parallel parts are shown one below the other. One of
 * its own for each lifetime would cost a copy of Node's context (ADR 070).
 */
type Branch = { current: Lifetime }

/** Asynchronous work that starts in a branch inherits it. */
const running = new AsyncLocalStorage<Branch>()
const roots: Siblings = { first: undefined, last: undefined }
let count = 0

/** Begins a child of the current lifetime. The caller ends it. */
export function beginLifetime(kind: LifetimeKind, describe: () => LifetimeFacts): Lifetime {
  count += 1
  const branch = running.getStore()
  const parent = livingOf(branch?.current)
  const lifetime: Lifetime = {
    number: count,
    kind,
    branch: parent && branch,
    sinceMs: performance.now(),
    describe,
    first: undefined,
    last: undefined,
    previous: undefined,
    next: undefined,
    parent,
    isOver: false,
  }
  join(parent ?? roots, lifetime)
  return lifetime
}

/** Its children that have not ended move to its parent. */
export function endLifetime(ended: Lifetime): void {
  if (ended.isOver) return
  const siblings = ended.parent ?? roots
  leave(siblings, ended)
  ended.isOver = true
  for (let child = ended.first; child !== undefined; ) {
    const { next } = child
    child.parent = ended.parent
    join(siblings, child)
    child = next
  }
  ended.first = undefined
  ended.last = undefined
  ended.parent = livingOf(ended.parent)
  // A socket or a timer that was made under it keeps a reference to it: drop what it described.
  ended.describe = over
}

function over(): LifetimeFacts {
  return { name: 'over' }
}

function join(siblings: Siblings, one: Lifetime): void {
  one.previous = siblings.last
  one.next = undefined
  if (siblings.last === undefined) siblings.first = one
  else siblings.last.next = one
  siblings.last = one
}

function leave(siblings: Siblings, one: Lifetime): void {
  if (one.previous === undefined) siblings.first = one.next
  else one.previous.next = one.next
  if (one.next === undefined) siblings.last = one.previous
  else one.next.previous = one.previous
  one.previous = undefined
  one.next = undefined
}

function* membersOf({ first }: Siblings): Generator<Lifetime> {
  for (let one = first; one !== undefined; one = one.next) yield one
}

/** Runs `act` as a lifetime; those that it begins become its children. */
export function during<Result>(
  kind: LifetimeKind,
  describe: () => LifetimeFacts,
  act: () => Promise<Result>,
): Promise<Result> {
  const lifetime = beginLifetime(kind, describe)
  return withEnd(
    () => inBranch(lifetime, act),
    () => endLifetime(lifetime),
  )
}

/**
 * Runs `act`, and `end` when it has settled. On the path of each sale instead of `finally`, which makes four promises
 * instead of one.
 */
export function withEnd<Result>(act: () => Promise<Result>, end: () => void): Promise<Result> {
  let acting: Promise<Result>
  try {
    acting = act()
  } catch (error) {
    acting = Promise.reject(error)
  }
  return acting.then(
    (result) => {
      end()
      return result
    },
    (error) => {
      end()
      throw error
    },
  )
}

/** Runs `act`; lifetimes that it begins, now and later, become children of `lifetime`. */
export function under<Result>(lifetime: Lifetime, act: () => Result): Result {
  return running.run({ current: lifetime }, act)
}

/** The same for a branch that continues with `lifetime` alone; called from anywhere. */
export function inBranch<Result>(lifetime: Lifetime, act: () => Result): Result {
  const { branch } = lifetime
  if (branch === undefined || branch !== running.getStore()) return under(lifetime, act)
  branch.current = lifetime
  return act()
}

/** As `fiskal-edge diag` shows it. */
export function idOf({ kind, number }: Lifetime): string {
  return `${kind}-${number}`
}

/** A clock whose timers are visible while they wait. */
export function named(clock: Pick<Clock, 'after'>, name: string): Pick<Clock, 'after'> {
  return {
    after: (delayMs, act) => {
      const dueMs = performance.now() + delayMs
      // The caller has its own lifetime: the timer outlives it.
      return running.exit(() => {
        const timer = beginLifetime('timer', () => ({ name, state: 'waiting', deadlineMs: dueMs - performance.now() }))
        const cancel = clock.after(delayMs, () => {
          endLifetime(timer)
          act()
        })
        return () => {
          endLifetime(timer)
          cancel()
        }
      })
    },
  }
}

/** All present lifetimes, the oldest first. */
export function lifetimes(): LifetimeView[] {
  const nowMs = performance.now()
  return Array.from(membersOf(roots), (root) => viewOf(root, nowMs))
}

function viewOf(one: Lifetime, nowMs: number): LifetimeView {
  const { kind, sinceMs, describe } = one
  const below = Array.from(membersOf(one), (child) => viewOf(child, nowMs))
  const { name, state = 'running', waitsFor = below[0]?.id, deadlineMs } = describe()
  return {
    id: idOf(one),
    kind,
    name,
    since_ms: Math.round(nowMs - sinceMs),
    state,
    ...(waitsFor !== undefined && { waits_for: waitsFor }),
    ...(deadlineMs !== undefined && { deadline_ms: Math.round(deadlineMs) }),
    children: below,
  }
}

/** A timer or a connection may outlive the lifetime that began it. */
function livingOf(one: Lifetime | undefined): Lifetime | undefined {
  return one?.isOver === true ? livingOf(one.parent) : one
}
