import { z } from 'zod'
import type { Paths } from '../../base/settings/paths.ts'
import { pathsFrom } from '../../base/settings/paths.ts'
import { nearest, strict } from '../../base/settings/strict.ts'
import { deviceId as id, vatKind, words } from '../../base/settings/values.ts'
import type { CardSettings } from '../../drivers/card-catalog.ts'
import type { PrinterSettings } from '../../drivers/printer-catalog.ts'
import type { TseSettings } from '../../drivers/tse-catalog.ts'
import { hasSocketAddress } from './admin-socket.ts'
import { backupSettings } from './backup.ts'
import { contradictions } from './contradictions.ts'
import type { LawKeys } from './law-settings.ts'
import { isLoopback } from './loopback.ts'
import { isPrivateFolder } from './state-path.ts'
import { rateSettings, tlsSettings } from './tls.ts'

const hostText = z.string().min(1).max(253)
const host = hostText.regex(/^[^\s/@\p{Cc}]+$/u, 'a name or an address such as "192.168.1.20"')
/** As in a Host header. */
const hostName = hostText.regex(/^[^\s/@]+$/, 'a name with its port such as "till.shop.example:7070"')
/** The origin of a page: scheme, host and port, without the default port of the scheme. */
const origin = z.string().max(300).refine(isOrigin, 'an origin as a browser sends it, such as "https://till.example"')
const port = z.int().min(1).max(65535)
const milliseconds = z.int().min(1).max(3_600_000)

/** Pages of an app have their own scheme, for which URL returns no origin. */
function isOrigin(text: string): boolean {
  if (/^https?:/.test(text)) return URL.canParse(text) && new URL(text).origin === text
  return /^[a-z][a-z\d+.-]*:\/\/[a-z\d.-]+(?::\d{1,5})?$/.test(text)
}

const usbId = z.string().regex(/^0x[0-9a-f]{1,4}$/i, 'a hexadecimal id such as "0x1a86"')
const usb = strict({ vendorId: usbId, productId: usbId, serialNumber: words.optional() })

/** A serial line by its path, or by the identity of its USB adapter. */
function serial(file: z.ZodType<string>, baudRate: number) {
  return strict({
    path: file.optional(),
    usb: usb.optional(),
    baudRate: z.int().min(300).max(4_000_000).default(baudRate),
  }).refine((line) => (line.path === undefined) !== (line.usb === undefined), 'give either "path" or "usb"')
}

function tseDevices({ file, secret, certificate, library }: Paths) {
  const timeouts = (replyMs: number) =>
    strict({ replyMs: milliseconds.default(replyMs), longMs: milliseconds.default(120_000) }).prefault({})
  const pins = { adminPinFile: secret.optional(), timeAdminPinFile: secret.optional() }
  const tcp = strict({ host, port })
  return [
    strict({
      id,
      driver: z.literal('tse-simulator'),
      curve: z.enum(['P-256', 'P-384', 'brainpoolP256r1', 'brainpoolP384r1']).default('P-256'),
      latencyMs: z.int().min(0).max(60_000).default(0),
    }),
    strict({
      id,
      driver: z.literal('tse-pkcs11'),
      module: library,
      token: words,
      pinFile: secret,
      key: words.optional(),
      curve: z.enum(['P-256', 'P-384', 'brainpoolP384r1']).default('P-256'),
      certFile: certificate.optional(),
      timeouts: timeouts(5000),
    }),
    strict({
      id,
      driver: z.literal('tse-cryptovision'),
      path: file,
      ...pins,
      adminPukFile: secret.optional(),
      timeAdminPukFile: secret.optional(),
      timeouts: timeouts(5000),
    }),
    strict({
      id,
      driver: z.literal('tse-diebold'),
      serial: serial(file, 115_200).optional(),
      tcp: tcp.optional(),
      slot: z.int().min(1).max(10).default(1),
      ...pins,
      timeouts: timeouts(1500),
    }).refine(
      (device) => (device.serial === undefined) !== (device.tcp === undefined),
      'give either "serial" or "tcp"',
    ),
    strict({
      id,
      driver: z.literal('tse-epson'),
      tcp,
      deviceId: words.default('local_TSE'),
      pukFile: secret.optional(),
      ...pins,
      secretFile: secret.optional(),
      timeouts: timeouts(5000),
    }),
    strict({
      id,
      driver: z.literal('tse-swissbit'),
      path: file,
      library,
      ...pins,
      pukFile: secret.optional(),
      timeouts: timeouts(5000),
    }),
  ] as const satisfies readonly z.ZodType<TseSettings>[]
}

function cardDevices({ secret, certificate, library }: Paths) {
  return [
    strict({ id, driver: z.literal('card-simulator') }),
    strict({
      id,
      driver: z.literal('card-pkcs11'),
      module: library,
      token: words,
      pinFile: secret,
      key: words.optional(),
      vda: z
        .string()
        // AT0, a closed system, names company and key instead of a certificate: not supported.
        .regex(/^AT[1-9]\d{0,2}$/, 'the number of a trust provider, "AT1" to "AT999"')
        .default('AT1'),
      certFile: certificate.optional(),
    }),
  ] as const satisfies readonly z.ZodType<CardSettings>[]
}

