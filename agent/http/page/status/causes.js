// Why a target, a channel or an authority gives no answer, in the language of the page: the agent sends a code.

import { language, sayOf } from './words.js'

/** @typedef {import('./words.js').NameOf<'cause'>} Cause */

/** Codes of targets and channels. The words of all others stay in English. */
/** @type {Readonly<Record<string, Cause>>} */
const CAUSES = {
  ...{ ENOTFOUND: 'name', EAI_AGAIN: 'name', name_server_silent: 'name' },
  ...{ ECONNREFUSED: 'refused', EHOSTUNREACH: 'network', ENETUNREACH: 'network' },
  ...{ ECONNRESET: 'broken', EPIPE: 'broken', no_answer: 'broken' },
  ...{ ETIMEDOUT: 'time', ESOCKET: 'network', timeout: 'time', time_out: 'time', connect_time_out: 'time' },
  ...{ CERT_HAS_EXPIRED: 'certificate', CERT_NOT_YET_VALID: 'certificate', DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate' },
  ...{ UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate', UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate' },
  ...{ SELF_SIGNED_CERT_IN_CHAIN: 'certificate', ERR_TLS_CERT_ALTNAME_INVALID: 'certificate' },
  ...{ unauthenticated: 'token', forbidden: 'token', http_401: 'token', http_403: 'token', nats_denied: 'token' },
  ...{ no_json: 'service', answer_too_large: 'service', http_404: 'service', EPROTO: 'service' },
  ...{ ENOSPC: 'disk', EDQUOT: 'disk', EROFS: 'disk', EIO: 'disk' },
  ...{ busy: 'busy', internal_error: 'busy', http_502: 'busy', http_503: 'busy', http_504: 'busy' },
}

/**
 * The words, and whether they are in the language of the page.
 * @param {{ code?: string, message: string }} error
 * @returns {{ words: string, isOwn: boolean }}
 */
export function causeOf({ code = '', message }) {
  const cause = CAUSES[code]
  if (language() === 'en' || cause === undefined) return { words: message, isOwn: false }
  return { words: `${sayOf('cause', cause)} (${code})`, isOwn: true }
}
