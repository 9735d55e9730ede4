import type { RuleName } from './rules.ts'

export type Severity = 'warning' | 'alarm'

/** The subject of a warning: one of these members; none of them for the agent as a whole. */
export type Subject = {
  readonly device?: string
  readonly target?: string
  readonly register?: string
  readonly duty?: string
  readonly about?: string
}

/** An active warning. */
export type StandingWarning = {
  readonly key: string
  readonly code: string
  readonly severity: Severity
  /** Wall clock, milliseconds. */
  readonly sinceMs: number
  /** The key of the warning that explains it, while that one is active. */
  readonly because?: string | undefined
  readonly rule: RuleName | false
  readonly subject: Subject
  /** Calendar date. */
  readonly due?: string | undefined
}

/** An alert: one for each rule and subject at a time. It holds no sentence: words are made when it is sent. */
export type Alert = {
  /** `alr_…`, for its life. */
  readonly id: string
  readonly rule: RuleName
  readonly subject: Subject
  readonly severity: Severity
  readonly code: string
  readonly sinceMs: number
  /** How often it was raised under this id: again when it becomes an alarm, or a date comes nearer. */
  readonly raises: number
  /** When it was last raised. */
  readonly raisedAtMs: number
}

/** The members that decide the end of an alert. */
export type Ending = Pick<Alert, 'rule' | 'code' | 'subject'>

export type AlertType = 'alert.raised' | 'alert.resolved' | 'alert.flapping'
export type MessageType = AlertType | 'alert.digest' | 'alert.test' | 'agent.alive' | 'duty.changed'

/** A change of an alert. */
export type Happening = { readonly type: AlertType; readonly alert: Alert; readonly atMs: number }

/** The same text for the same rule and subject. */
export function placeOf({ rule, subject }: { readonly rule: string; readonly subject: Subject }): string {
  const { device, target, register, duty: task, about } = subject
  return JSON.stringify([rule, device, target, register, task, about])
}

/** The subject in one word; empty for the agent as a whole. */
export function subjectName({ device, target, register, duty: task, about }: Subject): string {
  return device ?? target ?? register ?? task ?? about ?? ''
}
