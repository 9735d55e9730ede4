import { Option } from 'commander'
import { localMinute, parseRfc3339, SHOP_ZONE, writtenDay } from '../../../base/clock.ts'
import type { Language } from '../../contract/receipt.ts'
import { LANGUAGES } from '../../contract/receipt.ts'
import { COMMAND_TEXTS } from '../../texts/commands.ts'
import { DUTY_INSTRUCTIONS } from '../../texts/duty-instructions.ts'
import type { Text } from '../../texts/text.ts'
import { WARNING_TEXTS } from '../../texts/warnings.ts'
import { remedyFor } from '../../watch/warnings.ts'

export type Spoken = { language?: Language }

export function languageOption(): Option {
  return new Option('--language <language>', 'of the result (default: that of the system)').choices(LANGUAGES)
}

/** The language of a command's result; the locale is chosen as POSIX does (locale(7)). JSON is English. */
export function languageOf(
  { language, json }: Spoken & { json?: boolean | undefined },
  { LC_ALL, LC_MESSAGES, LANG }: NodeJS.ProcessEnv = process.env,
): Language {
  if (json === true) return 'en'
  const locale = LC_ALL || LC_MESSAGES || LANG || ''
  return language ?? LANGUAGES.find((known) => locale.toLowerCase().startsWith(known)) ?? 'en'
}

/** A sentence with its facts, and what it is in another language. */
type Row = { readonly form: RegExp; readonly fill: (facts: readonly string[], language: Language) => string }

/** The place of an id in the commands of a remedy (`remedyFor`). */
const ID = /(?<=fiskal-edge (?:device|sync|duty) [a-z-]+ )(?:ID|TARGET)\b/g
const JOINTS = [' Then: ', '; ', '. ', ': ', ' (state_volatile)', ', '] as const
const THEN: Readonly<Record<Language, string>> = { en: ' Then: ', de: ' Dann: ', it: ' Poi: ' }
/** A date, or a local time. */
const STAMP = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?))?$/
const AGAIN = ' The agent retries automatically.'

let rows: readonly Row[] | undefined

/** A sentence of a command in that language. One without a row is taken in its parts; a part without one stays. */
export function translated(text: string, language: Language): string {
  return language === 'en' ? text : (wholly(text, language) ?? inParts(text, language))
}

function inParts(text: string, language: Language): string {
  const joint = JOINTS.find((one) => text.includes(one))
  if (joint === undefined) return text
  const parts = text.split(joint)
  for (let count = parts.length - 1; count > 0; count--) {
    const [head, rest] = [parts.slice(0, count).join(joint), parts.slice(count).join(joint)]
    const own = wholly(head, language) ?? (count === 1 ? inParts(head, language) : undefined)
    if (own !== undefined) return own + (joint === ' Then: ' ? THEN[language] : joint) + translated(rest, language)
  }
  return text
}

function wholly(text: string, language: Language): string | undefined {
  rows ??= [...warningRows(), ...factRows()]
  // The doctor gives the notice of the retry once for several remedies.
  for (const candidate of [text, `${text}.`, text + AGAIN])
    for (const { form, fill } of rows) {
      const facts = form.exec(candidate)?.slice(1)
      if (facts === undefined) continue
      const words = fill(facts, language)
      return candidate === `${text}.` ? words.replace(/\.$/, '') : words
    }
  return undefined
}

function warningRows(): Row[] {
  return Object.values(WARNING_TEXTS).flatMap((text) =>
    ([0, 1] as const).map((part) => ({
      form: formOf(text.en[part].split(ID), '(\\S+)'),
      fill: ([id], language: Language) => remedyFor(text[language][part], { device: id, target: id, task: id }),
    })),
  )
}

/** The longest form that fits counts: a short one is within others. */
function factRows(): Row[] {
  // A finding of the doctor joins several sentences with `; `, an instruction is one alone.
  const findings = Object.entries(COMMAND_TEXTS).map(([en, text]) => ({ en, text, fact: '((?:(?!; ).)+?)' }))
  const instructions = Object.entries(DUTY_INSTRUCTIONS).map(([en, text]) => ({ en, text, fact: '(.+?)' }))
  return [...findings, ...instructions]
    .sort((one, other) => other.en.length - one.en.length)
    .map(({ en, text, fact }) => factRow({ en, ...text }, fact))
}

function factRow(text: Text, fact: string): Row {
  return {
    form: formOf(text.en.split('{}'), fact),
    fill: (facts, language) => {
      const left = [...facts]
      return text[language].replaceAll('{}', () => shownFact(left.shift() ?? '', language))
    },
  }
}

function formOf(words: readonly string[], fact: string): RegExp {
  return new RegExp(`^${words.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join(fact)}$`, 's')
}

function shownFact(fact: string, language: Language): string {
  const ms = parseRfc3339(fact)
  const [, day, time = ''] = STAMP.exec(ms === undefined ? fact : localMinute(ms, SHOP_ZONE)) ?? []
  if (day !== undefined) return `${writtenDay(day, language)} ${time}`.trimEnd()
  // A decimal: no version, address or time.
  return translated(fact, language).replaceAll(/(?<![\w.:/-])(\d+)\.(\d+)(?![\w.:/-])/g, '$1,$2')
}
