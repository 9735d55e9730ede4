import type { Json } from '../../base/canonical.ts'
import type { Step } from './scenario.ts'

/** A step and what an agent answered: the examples of the document are made from them. */
export type PlayedStep = Step & {
  readonly answer: {
    readonly mediaType: string
    /** The beginning of a file, as text; JSON whole. */
    readonly value: Json
  }
  /** The answer to the same request with `Prefer: dry-run`, if its status is another. */
  readonly trial?: Json
}
