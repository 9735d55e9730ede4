import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { every, monoMs, rfc3339 } from '../../base/clock.ts'
import { named } from '../../base/lifetime.ts'
import type { Log } from '../../base/log.ts'
import type { About, Warning } from './warnings.ts'
import { bySeverity, textOf } from './warnings.ts'

/**
 * An active warning. `key` is the same at each look, and holds neither a serial number nor a path. `since`: RFC 3339.
 * `because`: the key of the active warning that explains it.
 */
export type StandingWarning = Warning & { readonly key: string; readonly since: string; readonly because?: string }

/** The form of the API. Without a key the caller gets neither `about` nor `detail`. */
export type ShownWarning = Pick<
  StandingWarning,
  'code' | 'severity' | 'message' | 'remedy' | 'device' | 'target' | 'due' | 'detail' | 'key' | 'since' | 'because'
> & { readonly about?: string }

export type StandingOptions = {
  /** The warnings that hold now. Must not throw: what cannot be read stays as it was. */
  look: () => readonly Warning[]
  clock: Clock
  log: Log
}

/** The largest delay of a log line and of an alert; a read looks at once. */
const LOOK_MS = 2_000
const ABOUT_DIGITS = 8

/** The one list of warnings: page, `/readyz`, doctor, metrics, log and alerts read it. */
export class StandingWarnings {
  readonly #options: StandingOptions
  #standing: ReadonlyMap<string, StandingWarning> = new Map()
  /** The warnings whose beginning was logged, with the time of the monotonic clock. */
  readonly #logged = new Map<string, { readonly warning: StandingWarning; readonly beganMs: number }>()
  #cancel: (() => void) | undefined

  constructor(options: StandingOptions) {
    this.#options = options
  }

  /** From now on the log has one line when a warning begins, and one when it ends. */
  start(): void {
    this.#cancel = every(named(this.#options.clock, 'look at the warnings'), LOOK_MS, () => this.list())
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Alarms first. */
  list(): readonly StandingWarning[] {
    const { look, clock } = this.#options
    const nowMs = clock.now()
    const seen = byKey(look())
    const begun = new Map<string, StandingWarning>()
    for (const [key, warning] of seen) {
      const since = warning.sinceMs === undefined ? this.#standing.get(key)?.since : rfc3339(warning.sinceMs)
      begun.set(key, { ...warning, key, since: since ?? rfc3339(nowMs) })
    }
    this.#standing = explained(begun)
    if (this.#cancel !== undefined) this.#logChanges()
    return bySeverity([...this.#standing.values()])
  }

  #logChanges(): void {
    const { log, clock } = this.#options
    for (const [key, warning] of this.#standing) {
      if (this.#logged.has(key) || warning.isLogged === true) continue
      this.#logged.set(key, { warning, beganMs: monoMs(clock) })
      log.warn({ ...subjectFields(warning), ...warning.fields }, `${warning.code} began: ${unpointed(warning.message)}`)
    }
    for (const [key, { warning, beganMs }] of this.#logged) {
      if (this.#standing.has(key)) continue
      this.#logged.delete(key)
      log.info({ ...subjectFields(warning), ms: Math.round(monoMs(clock) - beganMs) }, `${warning.code} ended`)
    }
  }
}

/** As the API has it, for holders of a key. */
export function shownWarning(warning: StandingWarning): ShownWarning {
  const { code, severity, message, remedy, device, target, about, due, detail, key, since, because } = warning
  return {
    ...{ code, severity, message, remedy },
    ...(device !== undefined && { device }),
    ...(target !== undefined && { target }),
    ...(about !== undefined && { about: about.id }),
    ...(due !== undefined && { due }),
    ...(detail !== undefined && { detail }),
    ...{ key, since },
    ...(because !== undefined && { because }),
  }
}

/** Code and subject. Never the detail, which differs at each look. */
function keyOf({ code, device, target, about }: Warning): string {
  const subject = about === undefined ? (device ?? target) : digitsOf(about)
  return subject === undefined ? code : `${code}:${subject}`
}

/** The hundreds of tasks are the same objects at each look of a minute. */
const knownDigits = new WeakMap<About, string>()

function digitsOf(about: About): string {
  let digits = knownDigits.get(about)
  if (digits === undefined) {
    digits = createHash('sha256').update(about.id).digest('hex').slice(0, ABOUT_DIGITS)
    knownDigits.set(about, digits)
  }
  return digits
}

/** Two of one key are one warning with both details. */
function byKey(warnings: readonly Warning[]): Map<string, Warning> {
  const seen = new Map<string, Warning>()
  for (const warning of warnings) {
    const key = keyOf(warning)
    const first = seen.get(key)
    if (first === undefined) seen.set(key, warning)
    else if (warning.detail !== undefined && warning.detail !== first.detail)
      seen.set(key, { ...first, detail: [first.detail, warning.detail].filter(Boolean).join('; ') })
  }
  return seen
}

/** Each with its cause; one that its cause covers is left out, and that cause explains what it would explain. */
function explained(standing: ReadonlyMap<string, StandingWarning>): Map<string, StandingWarning> {
  const all = [...standing.values()]
  const listed = new Map<string, StandingWarning>()
  for (const warning of all) {
    const cause = causeOf(warning, all)
    if (cause === undefined) listed.set(warning.key, warning)
    else if (!isCovered(warning)) {
      const root = isCovered(cause) ? (causeOf(cause, all) ?? cause) : cause
      listed.set(warning.key, { ...warning, because: root.key })
    }
  }
  return listed
}

function isCovered({ code }: Warning): boolean {
  return textOf(code).isListedAlone === true
}

function causeOf(warning: StandingWarning, all: readonly StandingWarning[]): StandingWarning | undefined {
  const { because } = textOf(warning.code)
  if (because === undefined) return undefined
  const codes: readonly string[] = because === 'device_trouble' ? [] : because
  return all.find(
    (other) =>
      (because === 'device_trouble' ? other.isTrouble === true : codes.includes(other.code)) &&
      other.key !== warning.key &&
      concerns(other, warning),
  )
}

/** A cause of the whole agent explains the warnings of all; that of a device or target only its own. */
function concerns({ device, target, about }: Warning, other: Warning): boolean {
  return (
    about === undefined &&
    (device === undefined || device === other.device) &&
    (target === undefined || target === other.target)
  )
}

function subjectFields({ code, device, target, about }: Warning) {
  return {
    code,
    ...(device !== undefined && { device_id: device }),
    ...(target !== undefined && { target }),
    ...(about?.kind === 'register' && { register_id: about.id }),
    ...((about?.kind === 'folder' || about?.kind === 'certificate') && { path: about.id }),
  }
}

function unpointed(sentence: string): string {
  return sentence.replace(/\.$/, '')
}
