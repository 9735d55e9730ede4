import type { Channel } from '../../../alerts/message.ts'
import { remedyOf } from './target-remedies.ts'

type Kind = Channel['kind']

const AGAIN = 'the agent tries again automatically'
const NO_HOOK = 'the server has no such hook: correct "url"'
const ELSEWHERE = 'the server redirects: put the address that it names into "url"'
const REFUSED =
  'its operator must verify the signature with the secret in "secretFile"; a proxy or firewall on the way may also answer this'
const REFUSED_ADDRESS =
  'correct "from" and "to" of "alerts.mail"; many servers accept only the address of the login as "from"'
const UNREADABLE = 'save that file again, and let the agent read it'
const WRONG_SECURITY =
  'in "alerts.mail", use "security": "tls" with port 465, "starttls" with port 587, or as its operator says'

/** Causes with a fixed remedy. `ERR_SSL_…` and the codes of the network are those of a sync target too. */
const REMEDIES: Readonly<Record<string, string>> = {
  no_starttls: WRONG_SECURITY,
  no_greeting: `${WRONG_SECURITY}; if both are right, a firewall holds the connection`,
  helo_refused: 'set "heloName" of "alerts.mail" to the public name of this line, or use port 587 with a login',
  recipient_refused: 'correct that address in "to" of "alerts.mail"; the other recipients have the message',
  recipient_later: `the server defers new senders (greylisting) or is busy: ${AGAIN}, for that recipient alone`,
  smtp_421: `the server is busy: ${AGAIN}`,
  smtp_450: `the server defers new senders (greylisting) or is busy: ${AGAIN}`,
  smtp_451: `the server defers new senders (greylisting) or is busy: ${AGAIN}`,
  smtp_452: `the server has no space: ${AGAIN}`,
  smtp_530: 'the server requires a login: add "user" and "passwordFile" to "alerts.mail"',
  smtp_534: 'many providers require an app password: put one into the "passwordFile" of "alerts.mail"',
  smtp_535: 'correct "user" or the "passwordFile" of "alerts.mail"; many providers require an app password',
  smtp_550: REFUSED_ADDRESS,
  smtp_551: REFUSED_ADDRESS,
  smtp_553: REFUSED_ADDRESS,
  smtp_554: REFUSED_ADDRESS,
  http_301: ELSEWHERE,
  http_302: ELSEWHERE,
  http_303: ELSEWHERE,
  http_307: ELSEWHERE,
  http_308: ELSEWHERE,
  http_401: REFUSED,
  http_403: REFUSED,
  http_404: NO_HOOK,
  http_405: NO_HOOK,
  http_410: NO_HOOK,
  http_407: 'a proxy on the way answers: let this machine reach that host directly',
  http_429: `the server asks to wait: ${AGAIN}`,
  ca_file_invalid: 'put the certificate of the authority (PEM) into the "caFile" of that channel',
  secret_invalid: 'save that file again: the secret alone, on its first line',
  secret_unreadable: UNREADABLE,
  ENOENT: UNREADABLE,
  EACCES: UNREADABLE,
  no_answer: 'a program that is not a webhook may listen there: is "url" right?',
  timeout: 'check the network and the address; many providers block port 25',
}
const ENTRY: Readonly<Record<Kind, string>> = { mail: '"alerts.mail"', webhook: '"url"' }
const PLAIN: Readonly<Record<Kind, string>> = {
  mail: WRONG_SECURITY,
  webhook: 'the server uses no TLS there: correct "url"',
}

/** The remedy for the failure of a channel. */
export function channelRemedy(kind: Kind, id: string, code: string | undefined): string {
  const known = code !== undefined && Object.hasOwn(REMEDIES, code) ? REMEDIES[code] : undefined
  const remedy =
    code === 'no_tls'
      ? PLAIN[kind]
      : (known ?? remedyOf(generalCode(code), ENTRY[kind], 'the "caFile" of that channel'))
  return `${remedy ?? 'correct the entry of that channel'}; then fiskal-edge alert test ${id}`
}

/** OpenSSL has many names for a handshake that fails. */
function generalCode(code: string | undefined): string | undefined {
  return code?.startsWith('ERR_SSL_') === true ? 'EPROTO' : code
}
