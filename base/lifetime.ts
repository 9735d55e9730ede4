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

/** What runs, from its start to its end. */
export type Lifetime = {
  readonly id: string
  readonly kind: LifetimeKind
  /** Of `performance.now`. */
  readonly sinceMs: number
  readonly tell: () => LifetimeFacts
  readonly children: Set<Lifetime>
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
const roots = new Set<Lifetime>()
let count = 0

/** Begins below whoever runs now. Whoever begins it ends it. */
export function beginLifetime(kind: LifetimeKind, tell: () => LifetimeFacts): Lifetime {
  count += 1
  const parent = livingOf(running.getStore())
  const begun: Lifetime = {
    ...{ id: `${kind}-${count}`, kind, sinceMs: performance.now(), tell },
    ...{ children: new Set(), parent, isOver: false },
  }
  siblingsOf(parent).add(begun)
  return begun
}

/** What it began and did not end goes on in its place. */
export function endLifetime(ended: Lifetime): void {
  const siblings = siblingsOf(ended.parent)
  siblings.delete(ended)
  ended.isOver = true
  for (const child of ended.children) {
    child.parent = ended.parent
    siblings.add(child)
  }
  ended.children.clear()
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
  return [...roots].map((root) => viewOf(root, nowMs))
}

function viewOf({ id, kind, sinceMs, tell, children }: Lifetime, nowMs: number): LifetimeView {
  const below = [...children].map((child) => viewOf(child, nowMs))
  const { name, state = 'running', waitsFor = below[0]?.id, deadlineMs } = tell()
  return {
    ...{ id, kind, name, since_ms: Math.round(nowMs - sinceMs), state },
    ...(waitsFor !== undefined && { waits_for: waitsFor }),
    ...(deadlineMs !== undefined && { deadline_ms: Math.round(deadlineMs) }),
    children: below,
  }
}

function siblingsOf(parent: Lifetime | undefined): Set<Lifetime> {
  return parent === undefined ? roots : parent.children
}

/** A timer or a connection may be older than whoever began it. */
function livingOf(one: Lifetime | undefined): Lifetime | undefined {
  return one?.isOver === true ? livingOf(one.parent) : one
}
