import { z } from 'zod'
import type { LawKeys } from '../../base/settings/law-settings.ts'
import type { Paths } from '../../base/settings/paths.ts'
import { pathsFrom } from '../../base/settings/paths.ts'
import { nearest, strict } from '../../base/settings/strict.ts'
import { host, hostText, deviceId as id, words } from '../../base/settings/values.ts'
import { ALL_FAMILIES } from '../../drivers/catalog.ts'
import { hasSocketAddress } from './admin-socket.ts'
import { alertSettings, webhookSettings } from './alerts.ts'
import { authoritySettings } from './authorities.ts'
import { backupSettings } from './backup.ts'
import { contradictions } from './contradictions.ts'
import { digitalReceiptSettings } from './digital-receipt.ts'
import { isLoopback } from './loopback.ts'
import { isPrivateFolder } from './state-path.ts'
import { supportSettings } from './support.ts'
import { rateSettings, tlsSettings } from './tls.ts'

/** As in a Host header. */
const hostName = hostText.regex(/^[^\s/@]+$/, 'a name with its port such as "till.shop.example:7070"')
const NO_WILDCARD =
  'a wildcard matches no page, because origins are compared as a whole: list each page as a browser sends it, such as "https://till.example"'
/** The origin of a page: scheme, host and port, without the default port of the scheme. */
const origin = z
  .string()
  .max(300)
  .refine(isOrigin, {
    error: ({ input }) =>
      String(input).includes('*') ? NO_WILDCARD : 'an origin as a browser sends it, such as "https://till.example"',
  })

/** Pages of an app have their own scheme, for which URL returns no origin. */
function isOrigin(text: string): boolean {
  if (text.includes('*')) return false
  if (/^https?:/.test(text)) return URL.canParse(text) && new URL(text).origin === text
  return /^[a-z][a-z\d+.-]*:\/\/[a-z\d.-]+(?::\d{1,5})?$/.test(text)
}

function device(paths: Paths) {
  const [first, ...others] = ALL_FAMILIES.map(({ settings }) => settings(paths))
  const kinds = [first as NonNullable<typeof first>, ...others] as const
  const drivers = ALL_FAMILIES.map(({ driver }) => driver)
  return z.discriminatedUnion('driver', kinds, { error: oneOf('driver', drivers) })
}

/** The message for a discriminated union: the permitted values of its member, or the nearest one. */
function oneOf(name: string, names: readonly string[]) {
  return (issue: { code?: string; input?: unknown }): string | undefined => {
    if (issue.code !== 'invalid_union') return undefined
    const word = memberOf(issue.input, name)
    if (typeof word !== 'string') return `one of ${names.join(', ')} is required`
    return `unknown ${name}, the nearest known one is "${nearest(word, names)}"`
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

/** A NATS server: no data crosses a network unencrypted. */
export const natsServer = words.refine(
  isNatsServer,
  'tls://host:port, without a user ("credsFile"); plain only to a loopback address',
)
/** Part of the name of a NATS stream or subject. */
const subjectToken = z.string().regex(/^[\w-]{1,100}$/, 'letters, digits, _ and -, at most 100')

function isNatsServer(text: string): boolean {
  return /^(tls:\/\/[^\s@/?#]+\/?|(nats:\/\/)?(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?)$/.test(text)
}

/** SHA-256 of a public key, as in a pin (RFC 7469 §2.4). */
const SPKI = /^[A-Za-z0-9+/]{43}=$/

function syncTarget({ file, secret, pem, certificate }: Paths) {
  const url = z.string().refine(isSyncUrl, 'an https: URL; plain http: only to a loopback address')
  const tls = { caFile: certificate.optional(), certFile: certificate.optional(), keyFile: pem.optional() }
  const kinds = [
    strict({
      id,
      kind: z.literal('https'),
      url,
      tokenFile: secret,
      tls: strict({ ...tls, spkiSha256: z.string().regex(SPKI, 'base64 of 32 bytes').optional() }).optional(),
    }),
    strict({
      id,
      kind: z.literal('nats'),
      servers: z.array(natsServer).min(1).max(16),
      stream: subjectToken,
      tenant: subjectToken.default('shop'),
      shards: z.int().min(1).max(100).default(1),
      credsFile: pem.optional(),
      tls: strict(tls).optional(),
    }),
    strict({ id, kind: z.literal('file'), folder: file }),
  ] as const
  return z.discriminatedUnion('kind', kinds, {
    error: oneOf(
      'kind',
      kinds.map(({ shape }) => shape.kind.value),
    ),
  })
}

function isSyncUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

/**
 * The whole of agent.json, with the keys of the laws. Every key but `version`, `state`, `listen` and `devices` has a default; paths come out
 * absolute, relative ones resolved against `directory`.
 */
export function configSchema(directory: string, keys: LawKeys) {
  const paths = pathsFrom(directory)
  const ofLaws = Object.fromEntries(Object.entries(keys).map(([key, { schema }]) => [key, schema(paths)]))
  const { file } = paths
  return strict({
    version: z.literal(1),
    state: file
      .refine(hasSocketAddress, 'path too long: with the name of the agent socket it has more than 107 bytes')
      .refine(isPrivateFolder, 'other users need that folder, and the agent would lock them out: name a subfolder'),
    listen: strict({ host: host.default('localhost'), port: z.int().min(0).max(65535).default(7070) }),
    tls: tlsSettings(paths).optional(),
    rate: rateSettings.optional(),
    allowedHosts: z.array(hostName).max(64).default([]),
    allowedOrigins: z.array(origin).max(64).default([]),
    taxPrecision: z.enum(['as_sent', 'strict']).default('as_sent'),
    deadlineMs: z.int().min(100).max(120_000).default(10_000),
    // How long acts wait for a device that stopped responding; at most half of the deadline counts.
    deviceGraceMs: z.int().min(0).max(60_000).default(2000),
    devices: z.array(device(paths)).max(64),
    sync: strict({ targets: z.array(syncTarget(paths)).max(16).default([]) }).prefault({}),
    ...(ofLaws as object),
    authorities: authoritySettings(paths),
    webhooks: webhookSettings(paths),
    alerts: alertSettings(paths),
    support: supportSettings.optional(),
    backup: backupSettings(paths),
    digitalReceipt: digitalReceiptSettings.optional(),
    log: strict({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  }).check((context) => {
    for (const problem of contradictions(context.value, keys))
      context.issues.push({ code: 'custom', input: undefined, ...problem })
  })
}
