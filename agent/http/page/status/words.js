// The language of the page, and its words, numbers and times in it.

import { TEXTS } from '/page/texts.js'

/** @typedef {import('../../../contract/receipt.ts').Language} Language */

/** @type {readonly Language[]} */
export const LANGUAGES = ['de', 'it', 'en']
export const LANGUAGE_NAMES = { de: 'Deutsch', it: 'Italiano', en: 'English' }
const STORED = 'fiskal-edge-language'

/** @typedef {keyof typeof TEXTS.page} Word */

/** @type {Language} */
let current = first()

/** The language that was chosen here, else that of Accept-Language, which the server put into the page. @returns {Language} */
function first() {
  const wanted = localStorage.getItem(STORED) ?? document.documentElement.lang
  return LANGUAGES.find((known) => known === wanted) ?? 'en'
}

export function language() {
  return current
}

/** @param {Language} chosen */
export function choose(chosen) {
  current = chosen
  localStorage.setItem(STORED, chosen)
  document.documentElement.lang = chosen
}

/**
 * @param {Word} word
 * @param {{ [name: string]: string | number }} [values] for `{name}` in the text
 * @returns {string}
 */
export function say(word, values = {}) {
  return TEXTS.page[word][current].replaceAll(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''))
}

/**
 * The values for which the page has a word with that prefix.
 * @template {string} Prefix
 * @typedef {Word extends infer W ? W extends `${Prefix}_${infer Name}` ? Name : never : never} NameOf
 */

/**
 * For a word that ends with a value of the agent: each value of the contract has one. The value of a newer agent is
 * shown unchanged.
 * @template {string} Prefix
 * @param {Prefix} prefix
 * @param {NameOf<Prefix>} name
 */
export function sayOf(prefix, name) {
  const word = `${prefix}_${name}`
  return Object.keys(TEXTS.page).includes(word) ? say(/** @type {Word} */ (word)) : name
}

/** @param {string | null} amount @param {string} currency */
export function money(amount, currency) {
  if (amount === null) return ''
  return new Intl.NumberFormat(current, { style: 'currency', currency }).format(Number(amount))
}

/** @param {number} value */
export function count(value) {
  return new Intl.NumberFormat(current).format(value)
}

/** The date in the zone of the shop. @param {Date} at */
function dateIn(at) {
  return new Intl.DateTimeFormat('en', { timeZone: TEXTS.zone, dateStyle: 'short' }).format(at)
}

/** A time in the zone of the shop, as on the receipts: of today without its date. @param {string} text RFC 3339 */
export function moment(text) {
  const at = new Date(text)
  const isToday = dateIn(at) === dateIn(new Date())
  const time = { hour: '2-digit', minute: '2-digit', timeZone: TEXTS.zone }
  const shape = isToday ? time : { ...time, day: '2-digit', month: '2-digit', year: 'numeric' }
  return new Intl.DateTimeFormat(current, /** @type {Intl.DateTimeFormatOptions} */ (shape)).format(at)
}

/** @param {string} text `YYYY-MM-DD` or RFC 3339 */
export function day(text) {
  return new Intl.DateTimeFormat(current, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(text))
}

/** @param {number} seconds */
export function duration(seconds) {
  /** @type {[number, string]} */
  const [value, unit] =
    seconds < 120
      ? [seconds, 'second']
      : seconds < 7_200
        ? [seconds / 60, 'minute']
        : seconds < 172_800
          ? [seconds / 3_600, 'hour']
          : [seconds / 86_400, 'day']
  return new Intl.NumberFormat(current, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 0 }).format(
    value,
  )
}
