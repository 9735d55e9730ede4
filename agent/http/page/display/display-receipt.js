// The receipt on the customer's display: what was sold in large letters, then the code of the law and its small print.

import { TEXTS } from '/page/display-texts.js'
import { element } from '/page/elements.js'

/** @typedef {import('../../../contract/receipt.ts').ReceiptModel} Receipt */
/** @typedef {Receipt['lines'][number]} Line */
/** @typedef {{ label: string, value: string }} Row */
/** @typedef {{ receipt: Receipt | null, text: string | null, code: string | null, link: string | null, until: string | null }} Now */

/** In CSS pixels. */
const LETTERS = { most: 34, least: 15 }
const SMALL_PRINT = { most: 15, least: 8 }
/** With more lines only the smallest letters can hold them. */
const MANY_LINES = 60
/**
 * Pixels of a module: whole ones, so that a code stays sharp, and even ones, so that it stays so at half the size. A phone
 * reads a code of 4 cm from half a metre.
 */
const MODULES = [8, 6, 4, 3, 2]
/** Above each other, the small print leaves its room to the lines. */
const SMALLER_PRINT = { most: 10, least: 8 }
const STILL_SCANNED = 3
/** Twice in the minute, with a rest at both ends. */
const ROLL_MS = 27_000
const ROLLS = 2

/**
 * Shows a receipt for so long. Returns a function that ends it.
 * @param {HTMLElement} paper
 * @param {Now & { receipt: Receipt }} now
 * @param {number} leftMs
 */
export function showReceipt(paper, { receipt, code, link }, leftMs) {
  const codes = [pictureOf(code, say('code_alt')), pictureOf(link, say('link_alt'))].filter(
    (each) => each !== undefined,
  )
  const sale = saleOf(receipt)
  const proof = element('aside', { class: 'proof' }, ...codes, smallPrint(receipt, code !== null))
  paper.lang = receipt.language
  paper.replaceChildren(sale, proof)
  const layOut = () => arrange(sale, proof, receipt.lines.length, leftMs)
  layOut()
  addEventListener('resize', layOut)
  return () => removeEventListener('resize', layOut)
}

/** A word of the page, in the language of the browser. @param {keyof typeof TEXTS.page} word */
export function say(word) {
  const { lang } = document.documentElement
  const text = TEXTS.page[word]
  return lang === 'de' ? text.de : lang === 'it' ? text.it : text.en
}

/** @param {string | null} svg @param {string} alt */
function pictureOf(svg, alt) {
  if (svg === null) return undefined
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  const side = /viewBox="0 0 (\d+) /.exec(svg)?.[1] ?? '1'
  const picture = element('img', { class: 'code', alt, 'data-side': side })
  picture.addEventListener('load', () => URL.revokeObjectURL(url))
  picture.setAttribute('src', url)
  return picture
}

/** @param {Receipt} receipt */
function saleOf(receipt) {
  const { merchant, title, notices, agencies = [], total, offsets, payable, payments, currency } = receipt
  const named = (/** @type {Row} */ sum) =>
    amountRow(receipt, { ...sum, label: `${sum.label} ${currency}` }, { class: 'row sum' })
  const hasSum = receipt.lines.length > 0 || payments.length > 0
  return element(
    'section',
    { class: 'sale' },
    element('p', { class: 'merchant' }, merchant.name),
    element('h1', { class: 'title' }, title),
    ...notices.map((notice) => element('p', { class: 'notice' }, notice)),
    element(
      'div',
      { class: 'window' },
      element(
        'div',
        { class: 'roll' },
        ...linesOf(receipt, undefined),
        ...agencies.flatMap((agency) => agencyOf(receipt, agency)),
      ),
    ),
    hasSum && named(total),
    ...offsets.map((line) => lineRow(receipt, line)),
    offsets.length > 0 && named(payable),
    ...payments.map((payment) => amountRow(receipt, { ...payment, label: paidLabel(receipt, payment) })),
    taxTable(receipt),
  )
}

