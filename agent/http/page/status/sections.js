// The sections of the page.

import { causeOf } from './causes.js'
import { badge, cardTitle, element, facts, mark, show } from './elements.js'
import { grouped } from './groups.js'
import { paperOf } from './receipt.js'
import { detailOf, wordsOfWarning } from './warnings.js'
import { count, day, duration, language, moment, money, say, sayOf } from './words.js'

/** @typedef {import('./agent.js').Overview} Overview */
/** @typedef {import('../../../contract/operation.ts').Operation} Operation */
/** @typedef {'good' | 'care' | 'bad' | 'quiet'} Tone */

/** @type {Record<string, Tone>} */
const SELLING_TONES = { yes: 'good', outage: 'care', no: 'bad' }
/** @type {Record<string, Tone>} */
const DEVICE_TONES = { ready: 'good', degraded: 'care', down: 'bad', foreign: 'bad' }
/** @type {Record<string, Tone>} */
const TARGET_TONES = { current: 'good', behind: 'care', offline: 'care', stalled: 'bad', forked: 'bad' }
/** @type {Record<string, Tone>} */
const FISCAL_TONES = { succeeded: 'good', failed: 'bad', pending: 'care', not_required: 'quiet' }

/** Whom the shop calls; the page has it also while the agent does not answer. */
export const SUPPORT = document.querySelector('meta[name="support"]')?.getAttribute('content') ?? ''

export function supportWords() {
  return `${say('support')}: ${SUPPORT}`
}

/** @param {Tone} tone @param {string} headline @param {string} more */
export function hero(tone, headline, more) {
  show('hero', [language(), tone, headline, more], () => [
    mark(tone),
    element(
      'div',
      {},
      element('h1', { class: 'headline' }, headline),
      more !== '' && element('p', { class: 'more' }, more),
      (tone === 'care' || tone === 'bad') && SUPPORT !== '' && element('p', { class: 'more' }, supportWords()),
    ),
  ])
  const section = document.getElementById('hero')
  if (section !== null) section.dataset['tone'] = tone
  document.title = `${headline} · fiskal-edge`
}

/**
 * @param {readonly Overview['warnings'][number][]} warnings
 * @param {import('./warnings.js').Subjects} subjects
 */
export function warningSection(warnings, subjects) {
  const make = () => [
    element('h2', {}, say('warnings')),
    element('ul', { class: 'list' }, ...grouped(warnings).map((group) => warningCard(group, subjects))),
  ]
  show('warnings', [language(), warnings], warnings.length === 0 ? undefined : make)
}

/** The groups whose followers a person has folded out, by the key of their first warning. */
/** @type {Set<string>} */
const foldedOut = new Set()

/** @param {import('./groups.js').Group} group @param {import('./warnings.js').Subjects} subjects */
function warningCard({ warnings, followers }, subjects) {
  const [first] = warnings
  if (first === undefined) return element('li', {})
  const tone = first.severity === 'alarm' ? 'bad' : 'care'
  const { message } = wordsOfWarning(first)
  const remedies = new Set(warnings.map((warning) => wordsOfWarning(warning).remedy))
  const details = warnings.flatMap(({ detail, ...of }) => {
    if (detail === undefined) return []
    const { words, isOwn } = detailOf({ detail, ...of }, subjects)
    return [{ text: warnings.length === 1 ? words : `${of.device}: ${words}`, lang: isOwn ? language() : 'en' }]
  })
  return element(
    'li',
    { class: 'card warning', 'data-tone': tone, 'data-code': first.code },
    mark(tone),
    element(
      'div',
      {},
      element('p', { class: 'message' }, `${subjectsOf(warnings)}${message}`),
      ...[...remedies].map((remedy) => element('p', {}, remedy)),
      element('p', { class: 'small' }, timesOf(first)),
      ...details.map(({ text, lang }) => element('p', { class: 'soft small', lang }, text)),
      followers.length > 0 && followersOf(first.key, followers),
    ),
  )
}

/** @param {readonly Overview['warnings'][number][]} warnings */
function subjectsOf(warnings) {
  const names = warnings.flatMap(({ device, target }) => device ?? target ?? [])
  return names.length === 0 ? '' : `${names.join(', ')}: `
}

/** @param {Overview['warnings'][number]} warning */
function timesOf({ since, due }) {
  const began = `${say('since')} ${moment(since)}`
  return due === undefined ? began : `${began} · ${say('due')} ${day(due)}`
}

