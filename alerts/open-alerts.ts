import type { Alert, Ending, Happening, Severity, StandingWarning, Subject } from './alert.ts'
import { placeOf } from './alert.ts'
import { daysUntil } from './local-time.ts'
import type { RuleName, RuleSettings } from './rules.ts'
import { calmMsOf, delayMsOf, isSwitchedOff, stepOf } from './rules.ts'

/** Wall clock and monotonic clock, in milliseconds, of one look. */
export type Moment = { readonly wallMs: number; readonly monoMs: number }

/** An alert of before the start, as the journal has it. */
export type FormerAlert = { readonly alert: Alert; readonly resolvedAtMs?: number | undefined }

type Options = {
  readonly rules: RuleSettings
  readonly newId: () => string
  /** False while the end of such an alert is not known, although none of its warnings is active. */
  readonly mayEnd: (alert: Ending) => boolean
}

/** An alert that was raised and resolved so often within {@link FLAPPING_MS} comes and goes. */
const FLAPPING_CYCLES = 3
const FLAPPING_MS = 3_600_000
/** Without a change for so long, it no longer comes and goes. */
const CALM_MS = 1_800_000
/** After a start nothing ends for so long: devices and targets are not asked yet. */
const SETTLING_MS = 30_000

/** One rule and subject. */
type Track = {
  readonly rule: RuleName
  readonly subject: Subject
  /** Since when its warnings stand, by the monotonic clock; undefined while none does. */
  standsFrom: number | undefined
  sinceMs: number
  goneAt: number | undefined
  alert: Alert | undefined
  /** When its alerts ended, within the last hour. */
  ends: number[]
  /** Its last change since it comes and goes. */
  flappingSince: number | undefined
}

/** The warnings of one rule and subject. */
type Group = {
  readonly rule: RuleName
  readonly subject: Subject
  readonly warnings: readonly StandingWarning[]
}

/**
 * Which alerts are open. Each look compares the active warnings with the looks before: ages are measured by the
 * monotonic clock, so a clock that is set raises and ends nothing.
 */
export class OpenAlerts {
  readonly #options: Options
  readonly #tracks = new Map<string, Track>()
  readonly #startedAt: number

  constructor(options: Options, former: readonly FormerAlert[], { wallMs, monoMs }: Moment) {
    this.#options = options
    this.#startedAt = monoMs
    for (const { alert, resolvedAtMs } of former) {
      const track = this.#track(alert)
      if (resolvedAtMs === undefined) track.alert = alert
      // An end that is to come is of a clock that was set back.
      else if (resolvedAtMs <= wallMs) track.ends.push(monoMs - (wallMs - resolvedAtMs))
    }
    for (const track of this.#tracks.values()) {
      track.ends = track.ends.filter((end) => monoMs - end < FLAPPING_MS).sort((one, other) => one - other)
      const last = track.ends.at(-1)
      const hasFlapped = track.ends.length >= FLAPPING_CYCLES && last !== undefined && monoMs - last < CALM_MS
      track.flappingSince = hasFlapped ? last : undefined
    }
  }

