// The page at `/`: the current state of the agent, updated after each change.

import { listen, overview, Refused, readiness, storedKey, storeKey } from './agent.js'
import { authoritySection, trialBand } from './authorities.js'
import { element, show, unturned } from './elements.js'
import { grouped } from './groups.js'
import {
  deviceSection,
  deviceStates,
  documentSection,
  hero,
  registerSection,
  SUPPORT,
  supportWords,
  syncSection,
  warningSection,
  wayOf,
} from './sections.js'
import { dutiesOf, upkeepSection } from './upkeep.js'
import { choose, count, LANGUAGE_NAMES, LANGUAGES, language, moment, say, sayOf } from './words.js'

/** @typedef {import('./agent.js').Overview} Overview */
/** @typedef {import('./agent.js').Readiness} Readiness */

/** Changes of the same moment are shown together. */
const GATHER_MS = 150
/** Lags, ages and free disk space change without an event. */
const LOOK_AGAIN_MS = 5_000
const LOOK_FOR_IT_MS = 2_000

/** The last answers: with a key (`full`) or without one (`open`). */
/** @type {{ full?: Overview, open?: Readiness, at?: Date, isGone: boolean, keyRefused: boolean }} */
const known = { isGone: false, keyRefused: false }
/** @type {(() => void) | undefined} */
let stopListening
/** @type {ReturnType<typeof setTimeout> | undefined} */
let nextLook
let isLooking = false
let mustLookAgain = false

function lookIn(/** @type {number} */ delayMs) {
  clearTimeout(nextLook)
  nextLook = setTimeout(() => void look(), delayMs)
}

/** One request at a time; a change during it causes another one. */
async function look() {
  if (isLooking) {
    mustLookAgain = true
    return
  }
  isLooking = true
  mustLookAgain = false
  try {
    await read()
    if (known.at === undefined) performance.mark('first-data')
    known.at = new Date()
    known.isGone = false
  } catch (error) {
    if (error instanceof Refused) refused(error)
    else known.isGone = true
  }
  isLooking = false
  render()
  const calm = known.isGone ? LOOK_FOR_IT_MS : LOOK_AGAIN_MS
  // A hidden page requests nothing until it is shown.
  if (mustLookAgain || !document.hidden) lookIn(mustLookAgain ? GATHER_MS : calm)
}

async function read() {
  const key = storedKey()
  if (key === null) {
    known.open = await readiness()
    return
  }
  const full = await overview(key)
  // The key may have been forgotten during the request: then nothing is shown.
  if (storedKey() === key) known.full = full
}

/** Forgets a revoked key; other refusals are retried. */
function refused(/** @type {Refused} */ { status }) {
  if (status === 401) {
    forget()
    known.keyRefused = true
  } else if (status !== 429) known.isGone = status >= 502
}

function begin() {
  stopListening?.()
  stopListening = undefined
  if (storedKey() !== null) {
    stopListening = listen({
      onChange: () => {
        if (!document.hidden) lookIn(GATHER_MS)
      },
      onLive: () => lookIn(0),
      onGone: () => lookIn(0),
    })
  }
  lookIn(0)
}

function forget() {
  storeKey(undefined)
  delete known.full
  begin()
}

function render() {
  document.body.classList.toggle('stale', known.isGone)
  renderTop()
  renderHero()
  const { full, open } = known
  const warnings = full?.warnings ?? open?.warnings ?? []
  trialBand(warnings, isCertified())
  warningSection(warnings, { sync: full?.sync ?? [], duties: dutiesOf(full) })
  renderKey()
  if (full !== undefined) {
    registerSection(full.registers, full.more_registers)
    deviceSection(full.devices)
    documentSection(full.documents, full.registers)
    syncSection(full.sync)
    authoritySection(full.authorities)
    upkeepSection(full)
  } else {
    for (const id of ['registers', 'documents', 'authorities', 'upkeep']) show(id, '', undefined)
    deviceStates(open?.devices ?? [])
    syncSection((open?.sync ?? []).map(({ target, state }) => ({ target, state: /** @type {'current'} */ (state) })))
  }
  renderFoot()
}

function isCertified() {
  return (known.full ?? known.open)?.certified !== false
}

function renderTop() {
  const shop = document.getElementById('shop')
  const merchants = [...new Set(known.full?.registers.map(({ merchant }) => merchant) ?? [])]
  if (shop !== null) shop.textContent = merchants.length === 0 ? 'fiskal-edge' : unturned(merchants.join(', '))
  const live = document.getElementById('live')
  if (live !== null) {
    live.dataset['state'] = known.isGone ? 'gone' : known.at === undefined ? 'connecting' : 'live'
    live.title = known.isGone ? say('gone') : say('live')
  }
  show('languages', language(), () =>
    LANGUAGES.map((name) =>
      element(
        'button',
        {
          type: 'button',
          lang: name,
          title: LANGUAGE_NAMES[name],
          'aria-label': `${name.toUpperCase()}, ${LANGUAGE_NAMES[name]}`,
          'aria-pressed': String(name === language()),
          'data-focus': `language-${name}`,
          click: () => {
            choose(name)
            render()
          },
        },
        name.toUpperCase(),
      ),
    ),
  )
  document.getElementById('languages')?.setAttribute('aria-label', say('language'))
}

