import { AsyncLocalStorage } from 'node:async_hooks'

export type LifetimeKind = 'request' | 'device' | 'act' | 'job' | 'timer' | 'target' | 'stream'

/** What is to be said of one when somebody asks; computed only then. */
export type LifetimeFacts = {
  readonly name: string
  /** `running` where left out. */
  readonly state?: string | undefined
  /** The id of another one, or words; the first one below it where left out. */
  readonly waitsFor?: string | undefined
  /** Milliseconds from now. */
  readonly deadlineMs?: number | undefined
}

/**
 * Those below one, oldest first, as a chain through themselves. A Set that thousands enter and leave each second would leave
 * its tables behind for the collector: 7 % of a sale at twenty tills (measured).
 */
type Siblings = { first: Lifetime | undefined; last: Lifetime | undefined }

/** What runs, from its start to its end. */
export type Lifetime = Siblings & {
  readonly id: string
  readonly kind: LifetimeKind
  /** Of `performance.now`. */
  readonly sinceMs: number
  tell: () => LifetimeFacts
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

/** Who runs now: it follows whatever is begun under it. */
const running = new AsyncLocalStorage<Lifetime>()
const roots: Siblings = { first: undefined, last: undefined }
let count = 0

/** Begins below whoever runs now. Whoever begins it ends it. */
export function beginLifetime(kind: LifetimeKind, tell: () => LifetimeFacts): Lifetime {
  count += 1
  const parent = livingOf(running.getStore())
  const begun: Lifetime = {
    id: `${kind}-${count}`,
    kind,
    sinceMs: performance.now(),
    tell,
    first: undefined,
    last: undefined,
    previous: undefined,
    next: undefined,
    parent,
    isOver: false,
  }
  join(siblingsOf(parent), begun)
  return begun
}

/** What it began and did not end goes on in its place. */
export function endLifetime(ended: Lifetime): void {
  if (ended.isOver) return
  const siblings = siblingsOf(ended.parent)
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
  // A socket or a timer that was made under it remembers it for longer than that: not what it was about.
  ended.tell = over
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

/** Runs `act` as one; what it begins is below it. */
export async function during<Result>(
  kind: LifetimeKind,
  tell: () => LifetimeFacts,
  act: () => Promise<Result>,
): Promise<Result> {
  const begun = beginLifetime(kind, tell)
  try {
    return await running.run(begun, act)
  } finally {
    endLifetime(begun)
  }
}

/** What `act` begins, now and later, is below `begun`. */
export function under<Result>(begun: Lifetime, act: () => Result): Result {
  return running.run(begun, act)
}

/** A timer that is seen while it waits. Returns what cancels it. */
export function afterNamed(
  clock: { after(delayMs: number, act: () => void): () => void },
  name: string,
  delayMs: number,
  act: () => void,
): () => void {
  const dueMs = performance.now() + delayMs
  // Whoever sets it has its own life: the timer goes on without it.
  const begun = running.exit(() =>
    beginLifetime('timer', () => ({ name, state: 'waiting', deadlineMs: dueMs - performance.now() })),
  )
  const cancel = running.exit(() =>
    clock.after(delayMs, () => {
      endLifetime(begun)
      act()
    }),
  )
  return () => {
    if (!begun.isOver) endLifetime(begun)
    cancel()
  }
}

/** All that runs now, the oldest first. */
export function lifetimes(): LifetimeView[] {
  const nowMs = performance.now()
  return Array.from(membersOf(roots), (root) => viewOf(root, nowMs))
}

function viewOf(one: Lifetime, nowMs: number): LifetimeView {
  const { id, kind, sinceMs, tell } = one
  const below = Array.from(membersOf(one), (child) => viewOf(child, nowMs))
  const { name, state = 'running', waitsFor = below[0]?.id, deadlineMs } = tell()
  return {
    ...{ id, kind, name, since_ms: Math.round(nowMs - sinceMs), state },
    ...(waitsFor !== undefined && { waits_for: waitsFor }),
    ...(deadlineMs !== undefined && { deadline_ms: Math.round(deadlineMs) }),
    children: below,
  }
}

function siblingsOf(parent: Lifetime | undefined): Siblings {
  return parent ?? roots
}

/** A timer or a connection may be older than whoever began it. */
function livingOf(one: Lifetime | undefined): Lifetime | undefined {
  return one?.isOver === true ? livingOf(one.parent) : one
}