  /** The open alerts, the oldest first. */
  all(): Alert[] {
    const open = [...this.#tracks.values()].flatMap(({ alert }) => alert ?? [])
    return open.sort((one, other) => (one.id < other.id ? -1 : 1))
  }

  /** Compares the warnings of this look with those before. */
  look(warnings: readonly StandingWarning[], moment: Moment): Happening[] {
    const groups = this.#grouped(warnings)
    const keys = new Set(warnings.map(({ key }) => key))
    const happened = [...groups].flatMap(([place, group]) => this.#seen(this.#track(group, place), group, keys, moment))
    for (const [place, track] of this.#tracks) {
      if (groups.has(place)) continue
      happened.push(...this.#unseen(track, moment))
      if (isForgotten(track, moment.monoMs)) this.#tracks.delete(place)
    }
    return happened
  }

  #grouped(warnings: readonly StandingWarning[]): Map<string, Group> {
    const groups = new Map<string, Group & { warnings: StandingWarning[] }>()
    for (const warning of warnings) {
      const { rule, subject } = warning
      if (rule === false || isSwitchedOff(this.#options.rules, rule)) continue
      const place = placeOf({ rule, subject })
      const group = groups.get(place) ?? { rule, subject, warnings: [] }
      group.warnings.push(warning)
      groups.set(place, group)
    }
    return groups
  }

  #track({ rule, subject }: Pick<Group, 'rule' | 'subject'>, place = placeOf({ rule, subject })): Track {
    const known = this.#tracks.get(place)
    if (known !== undefined) return known
    const track: Track = {
      ...{ rule, subject, standsFrom: undefined, sinceMs: 0, goneAt: undefined, alert: undefined },
      ...{ ends: [], flappingSince: undefined },
    }
    this.#tracks.set(place, track)
    return track
  }

  #seen(track: Track, { warnings }: Group, keys: ReadonlySet<string>, moment: Moment): Happening[] {
    const { wallMs, monoMs } = moment
    endCalm(track, monoMs)
    if (track.standsFrom === undefined) {
      track.sinceMs = Math.min(...warnings.map(({ sinceMs }) => sinceMs))
      // Only once: later the wall clock may be set.
      track.standsFrom = monoMs - Math.max(0, wallMs - track.sinceMs)
      if (track.flappingSince !== undefined) track.flappingSince = monoMs
    }
    track.goneAt = undefined
    if (track.flappingSince !== undefined) return []
    const main = this.#mainOf(track, warnings, keys, moment)
    if (main === undefined) return []
    return track.alert === undefined
      ? this.#raised(track, main, moment)
      : this.#raisedAgain(track, track.alert, main, moment)
  }

  /** The warning to report: its time has come, and no active warning explains it. Alarms first. */
  #mainOf(
    track: Track,
    warnings: readonly StandingWarning[],
    keys: ReadonlySet<string>,
    { wallMs, monoMs }: Moment,
  ): StandingWarning | undefined {
    const ageMs = monoMs - (track.standsFrom ?? monoMs)
    const ripe = warnings.filter(
      ({ because, code, due }) =>
        !(because !== undefined && keys.has(because)) &&
        ageMs >= delayMsOf(this.#options.rules, track.rule, code) &&
        stepAt(track.rule, due, wallMs) !== 0,
    )
    return ripe.find(({ severity }) => severity === 'alarm') ?? ripe[0]
  }

  #raised(track: Track, { severity, code }: StandingWarning, { wallMs }: Moment): Happening[] {
    const { rule, subject, sinceMs } = track
    const id = this.#options.newId()
    track.alert = { id, rule, subject, severity, code, sinceMs, raises: 1, raisedAtMs: wallMs }
    return [{ type: 'alert.raised', alert: track.alert, atMs: wallMs }]
  }

  /** From warning to alarm, or a step nearer to its date. */
  #raisedAgain(track: Track, alert: Alert, main: StandingWarning, { wallMs }: Moment): Happening[] {
    const before = stepAt(track.rule, main.due, alert.raisedAtMs) ?? 0
    const isNearer = (stepAt(track.rule, main.due, wallMs) ?? 0) > before
    if (!isNearer && !isWorse(main.severity, alert.severity)) return []
    const { code } = main
    const severity = alert.severity === 'alarm' ? 'alarm' : main.severity
    track.alert = { ...alert, code, severity, raises: alert.raises + 1, raisedAtMs: wallMs }
    return [{ type: 'alert.raised', alert: track.alert, atMs: wallMs }]
  }

  #unseen(track: Track, { wallMs, monoMs }: Moment): Happening[] {
    if (track.goneAt === undefined) {
      track.goneAt = monoMs
      if (track.flappingSince !== undefined && track.standsFrom !== undefined) track.flappingSince = monoMs
    }
    endCalm(track, monoMs)
    // An alert that was not raised begins its time again.
    track.standsFrom = undefined
    const { alert } = track
    const isCalm = monoMs - track.goneAt >= calmMsOf(track.rule) && monoMs - this.#startedAt >= SETTLING_MS
    if (alert === undefined || !isCalm || !this.#options.mayEnd(alert)) return []
    track.alert = undefined
    track.ends = [...track.ends.filter((end) => monoMs - end < FLAPPING_MS), monoMs]
    const resolved = { type: 'alert.resolved', alert, atMs: wallMs } as const
    if (track.ends.length < FLAPPING_CYCLES) return [resolved]
    track.flappingSince = monoMs
    return [resolved, { type: 'alert.flapping', alert, atMs: wallMs }]
  }
}

/** Undefined for a rule without steps, and a warning without a date. */
function stepAt(rule: RuleName, due: string | undefined, wallMs: number): number | undefined {
  return due === undefined ? undefined : stepOf(rule, daysUntil(due, wallMs))
}

function isWorse(severity: Severity, than: Severity): boolean {
  return severity === 'alarm' && than === 'warning'
}

/** After enough calm an alert no longer comes and goes. */
function endCalm(track: Track, monoMs: number): void {
  if (track.flappingSince === undefined || monoMs - track.flappingSince < CALM_MS) return
  track.flappingSince = undefined
  track.ends = []
}

function isForgotten({ alert, ends, flappingSince }: Track, monoMs: number): boolean {
  if (alert !== undefined) return false
  if (flappingSince !== undefined && monoMs - flappingSince < CALM_MS) return false
  return ends.every((end) => monoMs - end >= FLAPPING_MS)
}
