import type { DrawerOpening } from '../contract/drawer-opening.ts'
import type { FiscalInformation } from '../contract/fiscal-information.ts'
import type { Operation } from '../contract/operation.ts'
import type { Subject } from './documents.ts'

/** The fiscal result of a document and its times, in one form for operations, closings and drawer openings. */
export type Recorded = {
  fiscal: Partial<Operation['fiscal']>
  information: FiscalInformation | null
  begunAt: string
  /** RFC 3339 time of the end; empty before it. */
  endedAt: string
}

export function recordedOf(subject: Subject): Recorded {
  switch (subject.kind) {
    case 'closing': {
      const { fiscal, fiscal_information: information, created_at: at } = subject.shown
      // A closing ends when it is created.
      return { fiscal, information, begunAt: at, endedAt: at }
    }
    case 'drawer_opening': {
      const { fiscal, occurred_at: at } = subject.shown
      return { fiscal: fiscal ?? {}, information: isSigned(fiscal) ? fiscal : null, begunAt: at, endedAt: at }
    }
    default: {
      const { fiscal, fiscal_information: information, created_at: begunAt } = subject.shown
      const { completed_at: completedAt, voided_at: voidedAt } = subject.shown
      return { fiscal, information, begunAt, endedAt: completedAt ?? voidedAt ?? '' }
    }
  }
}

/** A signed opening has all members of a signature. */
function isSigned(fiscal: DrawerOpening['fiscal']): fiscal is FiscalInformation & NonNullable<DrawerOpening['fiscal']> {
  return fiscal?.regime !== undefined
}
