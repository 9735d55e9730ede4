import type { Members } from '../events.ts'

/*
 * What the books read of the laws' states. The journal may be anybody's: a member of another shape makes the event
 * unreadable when it is used.
 */

/** How the signature of an opening of the drawer stands. */
export function openingFiscalIn(state: Members): Members | undefined {
  return state['fiscal'] as Members | undefined
}