/** @param {string} key @param {readonly Overview['warnings'][number][]} followers */
function followersOf(key, followers) {
  const title = followers.length === 1 ? say('follows_one') : say('follows', { n: count(followers.length) })
  const toggle = (/** @type {Event} */ { target }) => {
    if (target instanceof HTMLDetailsElement && target.open) foldedOut.add(key)
    else foldedOut.delete(key)
  }
  return element(
    'details',
    { class: 'followers', open: foldedOut.has(key), toggle },
    element('summary', { 'data-focus': `follows-${key}` }, title),
    element(
      'ul',
      {},
      ...followers.map((warning) =>
        element(
          'li',
          { 'data-code': warning.code },
          element('p', {}, `${subjectsOf([warning])}${wordsOfWarning(warning).message}`),
          element('p', { class: 'soft small' }, timesOf(warning)),
        ),
      ),
    ),
  )
}

/** @param {Overview['registers']} registers @param {boolean} areMore */
export function registerSection(registers, areMore) {
  show('registers', [language(), registers, areMore], () => [
    element('h2', {}, say('registers')),
    registers.length === 0
      ? element('p', { class: 'card soft' }, say('no_registers'))
      : element('ul', { class: 'grid' }, ...registers.map(registerCard)),
    ...(areMore ? [element('p', { class: 'soft' }, say('more_registers', { n: registers.length }))] : []),
  ])
}

/**
 * How a shop or a register sells, for its words: with an emergency register no signature is missing, but a printer.
 * @param {Pick<Overview, 'selling' | 'reason'>} overview
 */
export function wayOf({ selling, reason }) {
  return reason === 'emergency_open' ? 'emergency' : selling
}

/** @param {Overview['registers'][number]} register */
function registerCard({ name, location, regime, fiscal_device: device, selling, reason, reconciling, session }) {
  const shift =
    session === null
      ? say('session_none')
      : session.state === 'counted'
        ? say('session_counted')
        : say('session_open', { t: moment(session.opened_at) })
  return element(
    'li',
    { class: 'card register', 'data-selling': selling },
    cardTitle(name, SELLING_TONES[selling], sayOf('may', wayOf({ selling, reason }))),
    // In one line: with several registers a phone shows more of them.
    element('p', { class: 'soft small' }, [location, regime, device].filter(Boolean).join(' · ')),
    session !== null && element('p', { class: 'figure' }, money(session.expected_closing_amount, session.currency)),
    ...(session?.foreign_cash ?? []).map((foreign) =>
      element('p', { class: 'figure' }, money(foreign.expected_amount, foreign.currency)),
    ),
    session !== null && element('p', { class: 'soft small' }, say('drawer')),
    element('p', { class: 'small' }, shift),
    reason !== null && selling === 'no' && element('p', { class: 'small' }, sayOf('reason', reason)),
    reconciling > 0 && facts([[say('reconciling'), count(reconciling)]]),
  )
}

/** @param {Overview['devices']} devices */
export function deviceSection(devices) {
  const make = () => [element('h2', {}, say('devices')), element('ul', { class: 'grid' }, ...devices.map(deviceCard))]
  show(
    'devices',
    [language(), devices.map(({ queue, health, ...device }) => [device, queue.waiting, steady(health)])],
    devices.length === 0 ? undefined : make,
  )
}

/** The states that are shown without a key. @param {readonly Pick<Overview['devices'][number], 'id' | 'state'>[]} devices */
export function deviceStates(devices) {
  const make = () => [
    element('h2', {}, say('devices')),
    element(
      'ul',
      { class: 'grid' },
      ...devices.map(({ id, state }) =>
        element(
          'li',
          { class: 'card device', 'data-state': state },
          cardTitle(id, DEVICE_TONES[state], sayOf('device', state)),
        ),
      ),
    ),
  ]
  show('devices', [language(), devices], devices.length === 0 ? undefined : make)
}

/** Without members that change at every request and are not shown. @param {Record<string, unknown>} health */
function steady({ clock_skew_ms: _skew, ...health }) {
  return health
}

/** @param {Overview['devices'][number]} device */
function deviceCard({ id, driver, state, serial, since, health, queue }) {
  const number = (/** @type {string} */ name) => (typeof health[name] === 'number' ? Number(health[name]) : undefined)
  const text = (/** @type {string} */ name) => (typeof health[name] === 'string' ? String(health[name]) : undefined)
  const left = number('signatures_left')
  const memory = number('memory_used_percent')
  const files = number('pending_files')
  const certificate = text('certificate_expires_at')
  return element(
    'li',
    { class: 'card device', 'data-state': state },
    cardTitle(id, DEVICE_TONES[state], sayOf('device', state)),
    element('p', { class: 'soft small' }, text('description') ?? driver),
    facts([
      [say('since'), moment(since)],
      [say('serial'), serial === null ? undefined : short(serial)],
      [say('certificate'), certificate === undefined ? undefined : day(certificate)],
      [say('signatures_left'), left === undefined ? undefined : count(left)],
      [say('memory'), memory === undefined ? undefined : `${count(Math.round(memory * 10) / 10)} %`],
      [say('paper'), text('paper')],
      [say('pending_files'), files === undefined ? undefined : count(files)],
      [say('waiting'), queue.waiting > 0 ? count(queue.waiting) : undefined],
    ]),
  )
}

