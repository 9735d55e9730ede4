import { membersIn, textIn } from '../checked.ts'
import type { EventBody, Members } from '../events.ts'
import { OpenRequests, SessionOwn } from './own.ts'
import type { OwnChange } from './own-members.ts'

/*
 * For readers that fold events without the projections. The events may be from a file that anybody may have edited: a part
 * that is missing or no object is empty, and a member of another type is undefined.
 */

/** `name`: undefined unless an event names the law. The law's room parses `state`. */
type LawPart = { readonly name: string | undefined; readonly state: Members }

/** The parts of a document that one event sets, or several in their order. */
export class Parts {
  readonly shown: Members
  /** By the event that makes or ends it. */
  readonly law: LawPart
  readonly #set: Members

  constructor(set: Members) {
    this.#set = set
    this.shown = set
    this.law = { name: textIn(set['$law']), state: set }
  }

  /** undefined: not set. */
  get own(): Pick<OwnChange, 'countedStatuses'> {
    const statuses = this.#set['$signed_statuses']
    if (statuses === undefined) return {}
    return { countedStatuses: Array.isArray(statuses) ? statuses.filter((each) => typeof each === 'string') : [] }
  }

  /** All of it in one, as a law gets documents. */
  get stored(): Members {
    return this.#set
  }

  get requests(): OpenRequests {
    return new OpenRequests(this.#set)
  }

  /** After one more event: each part is merged by its members. */
  after(next: Parts): Parts {
    return new Parts({ ...this.#set, ...next.#set })
  }
}

export const NO_PARTS = new Parts({})

/** The parts that an event sets of its document. */
export function partsOf({ set }: EventBody): Parts {
  const members = membersIn(set)
  return members === undefined ? NO_PARTS : new Parts(members)
}

export type SessionParts = {
  readonly id: string
  readonly register: string
  readonly shown: Members
  readonly own: SessionOwn
}

/** False for the text of a body that numbers no closing: parsing it takes longer. */
export function mayNumberClosing(body: string): boolean {
  return body.includes('"$z_number"')
}

/** The parts that an event sets of its session; undefined if it sets none. */
export function sessionPartsOf({ session }: EventBody): SessionParts | undefined {
  const { id, register, set } = membersIn(session) ?? {}
  const members = membersIn(set)
  if (typeof id !== 'string' || typeof register !== 'string' || members === undefined) return undefined
  return { id, register, shown: members, own: new SessionOwn(members) }
}
