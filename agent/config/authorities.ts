import { z } from 'zod'
import { DAY_MS } from '../../base/clock.ts'
import type { Problem } from '../../base/settings/law-settings.ts'
import type { Paths } from '../../base/settings/paths.ts'
import { strict } from '../../base/settings/strict.ts'
import { milliseconds, words } from '../../base/settings/values.ts'
import { isLoopback } from './loopback.ts'

/** The service, for production and trial. */
const FINANZONLINE_URL = 'https://finanzonline.bmf.gv.at'
const URL_TEXT = /^[^\s\p{C}]+$/u
const ACCOUNTS_MAX = 64

function bareUrl(text: string): URL | undefined {
  const url = URL_TEXT.test(text) ? URL.parse(text) : null
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    return undefined
  return url
}

function isServiceUrl(text: string): boolean {
  const url = bareUrl(text)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname))
}

function isProxyUrl(text: string): boolean {
  const url = bareUrl(text)
  return url?.protocol === 'http:' && url.pathname === '/'
}

const MAKER_ID = "10 to 24 letters and digits: the VAT id of the maker of the till's software, ask who sold it"

function finanzonline({ secret }: Paths) {
  const account = strict({
    merchant: words.optional(),
    participantFile: secret,
    userFile: secret,
    pinFile: secret,
  })
  const timing = strict({
    callMs: z.int().min(100).max(300_000).default(30_000),
    retryMinMs: milliseconds.default(60_000),
    retryMaxMs: milliseconds.default(3_600_000),
    askMs: milliseconds.default(60_000),
    visibleMs: milliseconds.default(900_000),
    checkAgainMs: z
      .int()
      .min(1)
      .max(7 * DAY_MS)
      .default(DAY_MS),
  })
  return strict({
    mode: z.enum(['T', 'P'], { error: '"T" for a trial or "P" for production' }),
    url: z
      .string()
      .max(2048)
      .refine(isServiceUrl, 'an https: URL without a user or a query; plain http: only to a loopback address')
      .default(FINANZONLINE_URL),
    /** In production: another host than FinanzOnline's. Each confirmation is recorded as that of the relay. */
    relay: z.boolean().default(false),
    makerVatId: z.string({ error: MAKER_ID }).regex(/^[0-9A-Za-z]{10,24}$/, MAKER_ID),
    accounts: z.array(account).min(1).max(ACCOUNTS_MAX),
    timing: timing.prefault({}),
  })
}

/** Offices that the agent reports to itself. Without the section each duty is done by a person. */
export function authoritySettings(paths: Paths) {
  const { secret, certificate } = paths
  const proxy = strict({
    url: z.string().max(2048).refine(isProxyUrl, 'an http: URL such as "http://proxy.shop.example:3128"'),
    credentialsFile: secret.optional(),
  })
  return strict({
    proxy: proxy.optional(),
    caFile: certificate.optional(),
    finanzonline: finanzonline(paths).optional(),
  }).optional()
}

type Checked = z.output<ReturnType<typeof authoritySettings>>

/** The host that answers for FinanzOnline in production, if it is not its own: it can confirm anything. */
export function relayOf({ mode, url }: Pick<NonNullable<NonNullable<Checked>['finanzonline']>, 'mode' | 'url'>) {
  const { hostname, host } = URL.parse(url) ?? {}
  return mode === 'P' && hostname !== URL.parse(FINANZONLINE_URL)?.hostname ? host : undefined
}

/** Errors that no single key shows. */
export function authorityContradictions(authorities: Checked): Problem[] {
  const settings = authorities?.finanzonline
  if (settings === undefined) return []
  const { accounts, timing } = settings
  const path = ['authorities', 'finanzonline']
  const names = accounts.map(({ merchant }) => merchant?.replaceAll(/\s/g, '').toUpperCase())
  return [
    ...(relayOf(settings) !== undefined && !settings.relay
      ? [{ path: [...path, 'url'], message: '"P" with another host than FinanzOnline: only with "relay": true' }]
      : []),
    ...names.flatMap((name, index) => {
      const at = [...path, 'accounts', index, 'merchant']
      if (name === undefined)
        return accounts.length > 1 ? [{ path: at, message: 'required, because there are several accounts' }] : []
      return names.indexOf(name) < index ? [{ path: at, message: 'named twice: a merchant has one account' }] : []
    }),
    ...(timing.retryMinMs > timing.retryMaxMs
      ? [{ path: [...path, 'timing', 'retryMinMs'], message: 'more than "retryMaxMs"' }]
      : []),
  ]
}
