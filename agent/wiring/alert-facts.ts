import type { Ending, StandingWarning, Subject } from '../../alerts/alert.ts'
import { subjectName } from '../../alerts/alert.ts'
import type { AlertsOptions } from '../../alerts/alerts.ts'
import type { DigestFacts, Shop } from '../../alerts/message.ts'
import type { Json } from '../../base/canonical.ts'
import type { Clock } from '../../base/clock.ts'
import { dayBounds, localDate, parseRfc3339, SHOP_ZONE, shiftedDate } from '../../base/clock.ts'
import { visible } from '../../base/text.ts'
import { lastBackup } from '../backup/last.ts'
import type { Language } from '../contract/receipt.ts'
import type { DeviceSupervisor } from '../devices/supervisor.ts'
import { allRegisters } from '../journal/documents/registers.ts'
import type { Journal } from '../journal/journal.ts'
import type { Integrity } from '../proof/integrity.ts'
import { OUTAGE_TEXTS } from '../texts/outages.ts'
import { PAGE_TEXTS } from '../texts/page.ts'
import type { WarningCode } from '../texts/warnings.ts'
import type { AccountState } from '../till/account-work.ts'
import type { OpenTask } from '../till/reading/listed-duties.ts'
import { taskName } from '../till/reading/shown-task.ts'
import type { StandingWarning as Standing } from '../watch/standing-warnings.ts'
import type { UnsignedReceipts } from '../watch/unsigned-receipts.ts'
import { remedyFor, textOf } from '../watch/warnings.ts'
import type { OutageSources } from './outage-words.ts'
import { outageWords } from './outage-words.ts'

export type AlertSources = Pick<OutageSources, 'laws' | 'unitsOf'> & {
  journal: Pick<Journal, 'view'>
  clock: Clock
  /** The one list of warnings. */
  standing: () => readonly Standing[]
  /** As in WatchOptions. */
  tasks: () => readonly OpenTask[]
  unsigned: Pick<UnsignedReceipts, 'registers' | 'of'>
  devices: ReadonlyMap<string, Pick<DeviceSupervisor, 'lastReport' | 'device' | 'identity' | 'usable'>>
  integrity: Pick<Integrity, 'verdict'>
  backupTrouble: () => string | undefined
  /** False if the configuration wants no daily backup. */
  makesBackups: boolean
  sync: () => readonly { readonly [member: string]: Json | undefined }[]
  accounts: () => readonly Pick<AccountState, 'silence'>[]
  stateDirectory: string
}

const TASK_DAYS = 3
const DIGEST_DAYS = 14
const NEVER_SET_UP: WarningCode = 'device_not_initialised'
const NO_SHOP: Shop = { merchant: '', location: null }

/** The facts of the agent for alerts. Nothing in it fails while the journal cannot be read. */
export type AlertFacts = Pick<AlertsOptions, 'warnings' | 'mayEnd' | 'wordsOf' | 'shop' | 'digestFacts'>

export function alertFacts(sources: AlertSources, language: Language): AlertFacts {
  const { journal, clock, standing, tasks } = sources
  const shops = new Map<string, Shop>()
  const shopOf = (subject: Subject): Shop => {
    const key = JSON.stringify(subject)
    const shop = readOr(shops.get(key) ?? NO_SHOP, () => readShop(journal, subject))
    shops.set(key, shop)
    return shop
  }
  return {
    warnings: () => [
      ...standing().map((one) => standingOf(one, journal)),
      ...dueTasks(tasks(), localDate(clock.now(), SHOP_ZONE)),
    ],
    mayEnd: (alert) => mayEnd(sources, alert),
    wordsOf: (alert, endedMs) => {
      const { code, subject } = alert
      const [message, remedy] = textOf(code)[language]
      const name = readOr(subjectName(subject), () => readName(journal, subject, tasks(), language))
      const words = { name, message, remedy: remedyFor(remedy, { ...subject, task: subject.duty }) }
      const over = endedMs === undefined ? {} : { over: { message: overWords(message, language) } }
      const outage = readOr({}, () => outageWords(sources, alert, endedMs, language))
      return { ...words, ...over, ...outage, shop: shopOf(subject) }
    },
    shop: () => shopOf({}),
    digestFacts: () => digestOf(sources, tasks(), language),
  }
}

/**
 * A target is well when it is current: one that cannot be reached does not refuse, and a refused token counts only after
 * 15 minutes, also after a start. An authority counts as reached after an answer. A device that has not answered since the start has reported nothing about itself, and
 * a start verifies the journal later. A start also gives the first backup of a shop two days again.
 */
function mayEnd(sources: AlertSources, { rule, code, subject }: Ending): boolean {
  const { sync, devices, integrity, makesBackups, stateDirectory, accounts } = sources
  const { device, target } = subject
  if (rule === 'sync_delays' || rule === 'sync_stops')
    return sync().every((row) => row['target'] !== target || row['state'] === 'current')
  if (code === 'authority_unreachable') return accounts().every(({ silence }) => silence === undefined)
  if (code === 'backup_overdue') return !makesBackups || lastBackup(stateDirectory) !== undefined
  if (code === 'journal_damaged') return integrity.verdict !== undefined
  if (code === 'projections_differ') return integrity.verdict === 'valid'
  const unit = device === undefined ? undefined : devices.get(device)
  return unit === undefined || unit.lastReport !== undefined
}

