import { writtenDay } from '../../../base/clock.ts'
import { visible } from '../../../base/text.ts'
import type { AuditComparison } from '../../laws/audit-rules.ts'
import { LAWS } from '../../laws/laws.ts'
import { EVER } from '../arguments/range.ts'
import type { AuditPart } from './audit-part.ts'
import { minuteOf } from './note-words.ts'
import type { Installation } from './procedure.ts'
import type { ReportLanguage } from './report-language.ts'
import { filled } from './report-language.ts'
import { REPORT_TEXTS } from './report-texts.ts'
import { hasOwnName, lawsIn, mainWords, wordsOf } from './report-words.ts'
import type { UnprovenItem } from './unproven-items.ts'
import { CHECKED, COMPARISONS, JOURNAL } from './wanted.ts'

type Audit = {
  parts: readonly AuditPart[]
  /** The lines that are always under "Nicht belegt". */
  items: readonly UnprovenItem[]
  range: { from: string; to: string }
  writtenAt: string
  installation: Installation
  /** The head of the verified journal as Z reports print it; undefined if the journal could not be read. */
  head: string | undefined
  /** The open tasks for a person; undefined if the agent could not return them. */
  tasks: readonly OpenTask[] | undefined
}
export type OpenTask = { readonly id: string; readonly kind: string; readonly due: string }

const NAME_WIDTH = 30
const TASK_NAMES = new Map(LAWS.flatMap(({ audit }) => [...(audit?.tasks ?? [])]))
const OVER_ALL = 'dazu ein Prüfbericht über den ganzen Zeitraum.'
/** Columns of a line of prose. */
const LINE_WIDTH = 120

/** The report for the auditor: all checks and their findings, in the language of the shop's law. */
export function auditReport({ parts, items, range, writtenAt, installation, head, tasks }: Audit): string {
  const words = mainWords(installation)
  const texts = REPORT_TEXTS[words.language]
  const comparisons = COMPARISONS.filter(({ name }) => isCompared(parts, name)).sort(byName)
  const uncertified = uncertifiedLines(parts, installation, texts)
  return [
    words.title,
    '',
    ...headLines({ range, writtenAt, installation }, texts),
    ...(head === undefined ? [] : [filled(texts.head, { head })]),
    '',
    ...uncertified,
    ...checkedLines(parts, texts),
    ...comparisons.flatMap(({ told }) => told),
    '',
    ...parts.flatMap(({ name, valid, note, summary, findings }) => [
      `[${note === true ? texts.note : valid ? texts.sound : texts.fault}] ${name.padEnd(NAME_WIDTH)} ${summary}`,
      ...findings.map((finding) => `                ${finding}`),
    ]),
    '',
    ...taskLines(tasks, texts),
    ...(uncertified.length > 0 ? [texts.uncertified] : []),
    ...resultLines(parts, items, uncoveredIn(parts, isEver(range)), texts),
    '',
    texts.recompute,
    ...(head === undefined ? [] : [filled(texts.compareLater, { head })]),
    '',
  ]
    .map((line) => visible(withDays(withNames(line, installation, texts.register), words.language)))
    .join('\n')
}

type Texts = (typeof REPORT_TEXTS)[ReportLanguage]

/** Serial numbers are those of the notice to the tax office: here, and nowhere else. */
function headLines(
  { range, writtenAt, installation }: Pick<Audit, 'range' | 'writtenAt' | 'installation'>,
  texts: Texts,
) {
  const { merchants, registers, chain, first_event_at: first } = installation
  const labels = [texts.merchant, texts.registers, texts.period, texts.made, texts.journal]
  const width = Math.max(...labels.map(({ length }) => length)) + 2
  const line = (label: string, text: string): string => `${label.padEnd(width)}${text}`
  const names = registers.map(({ id, name, fiscalization }) => {
    const { serial } = wordsOf(installation, id)
    return serial === undefined || fiscalization === null ? name : `${name} (${serial} ${fiscalization.client_id})`
  })
  const dates = {
    from: dayOf(range.from === EVER.from ? (first ?? writtenAt) : range.from),
    to: dayOf(range.to === EVER.to ? writtenAt : range.to),
  }
  return [
    line(texts.merchant, oneLine(merchants.map(({ legal_name: name }) => name).join(', '))),
    ...(names.length === 0 ? [] : [line(texts.registers, oneLine(names.join(', ')))]),
    line(texts.period, `${filled(texts.dates, dates)}${isEver(range) ? texts.everything : ''}`),
    line(texts.made, filled(texts.madeAt, { time: minuteOf(writtenAt) })),
    line(texts.journal, chain),
  ]
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}

function dayOf(time: string): string {
  return minuteOf(time).slice(0, 'YYYY-MM-DD'.length)
}

function isEver({ from, to }: Audit['range']): boolean {
  return from === EVER.from && to === EVER.to
}

