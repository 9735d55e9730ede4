// Duties to authorities: what, until when, how far, the last answer, and what a person does.

import { TEXTS } from '/page/texts.js'
import { cardTitle, element, show } from './elements.js'
import { count, day, language, moment, say, sayOf } from './words.js'

/** @typedef {import('./agent.js').Overview} Overview */
/** @typedef {'due' | 'queued' | 'sent' | 'confirmed' | 'refused' | 'unclear'} State */
/** @typedef {'duty' | 'person' | 'credentials' | 'merchant' | 'certified_unit' | 'date'} Waits */
/** @typedef {{ at: string, rc: string[] | null, message: string | null, status: string | null, lost: import('./words.js').NameOf<'lost'> | null }} Answer */
/** @typedef {{ id: string, title: string, kind: string, about: string | null, due: string, authority: string, state: State, waits_for: Waits | null, is_automatic: boolean, answer: Answer | null }} Duty */
/** @typedef {{ duties: Duty[], more: number, done: number }} Authorities */
/** @typedef {'good' | 'care' | 'bad' | 'quiet'} Tone */

/** @type {Record<string, Tone>} */
const TONES = { due: 'care', queued: 'quiet', sent: 'quiet', confirmed: 'good', refused: 'bad', unclear: 'bad' }

/** Shown with and without a key. @param {readonly { code: string }[]} warnings @param {boolean} isCertified */
export function trialBand(warnings, isCertified) {
  const isAtAuthority = warnings.some(({ code }) => code === 'authority_test_mode')
  const notes = [
    ...(isCertified ? [] : [element('span', {}, say('trial_unit'))]),
    ...(isAtAuthority ? [element('span', {}, say('trial_note'))] : []),
  ]
  show(
    'trial',
    [language(), isCertified, isAtAuthority],
    notes.length === 0 ? undefined : () => [element('strong', {}, say('trial')), ...notes],
  )
}

/** @param {Overview['authorities']} given */
export function authoritySection(given) {
  if (given === undefined) {
    show('authorities', '', undefined)
    return
  }
  const { duties, more, done } = /** @type {Authorities} */ (given)
  const isEmpty = duties.length === 0 && done === 0
  const make = () => [
    element('h2', {}, say('authorities')),
    duties.length > 0 && element('ul', { class: 'grid' }, ...duties.map(dutyCard)),
    more > 0 && element('p', { class: 'soft small' }, say('more_duties', { n: count(more) })),
    done > 0 && element('p', { class: 'soft small' }, say('duties_done', { n: count(done) })),
  ]
  show('authorities', [language(), given], isEmpty ? undefined : () => make().filter((node) => node !== false))
}

/** @param {Duty} duty */
function dutyCard(duty) {
  const { id, due, authority, state, waits_for: waits, answer } = duty
  const remedy = remedyOf(duty)
  return element(
    'li',
    { class: 'card duty', 'data-state': state },
    cardTitle(nameOf(duty), toneOf(duty), stateOf(duty)),
    element('p', { class: 'soft small' }, `${authority} · ${say('due')} ${day(due)}`),
    waits !== null && state === 'due' && element('p', { class: 'small' }, sayOf('waits', waits)),
    answer &&
      element(
        'p',
        { class: 'small' },
        `${say('answer')} (${moment(answer.at)}): `,
        element('span', { class: 'soft' }, wordsOf(answer)),
      ),
    remedy !== undefined &&
      element('p', { class: 'small' }, `${remedy.words} `, element('code', {}, `${remedy.command} ${id}`)),
  )
}

/**
 * The name of a duty: in English its title, else the words of its kind and what it is about.
 * @param {{ title: string, kind: string, about: string | null }} duty
 */
export function nameOf({ title, kind, about }) {
  const chosen = language()
  const words = Object.entries(TEXTS.duties).find(([name]) => name === kind)?.[1]
  if (chosen === 'en' || words === undefined) return title
  return about === null ? words[chosen] : `${words[chosen]}: ${about}`
}

/** @param {Duty} duty @returns {Tone} */
function toneOf({ state, waits_for: waits, is_automatic: isAutomatic }) {
  const isForPerson = !isAutomatic || waits === 'person' || waits === 'credentials'
  return state === 'due' && !isForPerson ? 'quiet' : (TONES[state] ?? 'quiet')
}

/** @param {Duty} duty */
function stateOf({ state, is_automatic: isAutomatic }) {
  return state === 'due' && !isAutomatic ? say('duty_manual') : sayOf('duty', state)
}

/** @param {Duty} duty */
function remedyOf({ state, waits_for: waits, is_automatic: isAutomatic }) {
  const shown = { command: 'fiskal-edge duty show' }
  if (state === 'refused') return { words: say('do_refused'), command: 'fiskal-edge duty send' }
  if (state === 'unclear') return { words: say('do_unclear'), ...shown }
  if (state !== 'due') return undefined
  if (waits === 'person' || !isAutomatic) return { words: say('do_person'), ...shown }
  return undefined
}

/** The codes and words of the authority, or why none came. @param {Answer} answer */
function wordsOf({ rc, message, status, lost }) {
  if (lost !== null) return say('answer_none', { why: sayOf('lost', lost) })
  const code = rc === null || rc.length === 0 ? '' : `rc ${rc.join(', ')}`
  return [code, status, message].filter(Boolean).join(' · ')
}
