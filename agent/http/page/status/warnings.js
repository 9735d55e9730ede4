// Warnings and their remedies in the language of the page; the agent sends the English texts.

import { TEXTS } from '/page/texts.js'
import { nameOf } from './authorities.js'
import { causeOf } from './causes.js'
import { language } from './words.js'

/** @typedef {keyof typeof TEXTS.warnings} WarningCode */

/** @param {{ code: string, message: string, remedy: string, device?: string, target?: string, about?: string }} warning */
export function wordsOfWarning({ code, message, remedy, ...of }) {
  // A code that only the driver of a device knows has no text here.
  if (language() === 'en' || !Object.keys(TEXTS.warnings).includes(code))
    return { message, remedy: completed(remedy, of) }
  const [ownMessage, ownRemedy] = TEXTS.warnings[/** @type {WarningCode} */ (code)][language()]
  return { message: ownMessage, remedy: completed(ownRemedy, of) }
}

/** The targets and duties that warnings are about. */
/** @typedef {{ sync: import('./agent.js').Overview['sync'], duties: readonly import('./upkeep.js').Task[] }} Subjects */

/**
 * The detail of a warning, in the language of the page if it is the cause of a target or names a duty. The words of a
 * device stay as they are.
 * @param {{ detail: string, target?: string, about?: string }} warning
 * @param {Subjects} subjects
 */
export function detailOf({ detail, target, about }, { sync, duties }) {
  const error = sync.find((row) => row.target === target)?.last_error
  if (error?.message === detail) return causeOf(error)
  const duty = duties.find(({ id, title }) => id === about && detail.startsWith(title))
  if (duty === undefined) return { words: detail, isOwn: false }
  return { words: nameOf(duty) + detail.slice(duty.title.length), isOwn: language() !== 'en' }
}

/**
 * Puts the device, target or duty of the warning into the commands, so that they can be copied.
 * @param {string} remedy
 * @param {{ device?: string, target?: string, about?: string }} of
 */
function completed(remedy, { device, target, about }) {
  // Without a lookbehind, which is a syntax error in Safari before 16.4.
  return remedy
    .replaceAll(/(fiskal-edge device [a-z-]+ )ID\b/g, (whole, command) =>
      device === undefined ? whole : command + device,
    )
    .replaceAll(/(fiskal-edge sync [a-z-]+ )TARGET\b/g, (whole, command) =>
      target === undefined ? whole : command + target,
    )
    .replaceAll(/(fiskal-edge duty [a-z-]+ )ID\b/g, (whole, command) => (about === undefined ? whole : command + about))
}