/** @param {Receipt} receipt @param {number | undefined} agency */
function linesOf(receipt, agency) {
  return receipt.lines.filter((line) => line.agency_id === agency).map((line) => lineRow(receipt, line))
}

/** @param {Receipt} receipt @param {NonNullable<Receipt['agencies']>[number]} agency */
function agencyOf(receipt, { id, label, value, address, identifiers, taxes }) {
  const head = [`${label}: ${value}`, ...address, ...identifiers.map(labelled)].join(', ')
  return [
    element('p', { class: 'agency' }, head),
    ...linesOf(receipt, id),
    ...taxes.map((tax) =>
      amountRow(receipt, { label: `${labelOf(receipt, 'gross')} ${tax.label}`, value: tax.gross }, { key: tax.key }),
    ),
  ]
}

/** @param {Receipt} receipt @param {Line} line */
function lineRow(receipt, line) {
  const { quantity, unit, unit_price: price } = line
  const pieces = quantity === undefined || price === undefined ? undefined : [decimal(receipt, quantity), unit, 'x']
  const count = pieces && price && `${pieces.filter(Boolean).join(' ')} ${money(receipt, price)}`
  return amountRow(receipt, line, { key: line.tax_key ?? '', count })
}

/**
 * @param {Receipt} receipt
 * @param {Row} row
 * @param {{ class?: string, key?: string, count?: string | undefined }} [more]
 */
function amountRow(receipt, { label, value }, { class: name = 'row', key = '', count } = {}) {
  return element(
    'p',
    { class: name },
    element('span', { class: 'label' }, label),
    count !== undefined && element('span', { class: 'count' }, count),
    element('span', { class: 'amount' }, money(receipt, value)),
    element('span', { class: 'key' }, key),
  )
}

/** @param {Receipt} receipt @param {Receipt['payments'][number]} payment */
function paidLabel(receipt, { label, value, foreign }) {
  if (foreign === undefined) return label
  const { currency, amount, exchange_rate: rate } = foreign
  const printed = rate === undefined ? '' : `, ${labelOf(receipt, 'exchange_rate')} ${decimal(receipt, rate)}`
  return `${label} ${currency} ${money(receipt, amount)} (${money(receipt, value)} ${receipt.currency})${printed}`
}

/** @param {Receipt} receipt */
function taxTable(receipt) {
  if (receipt.taxes.length === 0) return undefined
  const cells = (/** @type {'th' | 'td'} */ tag, /** @type {string[]} */ texts) =>
    element('tr', {}, ...texts.map((text) => element(tag, {}, text)))
  const rows = receipt.taxes.flatMap(({ key, rate, net, tax, gross, note }) => [
    cells('td', [`${key} ${percent(receipt, rate)} %`, ...[net, tax, gross].map((each) => money(receipt, each))]),
    ...(note === null ? [] : [element('tr', {}, element('td', { class: 'note', colspan: '4' }, note))]),
  ])
  const names = /** @type {const} */ (['vat', 'net', 'tax', 'gross'])
  return element(
    'table',
    {},
    cells(
      'th',
      names.map((name) => labelOf(receipt, name)),
    ),
    ...rows,
  )
}

/** @param {Receipt} receipt @param {boolean} isDrawn */
function smallPrint({ merchant, header, fiscal, qr, language }, isDrawn) {
  const { location } = merchant
  const shop = [merchant.name, ...merchant.address, ...(location === null ? [] : [location.name, ...location.address])]
  const code = qr === null || isDrawn ? [] : [{ label: TEXTS.labels.qr[language], value: qr }]
  const rows = new Map([...merchant.identifiers, ...header, ...fiscal, ...code].map((row) => [labelled(row), row]))
  return element(
    'div',
    { class: 'window' },
    element(
      'div',
      { class: 'roll small' },
      element('p', {}, shop.join(', ')),
      ...[...rows.values()].map(({ label, value }) => element('p', {}, element('b', {}, `${label}:`), ` ${value}`)),
    ),
  )
}

/** @param {Row} row */
function labelled({ label, value }) {
  return `${label}: ${value}`
}

