import { expect, test } from 'vitest'
import type { Happening, StandingWarning } from '../../alerts/alert.ts'
import { OpenAlerts } from '../../alerts/open-alerts.ts'
import type { RuleSettings } from '../../alerts/rules.ts'

const START_MS = Date.parse('2026-11-25T10:00:00Z')

function warning(members: Partial<StandingWarning> = {}): StandingWarning {
  const { code = 'device_unavailable', subject = { device: 'tse-1' } } = members
  return {
    ...{ key: `${code}:${JSON.stringify(subject)}`, code, subject },
    ...{ severity: 'alarm', sinceMs: START_MS, rule: 'devices' },
    ...members,
  }
}

/** Looks at one moment after another, `look` seconds apart, from the start on. */
class Course {
  readonly #open: OpenAlerts
  #ids = 0
  readonly #skewMs: (second: number) => number

  constructor(rules: RuleSettings = {}, skewMs: (second: number) => number = () => 0) {
    this.#skewMs = skewMs
    const newId = (): string => `alr_${++this.#ids}`
    this.#open = new OpenAlerts({ rules, newId, mayEnd: () => true }, [], { wallMs: START_MS, monoMs: 0 })
  }

  at(second: number, ...warnings: readonly StandingWarning[]): string[] {
    const moment = { wallMs: START_MS + second * 1000 + this.#skewMs(second), monoMs: second * 1000 }
    return this.#open.look(warnings, moment).map(words)
  }

  get open(): string[] {
    return this.#open.all().map(({ id, severity }) => `${id} ${severity}`)
  }
}

function words({ type, alert }: Happening): string {
  return `${type.slice('alert.'.length)} ${alert.id} ${alert.severity}`
}

test('a device that is down for ten minutes is raised once, and resolved after 30 s of calm', () => {
  const course = new Course()
  expect(course.at(0, warning())).toEqual([])
  expect(course.at(599, warning())).toEqual([])
  expect(course.at(600, warning())).toEqual(['raised alr_1 alarm'])
  expect(course.at(602, warning())).toEqual([])
  expect(course.at(700)).toEqual([])
  expect(course.at(729)).toEqual([])
  expect(course.at(730)).toEqual(['resolved alr_1 alarm'])
  expect(course.open).toEqual([])
})

test('a device that changes its code does not begin its ten minutes again', () => {
  const course = new Course()
  course.at(0, warning())
  course.at(300, warning({ code: 'device_timeout' }))
  expect(course.at(600, warning({ code: 'device_garbled' }))).toEqual(['raised alr_1 alarm'])
})

test('a blip an hour ago does not shorten the ten minutes of the next one', () => {
  const course = new Course()
  course.at(0, warning())
  course.at(2)
  expect(course.at(3600, warning({ sinceMs: START_MS + 3_600_000 }))).toEqual([])
  expect(course.at(4100, warning({ sinceMs: START_MS + 3_600_000 }))).toEqual([])
  expect(course.at(4200, warning({ sinceMs: START_MS + 3_600_000 }))).toEqual(['raised alr_1 alarm'])
})

test('an outage of before the start keeps its age', () => {
  const course = new Course()
  expect(course.at(0, warning({ sinceMs: START_MS - 600_000 }))).toEqual(['raised alr_1 alarm'])
})

test.each([-86_400_000, 86_400_000, 315_360_000_000])(
  'a clock that is set by %i ms raises and ends nothing',
  (step) => {
    const course = new Course({}, (second) => (second > 100 ? step : 0))
    course.at(0, warning())
    expect(course.at(120, warning())).toEqual([])
    expect(course.at(599, warning())).toEqual([])
    expect(course.at(600, warning())).toEqual(['raised alr_1 alarm'])
    expect(course.at(900, warning())).toEqual([])
  },
)

test('an effect is raised only when it outlives its cause', () => {
  const course = new Course()
  const cause = warning()
  const effect = warning({ code: 'device_outcome_unresolved', rule: 'device_warnings', because: cause.key })
  expect(course.at(0, cause, effect)).toEqual([])
  expect(course.at(600, cause, effect)).toEqual(['raised alr_1 alarm'])
  expect(course.at(602, effect)).toEqual(['raised alr_2 alarm'])
  // The cause comes back: the open alert stays, and is not told again.
  expect(course.at(604, cause, effect)).toEqual([])
  expect(course.at(606)).toEqual(['resolved alr_2 alarm'])
})

test('a warning that becomes an alarm is raised again under its id', () => {
  const course = new Course()
  const low = warning({ code: 'disk_low', rule: 'disk', severity: 'warning', subject: {} })
  const full = warning({ code: 'disk_full', rule: 'disk', subject: {} })
  expect(course.at(0, low)).toEqual(['raised alr_1 warning'])
  expect(course.at(2, low, full)).toEqual(['raised alr_1 alarm'])
  expect(course.at(4, low)).toEqual([])
  expect(course.at(6, full)).toEqual([])
})

test('an expiring certificate is raised 30, 14, 7 and 1 days before its end', () => {
  const course = new Course()
  const due = '2027-01-31'
  const expiring = warning({ code: 'tls_certificate_expiring', rule: 'certificates', severity: 'warning', due })
  const days = Array.from({ length: 80 }, (_, day) => ({ day, words: course.at(day * 86_400, expiring) }))
  const daysBefore = days.flatMap(({ day, words: said }) => said.map(() => 67 - day))
  expect(daysBefore).toEqual([30, 14, 7, 1])
})

test('nothing is resolved within the first 30 s of a start', () => {
  const course = new Course()
  const held = warning({ code: 'sync_stalled', rule: 'sync_stops', subject: { target: 'cloud' } })
  expect(course.at(0, held)).toEqual(['raised alr_1 alarm'])
  expect(course.at(10)).toEqual([])
  expect(course.at(30)).toEqual(['resolved alr_1 alarm'])
})

test('a warning that flips each second for a day makes seven messages', () => {
  const course = new Course()
  const flips = warning({ code: 'disk_low', rule: 'disk', severity: 'warning', subject: {} })
  const said: string[] = []
  for (let second = 60; second < 86_400; second += 1)
    said.push(...course.at(second, ...(second % 2 === 0 ? [flips] : [])))
  expect(said.filter((one) => one.startsWith('raised'))).toHaveLength(3)
  expect(said.filter((one) => one.startsWith('resolved'))).toHaveLength(3)
  expect(said.filter((one) => one.startsWith('flapping'))).toHaveLength(1)
  // It stays: after half an hour it is told again.
  expect(course.at(86_401, flips)).toEqual([])
  expect(course.at(88_200, flips)).toEqual([])
  expect(course.at(88_202, flips)).toEqual(['raised alr_4 warning'])
})

test('half an hour of calm ends the silence about a warning that came and went', () => {
  const course = new Course()
  const flips = warning({ code: 'disk_low', rule: 'disk', severity: 'warning', subject: {} })
  for (let second = 60; second < 66; second += 1) course.at(second, ...(second % 2 === 0 ? [flips] : []))
  for (let second = 66; second < 66 + 1_800; second += 2) expect(course.at(second)).toEqual([])
  expect(course.at(3_700, flips)).toEqual(['raised alr_4 warning'])
})

test('a rule that is switched off raises nothing, and another time replaces that of the rule', () => {
  const off = new Course({ devices: false })
  expect(off.at(0, warning({ sinceMs: 0 }))).toEqual([])
  const at0 = new Course({ devices: { afterSeconds: 0 } })
  expect(at0.at(0, warning())).toEqual(['raised alr_1 alarm'])
})

test('a journal that is held waits for a minute, a damaged one does not', () => {
  const held = new Course()
  const journal = { rule: 'journal', subject: {} } as const
  expect(held.at(0, warning({ ...journal, code: 'journal_held' }))).toEqual([])
  expect(held.at(60, warning({ ...journal, code: 'journal_held' }))).toEqual(['raised alr_1 alarm'])
  expect(new Course().at(0, warning({ ...journal, code: 'journal' }))).toEqual(['raised alr_1 alarm'])
})

test('an open alert is not raised again by an alarm with an open cause, or before its time has come', () => {
  const course = new Course()
  const cause = warning()
  const paper = warning({ code: 'printer_paper_low', rule: 'device_warnings', severity: 'warning' })
  const effect = warning({ code: 'device_outcome_unresolved', rule: 'device_warnings', because: cause.key })
  expect(course.at(0, paper)).toEqual([])
  expect(course.at(600, paper)).toEqual(['raised alr_1 warning'])
  expect(course.at(602, paper, effect, cause)).toEqual(['raised alr_2 alarm'])
  expect(course.at(604, paper, effect)).toEqual(['raised alr_1 alarm'])
  const other = new Course()
  const journal = { rule: 'journal', subject: {} } as const
  const differs = warning({ ...journal, code: 'projections_differ', severity: 'warning' })
  expect(other.at(0, differs)).toEqual(['raised alr_1 warning'])
  expect(other.at(10, differs, warning({ ...journal, code: 'journal_held' }))).toEqual([])
  expect(other.at(62, differs, warning({ ...journal, code: 'journal_held' }))).toEqual(['raised alr_1 alarm'])
})
