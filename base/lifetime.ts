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

/** Something that runs, from start to end. */
export type Lifetime = {
  /** In order of the beginnings. */
  readonly number: number
  readonly kind: LifetimeKind
  /** As `performance.now` counts. */
  readonly sinceMs: number
  describe: () => LifetimeFacts
  parent: Lifetime | undefined
  /** The oldest first. */
  readonly children: Set<Lifetime>
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

/** Asynchronous work that starts in a lifetime inherits it. */
const running = new AsyncLocalStorage<Lifetime>()
const roots = new Set<Lifetime>()
let count = 0

/** Begins a child of the current lifetime. The caller ends it. */
export function beginLifetime(kind: LifetimeKind, describe: () => LifetimeFacts): Lifetime {
  count += 1
  const parent = livingOf(running.getStore())
  const sinceMs = performance.now()
  const lifetime = { number: count, kind, sinceMs, describe, parent, children: new Set<Lifetime>(), isOver: false }
  siblingsOf(lifetime).add(lifetime)
  return lifetime
}

/** Its children that have not ended move to its parent. */
export function endLifetime(ended: Lifetime): void {
  if (ended.isOver) return
  const siblings = siblingsOf(ended)
  siblings.delete(ended)
  ended.isOver = true
  for (const child of ended.children) {
    child.parent = ended.parent
    siblings.add(child)
  }
  ended.children.clear()
  // A socket or a timer that was made under it keeps a reference to it: drop what it described.
  ended.describe = over
}

function over(): LifetimeFacts {
  return { name: 'over' }
}

function siblingsOf({ parent }: Lifetime): Set<Lifetime> {
  return parent?.children ?? roots
}

/** Runs `act` as a lifetime; those that it begins become its children. */
export async function during<Result>(
  kind: LifetimeKind,
  describe: () => LifetimeFacts,
  act: () => Promise<Result>,
): Promise<Result> {
  const lifetime = beginLifetime(kind, describe)
  try {
    return await under(lifetime, act)
  } finally {
    endLifetime(lifetime)
  }
}

/** Runs `act`; lifetimes that it begins, now and later, become children of `lifetime`. */
export function under<Result>(lifetime: Lifetime, act: () => Result): Result {
  return running.run(lifetime, act)
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
  return Array.from(roots, (root) => viewOf(root, nowMs))
}

function viewOf(one: Lifetime, nowMs: number): LifetimeView {
  const { kind, sinceMs, describe } = one
  const below = Array.from(one.children, (child) => viewOf(child, nowMs))
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
