const UNKNOWN_AUTHORITY = 'its certificate is of an authority that this machine does not know: name it in {authority}'
const TARGET_AUTHORITY = 'the target\'s "tls": { "caFile": … }'
const ENDED = "its certificate is not valid today: is this machine's clock right? Then its operator must renew it"
const PROXY = 'a proxy answers, and its receiver does not: its operator must check it'
const NO_RECEIVER =
  'a program that is not a receiver answers there: a network that wants a login first, or another service? Is {address} right?'
const FULL_DISK = 'the disk is full: free space on it, or replace it with a larger one; stored events are kept'
const CONTRADICTION = 'its answer is impossible, and nothing counts as stored: its operator must check it'
const NO_NAME = 'host name not found: correct it in {address}, or check DNS'
const NO_NAME_SERVER =
  'the name server does not answer: is the line to the internet up, and are the servers in /etc/resolv.conf right?'
const FIREWALL =
  'a proxy or a firewall on the way answers, not the receiver: let this machine reach {address} directly, or log in to that network'
const DENIED =
  'put a token of this agent into the "tokenFile": the operator of the receiver creates one (fiskal-edge receiver token agent AGENT_ID)'

/**
 * Causes with a fixed remedy; for all others the path to the target is examined. `{address}` and `{authority}` are
 * replaced by the members with these.
 */
const REMEDIES: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: ENDED,
  CERT_NOT_YET_VALID: ENDED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another name: use that name in {address}, or have its operator make one for this name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'it requires a client certificate: name one in the target\'s "tls": { "certFile": …, "keyFile": … }',
  EPROTO: 'the server does not support TLS 1.2 or 1.3: are host and port in {address} right?',
  ECONNREFUSED: 'nothing listens there: are host and port in {address} right, and does the receiver run?',
  ENOTFOUND: NO_NAME,
  name_server_silent: NO_NAME_SERVER,
  unauthenticated: DENIED,
  forbidden: DENIED,
  http_401: DENIED,
  http_403: DENIED,
  proxy_refused: FIREWALL,
  wrong_tenant:
    'this agent belongs to another tenant of the receiver: its operator must move it (fiskal-edge receiver agent move AGENT_ID)',
  no_json: NO_RECEIVER,
  no_answer: NO_RECEIVER,
  answer_too_large: NO_RECEIVER,
  http_301: NO_RECEIVER,
  http_302: NO_RECEIVER,
  http_307: NO_RECEIVER,
  http_308: NO_RECEIVER,
  wrong_head: CONTRADICTION,
  wrong_ack: CONTRADICTION,
  late_ack: CONTRADICTION,
  wrong_gap: CONTRADICTION,
  wrong_fork: CONTRADICTION,
  no_head: CONTRADICTION,
  unexpected_answer: CONTRADICTION,
  precondition_failed: CONTRADICTION,
  unknown_chain: CONTRADICTION,
  http_502: PROXY,
  http_504: PROXY,
  http_404: 'the server is not a receiver: is {address} right, with the path of a proxy?',
  secret_invalid: 'save that file again, the token alone on its first line',
  ca_file_invalid: 'put the certificate of the authority that the target is of into that file (PEM)',
  spki_mismatch:
    'if its operator replaced the key, put the new one into "spkiSha256"; if not, another machine intercepts the connection',
  receiver_rewind:
    'the agent sends them again automatically; if it loses them repeatedly, its operator must check its disk and database',
  busy: 'it is up and asks to wait; if that lasts, its log shows its operator why',
  nats_denied:
    'the server refuses this agent: is "credsFile" that of its user, and may that one publish there and read the stream?',
  stream_missing: 'the server has no such stream: are "stream" and "shards" right? Else its operator must create it',
  stream_leaderless: 'too few of its servers are up, or reach each other: their operator must check them',
  message_missing:
    'the stream has lost messages: the operator of the server must restore them from a backup and forbid deleting any (deny_delete, deny_purge)',
  stream_full: 'the stream is full: the operator of the server must give it more space',
  stream_unsafe: 'the operator of the server must make the stream keep everything: in files, no age, no discarding',
  no_jetstream: 'the server has no JetStream for this agent: its operator must enable it',
  ENOSPC: FULL_DISK,
  EDQUOT: FULL_DISK,
  EROFS: 'the disk takes no writing: look at its switch, or how it is mounted',
  EIO: 'the disk fails: replace it; the new one then gets everything',
  internal_error: 'it fails: its log shows its operator why',
}

/**
 * The remedy for a cause that a sync target reports; undefined for a code without one. `address` and `authority`: the
 * members of the configuration with the address and the own authority of that kind of target.
 */
export function remedyOf(
  code: string | undefined,
  address = '"url"',
  authority = TARGET_AUTHORITY,
): string | undefined {
  if (code === undefined || !Object.hasOwn(REMEDIES, code)) return undefined
  return REMEDIES[code]?.replaceAll('{address}', address).replaceAll('{authority}', authority)
}
