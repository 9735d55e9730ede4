type Rule = {
  readonly afterSeconds: number
  /** None of its warnings may stand for so long before the alert ends. */
  readonly calmSeconds?: number
  /** The alert is raised so many days before the due date, and sent again at each further step. */
  readonly daysBefore?: readonly number[]
  /** Codes that wait for another time than their rule. */
  readonly codes?: Readonly<Record<string, number>>
}

/**
 * The rules by which an active warning becomes an alert: how long it is active first, and how long it must be over before
 * the alert ends. Each code of a warning names its rule, or none, in the tables of texts.
 */
const RULES = {
  devices: { afterSeconds: 600, calmSeconds: 30 },
  unsigned_receipts: { afterSeconds: 0 },
  device_warnings: { afterSeconds: 300 },
  device_memory: { afterSeconds: 0 },
  certificates: { afterSeconds: 0, daysBefore: [30, 14, 7, 1] },
  // Many programs hold the journal for some seconds.
  journal: { afterSeconds: 0, codes: { journal_held: 60 } },
  clock: { afterSeconds: 0 },
  disk: { afterSeconds: 0 },
  backups: { afterSeconds: 0 },
  backup_disks: { afterSeconds: 0 },
  sync_delays: { afterSeconds: 14_400, codes: { sync_delayed_long: 0 } },
  sync_stops: { afterSeconds: 0 },
  duties: { afterSeconds: 0 },
  authority: { afterSeconds: 0 },
  alert_delivery: { afterSeconds: 0 },
} satisfies Readonly<Record<string, Rule>>

export type RuleName = keyof typeof RULES
export const RULE_NAMES = Object.keys(RULES) as readonly RuleName[]

export type RuleSetting =
  | false
  | { readonly afterSeconds?: number | undefined; readonly channels?: readonly string[] | undefined }
/** Rules as the configuration has them; a rule that it does not name is on. */
export type RuleSettings = { readonly [Name in RuleName]?: RuleSetting | undefined }

const SECOND_MS = 1000

function ruleOf(rule: RuleName): Rule {
  return RULES[rule]
}

export function isRuleName(text: string): text is RuleName {
  return Object.hasOwn(RULES, text)
}

export function isSwitchedOff(settings: RuleSettings, rule: RuleName): boolean {
  return settings[rule] === false
}

/** How long a warning of that code is active before its alert is raised. */
export function delayMsOf(settings: RuleSettings, rule: RuleName, code: string): number {
  const { afterSeconds, codes } = ruleOf(rule)
  const setting = settings[rule]
  const chosen = typeof setting === 'object' ? setting.afterSeconds : undefined
  return (chosen ?? codes?.[code] ?? afterSeconds) * SECOND_MS
}

export function calmMsOf(rule: RuleName): number {
  return (ruleOf(rule).calmSeconds ?? 0) * SECOND_MS
}

/** The step that so many days belong to: 0 before the first one. Undefined for a rule without steps. */
export function stepOf(rule: RuleName, daysLeft: number): number | undefined {
  return ruleOf(rule).daysBefore?.filter((days) => daysLeft <= days).length
}

/** True if that channel gets the alerts of that rule. A channel that takes nothing does not get the one about itself. */
export function reaches(
  settings: RuleSettings,
  { rule, subject }: { readonly rule: RuleName; readonly subject: { readonly about?: string } },
  channel: string,
): boolean {
  const setting = settings[rule]
  if (rule === 'alert_delivery' && subject.about === channel) return false
  return setting === undefined || (setting !== false && (setting.channels?.includes(channel) ?? true))
}
