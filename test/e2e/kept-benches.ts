import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Exchange, KeptShop } from '../../scripts/releases/kept-shop.ts'
import { isClaimed, lastEventMs } from '../../scripts/releases/kept-shop.ts'
import { packFiles } from '../../scripts/releases/packed.ts'

/** Set while a release is made: the folder in which each bench that closes leaves its shop. */
const FOLDER = process.env['KEEP_BENCHES']

type Sent = { method: string; headers: Readonly<Record<string, string | undefined>>; body: unknown }

/** By the address of the agent: a port is used again. */
const exchanges = new Map<string, Exchange[]>()

export function keepExchange(url: string, sent: Sent, { status, text }: { status: number; text: string }): void {
  const { method, body } = sent
  const headers = Object.fromEntries(
    Object.entries(sent.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name.toLowerCase(), value]])),
  )
  if (FOLDER === undefined || !isClaimed(method, headers['idempotency-key'], status)) return
  const { origin, pathname, search } = new URL(url)
  const before = exchanges.get(origin) ?? []
  exchanges.set(origin, before)
  const written = typeof body === 'string' ? body : JSON.stringify(body ?? '')
  before.push({ method, path: pathname + search, headers, body: written, status, answer: text })
}

/** `directory` has the state of an agent that is stopped. */
export function keepBench(
  directory: string,
  config: Readonly<Record<string, unknown>>,
  urls: readonly string[],
  platformKey: string,
): void {
  if (FOLDER === undefined) return
  const kept = urls.flatMap((url) => exchanges.get(new URL(url).origin) ?? [])
  for (const url of urls) exchanges.delete(new URL(url).origin)
  const state = join(directory, 'state')
  if (kept.length === 0 || !existsSync(join(state, 'journal.db'))) return
  const { testPath = '', currentTestName = '' } = expect.getState()
  const shop: KeptShop = {
    name: `${testPath.replace(/^.*\/test\//, 'test/')}: ${currentTestName}`,
    config: Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'listen')),
    files: packFiles(directory),
    platformKey,
    exchanges: kept,
    endedMs: lastEventMs(state),
  }
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, `${randomUUID()}.json`), JSON.stringify(shop))
}
