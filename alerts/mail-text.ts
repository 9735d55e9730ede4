import { localMinute, parseRfc3339, SHOP_ZONE, writtenDay } from '../base/clock.ts'
import { visible } from '../base/text.ts'
import type { AgentIdentity, AlertNotice, DigestFacts, Message, Shop } from './message.ts'
import { named } from './message.ts'
import type { Language } from './words.ts'
import { WORDS } from './words.ts'

export type MailText = {
  readonly subject: string
  readonly text: string
  readonly messageId: string
  readonly inReplyTo?: string
}

type Around = {
  readonly language: Language
  readonly pageUrl: string | undefined
  readonly agent: AgentIdentity
  /** A fiscal device is not certified. */
  readonly isTrial: boolean
  /** Whom the shop calls. */
  readonly support?: string | undefined
}

/** A reserved name: no one can register it (RFC 2606). */
const DOMAIN = 'fiskal-edge.invalid'
/** Names of a shop, and of subjects in a subject line. */
const NAME_MAX = 60
const SUBJECT_MAX = 200

/** Subject and text of a mail. Names of shops and devices cannot end its lines. */
export function mailText(message: Message, around: Around): MailText {
  const { id, answers } = message
  const band = around.isTrial ? [WORDS[around.language].trial, ''] : []
  const lines = [...band, ...bodyOf(message, around), '', ...footer(around)]
  return {
    subject: shortened(`[${shopName(message.shop)}] ${titleOf(message, around.language)}`, SUBJECT_MAX),
    text: `${lines.join('\n')}\n`,
    messageId: idOf(id),
    ...(answers !== undefined && { inReplyTo: idOf(answers) }),
  }
}

function idOf(id: string): string {
  return `<${id}@${DOMAIN}>`
}

function shopName({ merchant, location }: Shop): string {
  const names = [merchant, location ?? ''].filter((name) => name !== '').map((name) => oneLine(name))
  // Before a shop is set up, and while the journal cannot be read.
  return names.join(', ') || 'fiskal-edge'
}

function oneLine(text: string): string {
  return shortened(visible(text), NAME_MAX)
}

/** By code points: half a character shows as none. */
function shortened(text: string, max: number): string {
  const characters = [...text]
  return characters.length <= max ? text : `${characters.slice(0, max - 1).join('')}…`
}

function titleOf({ type, alerts, digest }: Message, language: Language): string {
  const words = WORDS[language]
  const [first] = alerts
  switch (type) {
    case 'alert.digest':
      return digest === undefined ? `${words.summary} (${alerts.length})` : words.digest
    case 'alert.test':
    case 'agent.alive':
    case 'duty.changed':
      return words.test
    case 'alert.raised':
    case 'alert.resolved':
    case 'alert.flapping': {
      const severity = alerts.some((alert) => alert.severity === 'alarm') ? 'alarm' : 'warning'
      const labels = {
        'alert.raised': words.severity[severity],
        'alert.resolved': words.resolved,
        'alert.flapping': words.flapping,
      }
      const names = alerts
        .map(({ name }) => oneLine(name))
        .filter((name) => name !== '')
        .join(', ')
      const sentence = first === undefined ? '' : sentenceOf(first, language, alerts.length === 1)
      return `${labels[type]}: ${named(shortened(names, NAME_MAX * 2), sentence)}`
    }
  }
}

function bodyOf({ type, alerts, digest }: Message, { language }: Around): string[] {
  const words = WORDS[language]
  if (type === 'alert.test') return [words.testText]
  if (digest !== undefined) return digestLines(alerts, digest, language)
  const lines = alerts.flatMap((alert, index) => [...(index === 0 ? [] : ['']), ...alertLines(alert, language)])
  return type === 'alert.flapping' ? [...lines, '', words.flappingText] : lines
}

function alertLines(alert: AlertNotice, language: Language): string[] {
  const { type, name, remedy, sinceMs, endedAtMs, severity, selling } = alert
  const words = WORDS[language]
  const state = type === 'alert.resolved' ? words.resolved : words.severity[severity]
  return [
    `${state}: ${named(oneLine(name), sentenceOf(alert, language, true))}`,
    ...(selling === undefined ? [] : [selling]),
    `${words.since}: ${minuteIn(sinceMs, language)}`,
    ...(endedAtMs === undefined ? [] : [`${words.ended}: ${minuteIn(endedAtMs, language)}`]),
    ...(type === 'alert.resolved' ? [] : [`${words.remedy}: ${remedy}`]),
  ]
}

/** The fault, or that it is over: `from 11:12 to 11:13, 1 receipt` if it is the sentence of one alert. */
function sentenceOf({ message, over, sinceMs, endedAtMs }: AlertNotice, language: Language, isOne: boolean): string {
  if (over === undefined || endedAtMs === undefined) return message
  if (!isOne) return over.message
  const [from, to] = [sinceMs, endedAtMs].map((ms) => localMinute(ms, SHOP_ZONE).split(' '))
  const shown = from?.[0] === to?.[0] ? [from?.[1], to?.[1]] : [sinceMs, endedAtMs].map((ms) => minuteIn(ms, language))
  const [begin = '', end = ''] = shown
  const span = WORDS[language].span.replace('{from}', begin).replace('{to}', end)
  return `${over.message} ${[span, ...(over.unsigned === undefined ? [] : [over.unsigned])].join(', ')}.`
}

function digestLines(alerts: readonly AlertNotice[], digest: DigestFacts, language: Language): string[] {
  const words = WORDS[language]
  const { duties, unsignedReceipts, backup, sync } = digest
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `- ${line}`)]
  const open = alerts.map(
    ({ name, message, sinceMs }) => `${named(oneLine(name), message)} (${words.since} ${minuteIn(sinceMs, language)})`,
  )
  return [
    ...(open.length === 0 ? [words.allWell] : [`${words.openAlerts}:`, ...open.map((line) => `- ${line}`)]),
    ...section(
      words.duties,
      duties.map(({ title, due }) => `${oneLine(title)} (${words.until} ${writtenDay(due, language)})`),
    ),
    ...section(
      words.sync,
      sync.map(({ target, words: state }) => `${oneLine(target)}: ${state}`),
    ),
    '',
    `${words.unsigned}: ${unsignedReceipts}`,
    `${words.backup}: ${backup.madeAt === null ? words.noBackup : minuteIn(parseRfc3339(backup.madeAt) ?? 0, language)}`,
  ]
}

/** `30.11.2026, 10:56 Uhr` */
function minuteIn(ms: number, language: Language): string {
  const [day = '', time = ''] = localMinute(ms, SHOP_ZONE).split(' ')
  return `${writtenDay(day, language)}, ${time}${language === 'de' ? ' Uhr' : ''}`
}

function footer({ language, pageUrl, agent, support }: Around): string[] {
  const page = pageUrl === undefined ? [] : [`${WORDS[language].page}: ${pageUrl}`]
  const help = support === undefined ? [] : [`${WORDS[language].support}: ${support}`]
  return [...help, ...page, `fiskal-edge ${agent.version}`]
}