/** VAT rate or natura code → department of the printer (RT protocol manuals: departments are programmed by the installer). */
const DEPARTMENTS = { '0.22': 1, '0.10': 2, '0.05': 3, '0.04': 4, N1: 5, N2: 6, N3: 7, N4: 8, N5: 9, N6: 10 }

function printerDevices(file: z.ZodType<string>) {
  const departments = z.record(vatKind, z.int().min(1).max(99)).default(DEPARTMENTS)
  const answered = {
    replyMs: milliseconds.default(5000),
    printMs: milliseconds.default(30_000),
    longMs: milliseconds.default(180_000),
  }
  const acknowledged = { ackMs: milliseconds.default(1000), ...answered }
  // Each driver accepts only the timeouts that it uses; any other one would have no effect.
  const rch = { departments, timeouts: strict({ ...acknowledged, gapMs: milliseconds.default(10_000) }).prefault({}) }
  const custom = { departments, timeouts: strict(acknowledged).prefault({}) }
  const epson = { departments, timeouts: strict(answered).prefault({}) }
  const tcp = strict({ host, port: port.default(23) }).optional()
  const oneLine = (device: { serial?: unknown; tcp?: unknown; usb?: unknown }): boolean =>
    [device.serial, device.tcp, device.usb].filter((line) => line !== undefined).length === 1
  const give = 'give one of "serial", "tcp" and "usb"'
  return [
    strict({
      id,
      driver: z.literal('rt-rch'),
      serial: serial(file, 9600).optional(),
      tcp,
      usb: usb.optional(),
      ...rch,
      profile: rchProfile.optional(),
    }).refine(oneLine, give),
    strict({
      id,
      driver: z.literal('rt-custom'),
      serial: serial(file, 19_200).optional(),
      tcp,
      usb: usb.optional(),
      ...custom,
      profile: customProfile.optional(),
    }).refine(oneLine, give),
    strict({ id, driver: z.literal('rt-epson'), http: strict({ host, port: port.default(80) }), ...epson }),
    strict({ id, driver: z.literal('rt-simulator'), latencyMs: z.int().min(0).max(60_000).default(0), ...rch }),
  ] as const satisfies readonly z.ZodType<PrinterSettings>[]
}

/** Fits `#REF ` and twelve characters, which identify a document whose reply was lost; lengths have two digits. */
const textMax = z.int().min(17).max(99).optional()
const count = z.int().min(0).max(99)
const pause = milliseconds.optional()

/** Settings that differ by model and firmware, or are published nowhere; the drivers have the defaults. */
const rchProfile = strict({
  address: z.enum(['00', '01']).optional(),
  protocol: z.enum(['N', 'z', 'V']).optional(),
  nakQuietMs: pause,
  busyPauseMs: pause,
  busyMs: pause,
  pollMs: pause,
  paperWaitMs: pause,
  repeats: count.optional(),
  textMax,
  nonFiscalTextMax: textMax,
  tenders: count.optional(),
  changeTenders: z.array(count).max(99).optional(),
})
const customProfile = strict({
  nackQuietMs: pause,
  busyPauseMs: pause,
  busyMs: pause,
  pollMs: pause,
  textMax,
  tenders: z.record(z.string().regex(/^[1-9]\d?$/), z.string().regex(/^\d\d$/)).optional(),
})

function device(paths: Paths) {
  const kinds = [...tseDevices(paths), ...cardDevices(paths), ...printerDevices(paths.file)] as const
  const drivers = kinds.map(({ shape }) => shape.driver.value)
  return z.discriminatedUnion('driver', kinds, { error: oneOf('driver', drivers) })
}

/** The message for a discriminated union: the permitted values of its member, or the nearest one. */
function oneOf(name: string, known: readonly string[]) {
  return (issue: { code?: string; input?: unknown }): string | undefined => {
    if (issue.code !== 'invalid_union') return undefined
    const word = memberOf(issue.input, name)
    if (typeof word !== 'string') return `one of ${known.join(', ')} is required`
    return `unknown ${name}, the nearest known one is "${nearest(word, known)}"`
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

function syncTarget({ file, secret, certificate }: Paths) {
  const url = z.string().refine(isSyncUrl, 'an https: URL; plain http: only to a loopback address')
  const tls = { caFile: certificate.optional(), certFile: certificate.optional(), keyFile: secret.optional() }
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
      credsFile: secret.optional(),
      tls: strict(tls).optional(),
    }),
    strict({ id, kind: z.literal('file'), path: file }),
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
    tax_precision: z.enum(['as_sent', 'strict']).default('as_sent'),
    deadlineMs: z.int().min(100).max(120_000).default(10_000),
    // How long acts wait for a device that stopped responding; at most half of the deadline counts.
    blipMs: z.int().min(0).max(60_000).default(2000),
    devices: z.array(device(paths)).max(64),
    sync: strict({ targets: z.array(syncTarget(paths)).max(16).default([]) }).prefault({}),
    ...(ofLaws as object),
    backup: backupSettings(paths),
    log: strict({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  }).check((context) => {
    for (const problem of contradictions(context.value, keys))
      context.issues.push({ code: 'custom', input: undefined, ...problem })
  })
}
