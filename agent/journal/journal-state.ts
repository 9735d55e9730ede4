/**
 * The state of a journal: `resting`, `queued` (commands wait for a group: for the event loop, a pause, or another
 * program's lock) or `writing` (a group holds the write lock). `stopping`: it refuses new commands. A journal that is
 * `closed` or `failed` is never written again; `saved` settles when its files have their names again.
 */
export type JournalState =
  | { readonly at: 'resting' | 'queued'; readonly stopping: boolean }
  | { readonly at: 'writing'; readonly stopping: boolean; readonly unwritable: Error | undefined }
  | { readonly at: 'closed' }
  | { readonly at: 'failed'; readonly saved: Promise<void> | undefined }

/** `unwritable`: why the group cannot be committed. `saved`: the files of a failed journal are put back. */
export type Happening =
  | 'command added'
  | 'group begun'
  | 'group committed'
  | 'queue emptied'
  | 'stop requested'
  | 'wait abandoned'
  | 'file closed'
  | 'failure'
  | { readonly unwritable: Error }
  | { readonly saved: Promise<void> }

// Each state without a value is made once: a group allocates none.
const RESTING: JournalState = { at: 'resting', stopping: false }
const RESTING_TO_STOP: JournalState = { at: 'resting', stopping: true }
const QUEUED: JournalState = { at: 'queued', stopping: false }
const QUEUED_TO_STOP: JournalState = { at: 'queued', stopping: true }
const WRITING: JournalState = { at: 'writing', stopping: false, unwritable: undefined }
const WRITING_TO_STOP: JournalState = { at: 'writing', stopping: true, unwritable: undefined }
const CLOSED: JournalState = { at: 'closed' }
const FAILED: JournalState = { at: 'failed', saved: undefined }

export const OPENED: JournalState = RESTING

/** The file can be written. */
export function isOpen({ at }: JournalState): boolean {
  return at !== 'closed' && at !== 'failed'
}

/** Why the group that is written cannot be committed. */
export function unwritableIn(state: JournalState): Error | undefined {
  return state.at === 'writing' ? state.unwritable : undefined
}

/** Settles when the files of a failed journal have their names again; undefined if they never lost them. */
export function savedIn(state: JournalState): Promise<void> | undefined {
  return state.at === 'failed' ? state.saved : undefined
}

/** The state after `happening`; throws for one that cannot follow, which is an error of this program. */
export function stateAfter(state: JournalState, happening: Happening): JournalState {
  const next = stepFrom(state, happening)
  if (next !== undefined) return next
  const name = typeof happening === 'string' ? happening : Object.keys(happening).join()
  throw new Error(`"${name}" cannot follow in a journal that is ${state.at}`)
}

function stepFrom(state: JournalState, happening: Happening): JournalState | undefined {
  switch (state.at) {
    case 'resting':
    case 'queued':
      return betweenGroups(state, happening)
    case 'writing':
      return inGroup(state, happening)
    case 'closed':
      // Another process may take the directory before this one has ended.
      return happening === 'failure' ? FAILED : state
    case 'failed':
      return typeof happening === 'object' && 'saved' in happening ? { at: 'failed', saved: happening.saved } : state
    default:
      return state satisfies never
  }
}

function betweenGroups(
  { at, stopping }: Extract<JournalState, { at: 'resting' | 'queued' }>,
  happening: Happening,
): JournalState | undefined {
  switch (happening) {
    case 'command added':
      return stopping ? undefined : QUEUED
    case 'group begun':
      return stopping ? WRITING_TO_STOP : WRITING
    case 'queue emptied':
      return stopping ? RESTING_TO_STOP : RESTING
    case 'stop requested':
      return at === 'queued' ? QUEUED_TO_STOP : RESTING_TO_STOP
    case 'wait abandoned':
      return RESTING_TO_STOP
    case 'file closed':
      return CLOSED
    case 'failure':
      return FAILED
    case 'group committed':
      return undefined
    default:
      happening satisfies object
      return undefined
  }
}

function inGroup(state: Extract<JournalState, { at: 'writing' }>, happening: Happening): JournalState | undefined {
  switch (happening) {
    case 'command added':
      return state.stopping ? undefined : state
    case 'group committed':
      return state.stopping ? QUEUED_TO_STOP : QUEUED
    case 'stop requested':
      return { ...state, stopping: true }
    case 'failure':
      return FAILED
    case 'group begun':
    case 'queue emptied':
    case 'wait abandoned':
    case 'file closed':
      return undefined
    default:
      return 'unwritable' in happening ? { ...state, unwritable: happening.unwritable } : undefined
  }
}
