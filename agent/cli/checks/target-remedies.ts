const UNKNOWN_AUTHORITY =
  'its certificate is of an authority that this machine does not know: name it in the target\'s "tls": { "caFile": … }'
const ENDED = "its certificate is not valid today: is this machine's clock right? Then whoever runs it must renew it"
const PROXY = 'a proxy answers, and the receiver behind it does not: whoever runs it must look'
const NO_RECEIVER =
  'what answers there is no receiver: a network that wants a login first, or another service? Is {address} right?'
const FULL_DISK = 'the disk is full: make room on it, or put a larger one in its place; what it has it keeps'
const CONTRADICTION = 'it answers what cannot be, and nothing is taken for stored: whoever runs it must look'
const NO_NAME = 'nobody knows that name: correct it in {address}, or look at the name service'
const DENIED =
  'a token of this agent into the "tokenFile": whoever runs the receiver makes one (fiskal-edge receiver token agent AGENT_ID)'

/**
 * Causes that say by themselves what fixes them; of others the whole way to the target has to be looked at. `{address}`
 * stands for the member that holds the address.
 */
const REMEDIES: Readonly<Record<string, string>> = {
  ...{ CERT_HAS_EXPIRED: ENDED, CERT_NOT_YET_VALID: ENDED },
  ...{ UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY, UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY },
  ...{ SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY, DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY },
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is made for another name: call it by that in {address}, or have whoever runs it make one for this name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'it requires a client certificate: name one in the target\'s "tls": { "certFile": …, "keyFile": … }',
  EPROTO: 'what is there speaks no TLS of 1.2 or 1.3: are host and port in {address} right?',
  ECONNREFUSED: 'nothing listens there: are host and port in {address} right, and does the receiver run?',
  ...{ ENOTFOUND: NO_NAME, EAI_AGAIN: NO_NAME },
  ...{ unauthenticated: DENIED, forbidden: DENIED, 'http-401': DENIED, 'http-403': DENIED },
  'wrong-tenant':
    'this agent belongs to another tenant of the receiver: whoever runs it must move it (fiskal-edge receiver agent move AGENT_ID)',
  ...{ 'no-json': NO_RECEIVER, 'no-answer': NO_RECEIVER, 'answer-too-large': NO_RECEIVER },
  ...{ 'http-301': NO_RECEIVER, 'http-302': NO_RECEIVER, 'http-307': NO_RECEIVER, 'http-308': NO_RECEIVER },
  ...{ 'wrong-head': CONTRADICTION, 'wrong-ack': CONTRADICTION, 'late-ack': CONTRADICTION, 'wrong-gap': CONTRADICTION },
  'wrong-fork': CONTRADICTION,
  ...{ 'no-head': CONTRADICTION, 'unexpected-answer': CONTRADICTION, 'precondition-failed': CONTRADICTION },
  'unknown-chain': CONTRADICTION,
  ...{ 'http-502': PROXY, 'http-504': PROXY },
  'http-404': 'what is there is no receiver: is {address} right, with the path of a proxy?',
  ca_file_invalid: 'put the certificate of the authority that the target is of into that file (PEM)',
  'spki-mismatch':
    'was its key exchanged, "spkiSha256" must be the new one; did whoever runs it exchange none, somebody stands in between',
  'receiver-rewind':
    'it gets them again by itself; does it forget again and again, whoever runs it must look at its disk and database',
  busy: 'it is up and asks to wait; if that lasts, its log tells whoever runs it why',
  'nats-denied':
    'the server refuses this agent: is "credsFile" that of its user, and may that one publish there and read the stream?',
  'stream-missing': 'the server has no such stream: are "stream" and "shards" right? Else whoever runs it must make it',
  'stream-leaderless': 'too few of its servers are up, or see each other: whoever runs them must look',
  'message-missing':
    'the stream has lost messages: whoever runs the server must look, bring them back from a backup, and forbid to delete any (deny_delete, deny_purge)',
  'stream-full': 'the stream takes no more: whoever runs the server must give it room',
  'stream-unsafe':
    'whoever runs the server must make the stream one that forgets nothing: in files, no age, no discarding',
  'no-jetstream': 'the server has no JetStream for this agent: whoever runs it must switch it on',
  ...{ ENOSPC: FULL_DISK, EDQUOT: FULL_DISK },
  EROFS: 'the disk takes no writing: look at its switch, or how it is mounted',
  EIO: 'the disk fails: put another one in its place, which then gets everything',
  'internal-error': 'it fails: its log tells whoever runs it why',
}

/**
 * What fixes a cause that a target of the replay tells; undefined for one that does not say it by itself. `address` is
 * the member of the configuration where that kind of target has its own.
 */
export function remedyOf(code: string | undefined, address = '"url"'): string | undefined {
  return code !== undefined && Object.hasOwn(REMEDIES, code)
    ? REMEDIES[code]?.replaceAll('{address}', address)
    : undefined
}
