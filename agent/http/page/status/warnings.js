// Warnings and their remedies in the language of the page; the agent sends the English texts.

import { TEXTS } from '/page/texts.js'
import { language } from './words.js'

/** @typedef {keyof typeof TEXTS.warnings} WarningCode */

/** @param {{ code: string, message: string, remedy: string, device?: string, target?: string, about?: string }} warning */
export function wordsOfWarning({ code, message, remedy, ...of }) {
  // A code that only the driver of a device knows has no text here.
  if (language() === 'en' || !Object.hasOwn(TEXTS.warnings, code)) return { message, remedy: completed(remedy, of) }
  const [ownMessage, ownRemedy] = TEXTS.warnings[/** @type {WarningCode} */ (code)][language()]
  return { message: ownMessage, remedy: completed(ownRemedy, of) }
}

/**
 * Puts the device, target or task of the warning into the commands, so that they can be copied.
 * @param {string} remedy
 * @param {{ device?: string, target?: string, about?: string }} of
 */
function completed(remedy, { device, target, about }) {
  return remedy
    .replaceAll(/(?<=fiskal-edge device [a-z-]+ )ID\b/g, (id) => device ?? id)
    .replaceAll(/(?<=fiskal-edge sync [a-z-]+ )TARGET\b/g, (id) => target ?? id)
    .replaceAll(/(?<=fiskal-edge task [a-z-]+ )ID\b/g, (id) => about ?? id)
}
