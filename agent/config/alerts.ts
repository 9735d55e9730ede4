import { z } from 'zod'
import { PUBLIC_NAME } from '../../alerts/helo-name.ts'
import { RULE_NAMES } from '../../alerts/rules.ts'
import type { Problem } from '../../base/settings/law-settings.ts'
import type { Paths } from '../../base/settings/paths.ts'
import { nearest, strict } from '../../base/settings/strict.ts'
import { deviceId as channelId, host, port, words } from '../../base/settings/values.ts'
import { isLoopback } from './loopback.ts'

/** The names by which a webhook asks for messages. */
const EVENTS = [
  'alert.*',
  'alert.raised',
  'alert.resolved',
  'alert.flapping',
  'alert.digest',
  'agent.alive',
  'duty.changed',
] as const
const LANGUAGES = ['de', 'en', 'it'] as const
const SECURITIES = ['tls', 'starttls', 'none'] as const
/** Neither spaces nor what is not seen: control characters, marks of the writing direction. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\\p{C}]{1,64}@[^\s@<>,;:"()[\]\\\p{C}]{1,255}$/u
const URL_TEXT = /^[^\s\p{C}]+$/u
const CHANNELS_MAX = 16
const MAIL = 'mail'

/** One of these words; the message names the nearest one. */
function oneOf<const Words extends readonly [string, ...string[]]>(list: Words) {
  return z.enum(list, {
    error: ({ input }) =>
      typeof input === 'string'
        ? `unknown, the nearest known one is "${nearest(input, list)}"`
        : `one of ${list.join(', ')}`,
  })
}

export const mailAddress = z
  .string()
  .max(320)
  .regex(ADDRESS, 'one mail address such as "owner@shop.example", without a name')
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of the day such as "07:00"')

function isHookUrl(text: string): boolean {
  // A line break in it would be dropped without a word.
  const url = URL_TEXT.test(text) ? URL.parse(text) : null
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

/** The webhooks, for every kind of message. */
export function webhookSettings({ secret, certificate }: Paths) {
  const webhook = strict({
    id: channelId,
    url: z
      .string()
      .max(2048)
      .refine(
        isHookUrl,
        'an https: URL without a user, a password or a fragment; plain http: only to a loopback address',
      ),
    secretFile: secret,
    caFile: certificate.optional(),
    events: z.array(oneOf(EVENTS)).min(1).max(EVENTS.length).optional(),
  })
  return z.array(webhook).max(CHANNELS_MAX).default([])
}

const rule = strict({
  afterSeconds: z.int().min(0).max(2_592_000).optional(),
  channels: z
    .array(channelId)
    .min(1, 'at least one channel; false instead of the object switches the rule off')
    .max(CHANNELS_MAX)
    .optional(),
})
const ruleSetting = z.union([z.literal(false), rule], { error: ruleError })

/** The words for a rule that is neither false nor an object; those of a wrong member name it. */
function ruleError(issue: { code?: string; input?: unknown }): string | undefined {
  if (typeof issue.input === 'object' && issue.input !== null) return undefined
  return 'false, or an object with "afterSeconds" or "channels"'
}

export function alertSettings({ secret, certificate }: Paths) {
  const mail = strict({
    host,
    port,
    security: oneOf(SECURITIES),
    user: words.regex(/^\P{Cc}*$/u, 'a name on one line').optional(),
    passwordFile: secret.optional(),
    caFile: certificate.optional(),
    heloName: z.string().max(253).regex(PUBLIC_NAME, 'a name in the public DNS such as "till.shop.example"').optional(),
    from: mailAddress,
    to: z.array(mailAddress).min(1).max(16),
  })
  const digest = z.union([z.literal(false), time, strict({ at: time, always: z.boolean().default(false) })], {
    error: () => 'false, a time of the day such as "07:00", or an object with "at" and "always"',
  })
  return strict({
    mail: mail.optional(),
    quietHours: strict({ from: time, to: time }).optional(),
    digest: digest.default('07:00'),
    language: oneOf(LANGUAGES).default('en'),
    rules: strict(Object.fromEntries(RULE_NAMES.map((name) => [name, ruleSetting.optional()])) as RuleShape).prefault(
      {},
    ),
  }).prefault({})
}

type RuleShape = Record<(typeof RULE_NAMES)[number], z.ZodOptional<typeof ruleSetting>>

type Checked = {
  webhooks: readonly { id: string }[]
  alerts: {
    mail?: { host: string; security: string; user?: string | undefined; passwordFile?: string | undefined } | undefined
    rules: Readonly<Record<string, false | { channels?: readonly string[] | undefined } | undefined>>
  }
}

/** Errors that no single key shows. */
export function alertContradictions({ webhooks, alerts: { mail, rules } }: Checked): Problem[] {
  const channels = [...(mail === undefined ? [] : [MAIL]), ...webhooks.map(({ id }) => id)]
  const isTaken = (id: string, index: number): boolean =>
    id === MAIL || webhooks.findIndex((other) => other.id === id) < index
  const twice = webhooks.flatMap(({ id }, index) =>
    isTaken(id, index) ? [{ path: ['webhooks', index, 'id'], message: 'used twice' }] : [],
  )
  const unknown = Object.entries(rules).flatMap(([name, setting]) =>
    (setting === undefined || setting === false ? [] : (setting.channels ?? [])).flatMap((id, index) =>
      channels.includes(id)
        ? []
        : [{ path: ['alerts', 'rules', name, 'channels', index], message: unknownChannel(id, channels) }],
    ),
  )
  return [...twice, ...unknown, ...(mail === undefined ? [] : mailProblems(mail))]
}

function unknownChannel(id: string, channels: readonly string[]): string {
  return channels.length === 0
    ? 'no channel is configured'
    : `unknown channel, the nearest known one is "${nearest(id, channels)}"`
}

function mailProblems(mail: NonNullable<Checked['alerts']['mail']>): Problem[] {
  const { security, user, passwordFile } = mail
  const path = ['alerts', 'mail']
  const open = { path: [...path, 'security'], message: '"none" is for a loopback address: use "starttls" or "tls"' }
  return [
    ...(security === 'none' && !isLoopback(mail.host) ? [open] : []),
    ...(user !== undefined && passwordFile === undefined
      ? [{ path: [...path, 'passwordFile'], message: 'required, because "user" is given' }]
      : []),
    ...(user === undefined && passwordFile !== undefined
      ? [{ path: [...path, 'user'], message: 'required, because "passwordFile" is given' }]
      : []),
  ]
}
