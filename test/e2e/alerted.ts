import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../base/clock.ts'
import { HookServer } from '../alerts/hook-server.ts'
import { headerOf, SmtpServer } from '../alerts/smtp-server.ts'
import { Bench } from './bench.ts'
import type { Members } from './client.ts'
import { FastClock } from './fast-clock.ts'

export const KEY = Buffer.from('0123456789abcdef0123456789abcdef')
export const SECRET = `whsec_${KEY.toString('base64')}`
const SPEED = 5

export type Alerted = { bench: Bench; hook: HookServer; smtp: SmtpServer }
type Options = {
  /** Members of `alerts`. */
  readonly alerts?: Members
  readonly units?: readonly string[]
  /** Members of the configuration. */
  readonly config?: Members
  readonly clock?: Clock
  /** The test edits the journal itself. */
  readonly edits?: boolean
}

/** An agent with both channels; devices are reported at once. */
export async function alerted({
  alerts = {},
  units = ['tse-1'],
  config = {},
  clock = new FastClock(SPEED),
  edits = false,
}: Options = {}): Promise<Alerted> {
  const folder = mkdtempSync(join(tmpdir(), 'alert-secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const secretFile = join(folder, 'office.secret')
  writeFileSync(secretFile, SECRET, { mode: 0o600 })
  const [hook, smtp] = [await HookServer.open(), await SmtpServer.open({ isPlain: true })]
  onTestFinished(async () => {
    await hook[Symbol.asyncDispose]()
    await smtp[Symbol.asyncDispose]()
  })
  const addresses = { from: 'till@shop.example', to: ['owner@shop.example'] }
  const bench = await Bench.open({
    clock,
    edits,
    config: {
      devices: units.map((id) => ({ id, driver: 'tse-simulator' })),
      webhooks: [{ id: 'office', url: hook.url, secretFile }],
      alerts: {
        mail: { host: '127.0.0.1', port: smtp.port, security: 'none', ...addresses },
        digest: false,
        language: 'de',
        rules: { devices: { afterSeconds: 0 } },
        ...alerts,
      },
      ...config,
    },
  })
  return { bench, hook, smtp }
}

/** Type and device of each call. */
export function types(hook: HookServer): string[] {
  return hook.calls.map(({ body }) => {
    const { type, data } = JSON.parse(body) as { type: string; data: { subject?: { device?: string } } }
    return `${type} ${data.subject?.device ?? ''}`
  })
}

/** The decoded subject line of a mail. */
export function subject(data: string): string {
  const words = (headerOf(data, 'Subject') ?? '').split(/\s+/)
  return words
    .map((word) => {
      const [, encoding, text = ''] = /^=\?UTF-8\?([BQ])\?(.*)\?=$/i.exec(word) ?? []
      if (encoding === undefined) return `${word} `
      if (encoding.toUpperCase() === 'B') return Buffer.from(text, 'base64').toString()
      const bytes = text
        .replaceAll('_', ' ')
        .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      return Buffer.from(bytes, 'latin1').toString()
    })
    .join('')
    .trim()
}

/** The events of alerts, with type and channel of a delivery. */
export function alertEvents(bench: Bench): string[] {
  return bench
    .journal()
    .filter(({ kind }) => kind.startsWith('alert.'))
    .map(({ kind, body }) => {
      const { type, channel } = (JSON.parse(body) as { facts: { type?: string; channel?: string } }).facts
      return [kind, type, channel].filter(Boolean).join(' ')
    })
}