function renderHero() {
  const { full, open, at, isGone } = known
  if (isGone) {
    const seen = at === undefined ? '' : ` ${say('last_seen')}: ${moment(at.toISOString())}.`
    hero('bad', say('gone'), say('gone_remedy') + seen)
  } else if (full !== undefined) heroOf(full)
  else if (open !== undefined) heroOfEveryone(open)
  else hero('quiet', say('connecting'), '')
}

function heroOf(/** @type {Overview} */ overview) {
  const { selling, reason, registers } = overview
  const isCalm = inUse(registers).every((register) => register.selling === 'yes' && register.reconciling === 0)
  const tone = selling === 'no' ? 'bad' : selling === 'outage' || !isCalm ? 'care' : goodTone()
  const isQuiet = reason === 'starting' || reason === 'no_register'
  hero(isQuiet ? 'quiet' : tone, sayOf('selling', wayOf(overview)), moreOf(overview))
}

/** Without those that no one has fiscalized yet: a shop sells while one of its tills is installed. */
function inUse(/** @type {Overview['registers']} */ registers) {
  return registers.filter(({ reason }) => reason !== 'not_fiscalized')
}

function moreOf(/** @type {Overview} */ { selling, reason, registers, warnings }) {
  if (reason === 'device_down' && selling === 'outage')
    return `${say('reason_device_down_outage')}${unsignedOf(registers)}`
  if (reason !== null) return sayOf('reason', reason)
  const reconciling = registers.reduce((sum, register) => sum + register.reconciling, 0)
  if (reconciling > 0) return say('reconciling_more', { n: reconciling })
  if (inUse(registers).some((register) => register.selling !== selling)) return say('some_cannot')
  return warnings.length === 0 ? well() : warningCount(grouped(warnings).length)
}

/** The band says the rest. */
function well() {
  return isCertified() ? say('all_well') : ''
}

/** @returns {import('./sections.js').Tone} */
function goodTone() {
  return isCertified() ? 'good' : 'care'
}

/** How many receipts no device signed, and since when. */
function unsignedOf(/** @type {Overview['registers']} */ registers) {
  const all = registers.flatMap(({ unsigned }) => unsigned ?? [])
  const n = all.reduce((sum, { count }) => sum + count, 0)
  const [first] = all.map(({ since }) => since).sort()
  if (first === undefined) return ''
  const t = moment(first)
  return ` ${n === 1 ? say('unsigned_one', { t }) : say('unsigned', { n: count(n), t })}`
}

function heroOfEveryone(/** @type {Readiness} */ { state, warnings = [] }) {
  const more = warnings.length === 0 ? well() : warningCount(grouped(warnings).length)
  if (state === 'ready') hero(goodTone(), say('ready'), more)
  else if (state === 'degraded') hero('care', say('degraded'), more)
  else hero(state === 'starting' ? 'quiet' : 'bad', say('selling_no'), sayOf('reason', state))
}

function warningCount(/** @type {number} */ n) {
  return n === 1 ? say('warning_one') : say('warning_count', { n: count(n) })
}

function renderKey() {
  if (storedKey() !== null || known.isGone) {
    show('key', '', undefined)
    return
  }
  show('key', [language(), known.keyRefused], () => {
    const input = element('input', {
      id: 'key-input',
      type: 'password',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      required: true,
      maxlength: '200',
      'aria-describedby': 'key-note',
      'data-focus': 'key-input',
    })
    return [
      element(
        'div',
        { class: 'card' },
        element('h2', {}, say('key_title')),
        element('p', {}, `${say('key_text')} `, element('code', {}, 'fiskal-edge key create reader --qr')),
        element(
          'form',
          { submit: (event) => void tryKey(event, /** @type {HTMLInputElement} */ (input)) },
          element('label', { for: 'key-input', class: 'soft' }, say('key_label')),
          input,
          element('button', { class: 'main', type: 'submit' }, say('key_button')),
        ),
        element(
          'p',
          { id: 'key-note', class: 'soft small', role: 'status' },
          known.keyRefused ? say('key_wrong') : say('key_note'),
        ),
      ),
    ]
  })
}

/** Stores a key after the agent accepted it. */
async function tryKey(/** @type {Event} */ event, /** @type {HTMLInputElement} */ input) {
  event.preventDefault()
  const key = input.value.trim()
  try {
    known.full = await overview(key)
    known.keyRefused = false
    storeKey(key)
    begin()
  } catch (error) {
    if (error instanceof Refused) refused(error)
    else known.isGone = true
  }
  render()
}

function renderFoot() {
  const { full } = known
  show('foot', [language(), full?.version, full?.started_at, full?.head_seq, storedKey() !== null], () => [
    ...(full === undefined
      ? []
      : [
          element('span', {}, `${say('version')} ${full.version}`),
          element('span', {}, `${say('running_since')} ${moment(full.started_at)}`),
          element('span', {}, `${count(full.head_seq)} ${say('events')}`),
        ]),
    ...(SUPPORT === '' ? [] : [element('span', {}, supportWords())]),
    element('a', { href: '/docs' }, say('reference')),
    ...(storedKey() === null
      ? []
      : [
          element(
            'button',
            {
              type: 'button',
              'data-focus': 'forget',
              click: () => {
                forget()
                render()
              },
            },
            say('key_forget'),
          ),
        ]),
  ])
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) lookIn(0)
})
render()
begin()