/** The serial number of a TSE has 64 digits: both ends identify it. @param {string} serial */
function short(serial) {
  return serial.length > 24 ? `${serial.slice(0, 6)}…${serial.slice(-6)}` : serial
}

/** The operation whose receipt is shown; undefined follows the newest. */
/** @type {string | undefined} */
let chosen

/** @param {Overview['documents']} documents @param {Overview['registers']} registers */
export function documentSection(documents, registers) {
  const names = new Map(registers.map(({ id, name }) => [id, name]))
  const selected =
    documents.find(({ id }) => id === chosen) ?? documents.find(({ status }) => status !== 'open') ?? documents[0]
  show('documents', [language(), documents, selected?.id], () => {
    const title = element('h2', {}, say('documents'))
    if (selected === undefined) return [title, element('p', { class: 'card soft' }, say('no_documents'))]
    const rows = documents.map((document) => {
      const choose = () => {
        chosen = document.id
        documentSection(documents, registers)
      }
      return element('li', {}, documentButton(document, names, document === selected, choose))
    })
    return [
      title,
      element('div', { class: 'papers' }, element('ul', { class: 'card rows' }, ...rows), paperOf(selected)),
    ]
  })
}

/**
 * @param {Overview['documents'][number]} document
 * @param {Map<string, string>} names
 * @param {boolean} isChosen
 * @param {() => void} choose
 */
function documentButton(document, names, isChosen, choose) {
  const { id, type, status, at, amount, currency, document_number: number } = document
  const where = document.register_id === null ? undefined : names.get(document.register_id)
  const state =
    status === 'open'
      ? badge('quiet', say('status_open'))
      : status === 'voided'
        ? badge('quiet', say('status_voided'))
        : fiscalBadge(document)
  const name = [
    sayOf('type', /** @type {Operation['type']} */ (type)),
    number === null ? undefined : `${say('number')} ${number}`,
  ]
  return element(
    'button',
    { type: 'button', 'aria-pressed': String(isChosen), 'data-focus': id, click: choose },
    element('span', {}, name.filter(Boolean).join(' ')),
    element('span', { class: 'amount' }, money(amount, currency)),
    element('span', { class: 'soft small' }, [moment(at), where].filter(Boolean).join(' · ')),
    state,
  )
}

/** Follows the signature: a receipt of an outage is recorded, too. @param {Overview['documents'][number]} document */
function fiscalBadge({ fiscal_state: fiscal, signed }) {
  if (signed === true) return badge('good', say('fiscal_signed'))
  return signed === false
    ? badge('bad', say('fiscal_failed'))
    : badge(FISCAL_TONES[fiscal] ?? 'quiet', sayOf('fiscal', fiscal))
}

/** @param {readonly Pick<Overview['sync'][number], 'target' | 'state'>[] | Overview['sync']} targets */
export function syncSection(targets) {
  const make = () => [
    element('h2', {}, say('sync')),
    element('ul', { class: 'grid' }, ...targets.map(targetCard)),
    element('p', { class: 'soft small' }, say('sync_note')),
  ]
  show('sync', [language(), targets], targets.length === 0 ? undefined : make)
}

/** @param {Partial<Overview['sync'][number]> & Pick<Overview['sync'][number], 'target' | 'state'>} target */
function targetCard({ target, state, unacked, oldest_unacked_seconds: oldest, last_error: error }) {
  return element(
    'li',
    { class: 'card target', 'data-state': state },
    cardTitle(target, TARGET_TONES[state], sayOf('target', state)),
    facts([
      [say('unacked'), unacked === undefined ? undefined : count(unacked)],
      [say('oldest'), oldest === undefined || oldest < 10 ? undefined : duration(oldest)],
    ]),
    error && element('p', { class: 'small' }, `${say('error')}: `, causeElement(error)),
  )
}

/** @param {{ code: string, message: string }} error */
function causeElement(error) {
  const { words, isOwn } = causeOf(error)
  return element('span', isOwn ? { class: 'soft' } : { class: 'soft', lang: 'en' }, words)
}