/** A label that no receipt carries, in its language. @param {Receipt} receipt @param {keyof typeof TEXTS.labels} name */
function labelOf({ language }, name) {
  return TEXTS.labels[name][language]
}

/** At least two decimals, as printed. @param {Receipt} receipt @param {string} amount */
function money(receipt, amount) {
  const [whole = '', fraction = ''] = amount.split('.')
  return decimal(receipt, `${whole}.${fraction.padEnd(2, '0')}`)
}

/** @param {Receipt} receipt @param {string} text */
function decimal({ language }, text) {
  return language === 'en' ? text : text.replace('.', ',')
}

/** "0.055" is 5.5 %, without the errors of a binary fraction. @param {Receipt} receipt @param {string} rate */
function percent(receipt, rate) {
  return decimal(receipt, String(Number((Number(rate) * 100).toFixed(6))))
}

/**
 * The largest code and letters with which all of it is on the screen; what does not fit even so rolls.
 * @param {HTMLElement} sale
 * @param {HTMLElement} proof
 * @param {number} lines
 * @param {number} leftMs
 */
function arrange(sale, proof, lines, leftMs) {
  for (const part of [sale, proof]) part.classList.remove('long')
  const sizes = { least: LETTERS.least, most: lines > MANY_LINES ? LETTERS.least : LETTERS.most }
  const isUpright = matchMedia('(orientation: portrait)').matches
  const print = isUpright ? SMALLER_PRINT : SMALL_PRINT
  const modules = modulesOf(proof).filter((module) => sizeCodes(proof, module) && letters(proof, print))
  const scanned = isUpright ? modules.filter((module) => module >= STILL_SCANNED) : []
  const largest = modules[0] ?? Math.min(...MODULES)
  const fits = (/** @type {number} */ module) =>
    sizeCodes(proof, module) && letters(proof, print) && letters(sale, sizes)
  if ([largest, ...scanned].some(fits)) return
  sizeCodes(proof, largest)
  if (!letters(proof, print)) roll(proof, leftMs)
  if (!letters(sale, sizes)) roll(sale, leftMs)
}

/** @param {HTMLElement} proof @returns {HTMLElement[]} */
function codesOf(proof) {
  return [...proof.querySelectorAll('img')]
}

/** The sizes of a module that the width permits. @param {HTMLElement} proof */
function modulesOf(proof) {
  const side = codesOf(proof).reduce((sum, { dataset }) => Math.max(sum, Number(dataset['side'])), 1)
  return MODULES.filter((module) => module * side <= proof.clientWidth)
}

/** @param {HTMLElement} proof @param {number} module */
function sizeCodes(proof, module) {
  for (const code of codesOf(proof)) {
    const side = `${module * Number(code.dataset['side'])}px`
    code.style.setProperty('width', side)
    code.style.setProperty('height', side)
  }
  return true
}

/** Chooses the letters of a part. False if it is too high even with the smallest. @param {HTMLElement} part @param {{ least: number, most: number }} sizes */
function letters(part, { least, most }) {
  for (let size = most; size >= least; size--) {
    part.style.setProperty('font-size', `${size}px`)
    if (part.scrollHeight <= part.clientHeight && part.scrollWidth <= part.clientWidth) return true
  }
  return false
}

/** Moves slowly, twice. @param {HTMLElement} part @param {number} leftMs */
function roll(part, leftMs) {
  part.classList.add('long')
  const pane = part.querySelector('.window')
  const content = part.querySelector('.roll')
  if (pane === null || content === null) return
  for (const running of content.getAnimations()) running.cancel()
  const hidden = content.scrollHeight - pane.clientHeight
  if (hidden <= 0) return
  const [top, bottom] = ['translateY(0)', `translateY(-${hidden}px)`]
  content.animate(
    [
      { transform: top, offset: 0 },
      { transform: top, offset: 0.12 },
      { transform: bottom, offset: 0.88 },
      { transform: bottom, offset: 1 },
    ],
    { duration: Math.min(ROLL_MS, Math.max(6_000, leftMs / ROLLS)), iterations: ROLLS },
  )
}