function standingOf(
  { key, code, severity, since, because, due, ...subject }: Standing,
  journal: AlertSources['journal'],
): StandingWarning {
  const { device } = subject
  const isSpare = code === NEVER_SET_UP && device !== undefined && readOr(false, () => isUnused(journal, device))
  return {
    ...{ key, code, severity, because, due, rule: isSpare ? false : textOf(code).alert },
    ...{ sinceMs: parseRfc3339(since) ?? 0, subject: subjectOf(subject) },
  }
}

/** While a technician installs, a device that was never set up is a line of the doctor, and no message to the owner. */
function isUnused({ view }: AlertSources['journal'], device: string): boolean {
  return allRegisters(view).every(({ fiscal_device: unit }) => unit !== device)
}

/** One member: the narrowest. */
function subjectOf({ device, target, about }: Pick<Standing, 'device' | 'target' | 'about'>): Subject {
  if (about?.kind === 'register') return { register: about.id }
  if (about?.kind === 'duty') return { duty: about.id }
  if (about !== undefined) return { about: about.id }
  if (device !== undefined) return { device }
  return target === undefined ? {} : { target }
}

/**
 * Tasks that are due soon: only an overdue one is a warning of the list. It stays here too, since the list has it up to
 * a minute later.
 */
function dueTasks(tasks: readonly OpenTask[], today: string): StandingWarning[] {
  const { firstMs: sinceMs } = dayBounds(today, SHOP_ZONE)
  return tasks
    .filter(({ due }) => due <= shiftedDate(today, TASK_DAYS))
    .map(({ id, due }) => ({
      ...{ key: `duty_due:${id}`, code: 'duty_due', severity: 'warning', rule: 'duties', due },
      ...{ sinceMs, subject: { duty: id } },
    }))
}

/** `otherwise` while the journal cannot be read. */
function readOr<Answer>(otherwise: Answer, read: () => Answer): Answer {
  try {
    return read()
  } catch {
    // The journal reports its own trouble.
    return otherwise
  }
}

function readName(
  { view }: AlertSources['journal'],
  subject: Subject,
  tasks: readonly OpenTask[],
  language: Language,
): string {
  const { register, duty } = subject
  const name = register === undefined ? undefined : view.register(register)?.shown.name
  const task = duty === undefined ? undefined : tasks.find(({ id }) => id === duty)
  return visible(name ?? (task && taskName(view, task, language)) ?? subjectName(subject))
}

/** The shop of the registers that the subject concerns; otherwise of all registers. */
function readShop({ view }: AlertSources['journal'], { register, device }: Subject): Shop {
  const registers = allRegisters(view).filter(
    ({ id, fiscal_device: unit }) =>
      (register === undefined || id === register) && (device === undefined || unit === device),
  )
  const [first] = registers
  const merchantId = first?.merchant_id ?? view.eldestMerchant()
  const merchant = merchantId === undefined ? '' : (view.merchant(merchantId)?.shown.legal_name ?? '')
  const [location, ...others] = new Set(registers.map(({ location_id: id }) => id))
  const isOne = location !== undefined && others.length === 0
  const place = isOne ? view.location(location)?.shown.name : undefined
  // Names may have line ends: no receiver of a message has to expect them.
  return { merchant: visible(merchant), location: place === undefined ? null : visible(place) }
}

function digestOf(
  { journal, clock, unsigned, backupTrouble, sync, stateDirectory }: AlertSources,
  tasks: readonly OpenTask[],
  language: Language,
): DigestFacts {
  const until = shiftedDate(localDate(clock.now(), SHOP_ZONE), DIGEST_DAYS)
  return {
    duties: tasks
      .filter(({ due }) => due <= until)
      .map((task) => ({ id: task.id, title: taskName(journal.view, task, language), due: task.due })),
    unsignedReceipts: unsigned.registers().reduce((sum, register) => sum + (unsigned.of(register)?.count ?? 0), 0),
    backup: { madeAt: lastBackup(stateDirectory)?.created_at ?? null, isOverdue: backupTrouble() !== undefined },
    sync: sync()
      .filter(({ state }) => state !== 'current')
      .map(({ target, state }) => ({
        ...{ target: String(target), state: String(state) },
        words: stateWords(String(state), language),
      })),
  }
}

/** Names the fault by the first clause of its message. */
function overWords(message: string, language: Language): string {
  return OUTAGE_TEXTS.over[language].replace('{}', message.replace(/[.:;](?: .*)?$/, ''))
}

/** The words of the status page. */
function stateWords(state: string, language: Language): string {
  const word = `target_${state}`
  return isPageWord(word) ? PAGE_TEXTS[word][language] : state
}

function isPageWord(word: string): word is keyof typeof PAGE_TEXTS {
  return Object.hasOwn(PAGE_TEXTS, word)
}