/** Only of files that are in the folder. */
function checkedLines(parts: readonly AuditPart[], texts: Texts): string[] {
  const names = parts.flatMap(({ name, summary }) => (summary === texts.notWritten ? [] : [name]))
  const checked = CHECKED.flatMap(({ files, what }) => (names.some((name) => files.test(name)) ? [what] : []))
  if (names.includes(JOURNAL)) checked.push(texts.chain)
  if (checked.length === 0) return []
  return wrapped(filled(texts.checked, { list: checked.join(', ') }))
}

function wrapped(text: string): string[] {
  const lines: string[] = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + 1 + word.length > LINE_WIDTH) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines
}

/** A register by its name, unless two have the same one; parts and JSON have its id. */
function withNames(line: string, { registers }: Installation, noun: string): string {
  return registers.reduce((text, { id, name, fiscalization }) => {
    if (!hasOwnName({ registers }, id)) return text
    const called = /^(?:kass[ae]|cassa)\b/i.test(name) ? name : `${noun} ${name}`
    const named = text
      .replaceAll(`${noun} ${id}`, called)
      .replaceAll(` (${id})`, '')
      .replaceAll(`${id} Z `, `${called} Z `)
    return fiscalization === null ? named : named.replaceAll(`${noun} ${fiscalization.client_id}`, called)
  }, line)
}

/** Dates as people write them; JSON, files and instants in UTC have those of programs. */
function withDays(line: string, language: ReportLanguage): string {
  return line.replace(/(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])/g, (day) => writtenDay(day, language))
}

function byName(one: AuditComparison, other: AuditComparison): number {
  return one.name < other.name ? -1 : 1
}

function isCompared(parts: readonly AuditPart[], by: string): boolean {
  return parts.some(({ name, compared }) => name === by && compared !== false)
}

function uncoveredIn(parts: readonly AuditPart[], isEverything: boolean): string[] {
  const remedy = isEverything ? 'siehe die Beanstandungen.' : OVER_ALL
  const uncompared = COMPARISONS.flatMap(({ name, missing }) => {
    if (missing === undefined || isCompared(parts, name) || !parts.some((part) => missing.files.test(part.name)))
      return []
    return [`${missing.what} wurden nicht verglichen: ${remedy}`]
  })
  return [...uncompared, ...parts.flatMap(({ uncovered = [] }) => uncovered)]
}

/** Open tasks of laws that name them. */
function taskLines(tasks: readonly OpenTask[] = [], texts: Texts): string[] {
  const named = tasks.flatMap(({ id, kind, due }) => {
    const name = TASK_NAMES.get(kind)
    return name === undefined ? [] : [`- ${filled(texts.task, { name, due, id })}`]
  })
  return named.length === 0 ? [] : [texts.tasks, ...named, '']
}

/** The result. It lists records without evidence and does not call them right. */
function resultLines(
  parts: readonly AuditPart[],
  items: readonly UnprovenItem[],
  uncovered: readonly string[],
  texts: Texts,
): string[] {
  const faults = parts.filter(({ valid }) => !valid).length
  const notes = parts.filter(({ note, turnover }) => note === true && turnover === undefined).length
  const lines = items.flatMap(({ isNone, lines, counted }) => (isNone || counted !== undefined ? [] : lines))
  const unproven = uncovered.length + lines.length
  const unsigned = items.flatMap(({ counted }) => counted ?? [])
  const counts = [
    ...(notes === 0 ? [] : [filled(texts.notes[notes === 1 ? 0 : 1], { count: notes })]),
    ...unsigned,
    ...(unproven === 0 ? [] : [filled(texts.uncovered, { count: unproven })]),
  ]
  const turnover = parts.flatMap((part) => part.turnover ?? [])
  const sentences = [...turnover, ...(counts.length === 0 ? [] : [counts.join(', ')])].map((text) => `${text}.`)
  const always = items.flatMap(({ lines }) =>
    lines.flatMap(({ text, details }) => [`- ${text}`, ...details.map((detail) => `  ${detail}`)]),
  )
  const partly = parts.flatMap((part) => part.partly ?? [])
  const named = [...always, ...[...uncovered, ...partly].map((what) => `- ${what}`)]
  const verdict =
    faults > 0
      ? filled(texts.faults[faults === 1 ? 0 : 1], { count: faults })
      : named.length === always.length && items.every(({ isNone }) => isNone)
        ? texts.none
        : texts.noneCompared
  return [
    verdict,
    ...(sentences.length === 0 ? [] : [sentences.join(' ')]),
    ...(named.length === 0 ? [] : [texts.uncoveredHead, ...named]),
  ]
}

/** Names every unit without certification in the files and the journal; the connected units may be others. */
function uncertifiedLines(parts: readonly AuditPart[], installation: Installation, texts: Texts): string[] {
  const { uncertified_units: journalled } = installation
  const serials = new Set([...journalled, ...parts.flatMap(({ uncertified = [] }) => uncertified)])
  if (serials.size === 0) return []
  const laws = lawsIn(installation).map(({ words }) => words.certified)
  return [
    ...wrapped(filled(texts.trial, { certified: laws.join(', ') })),
    ...[...serials].map((serial) => `              ${serial}`),
    '',
  ]
}
