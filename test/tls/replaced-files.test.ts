import { renameSync, utimesSync, watch, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { TlsMaterial } from '../../agent/tls/material.ts'
import { TlsSource } from '../../agent/tls/material.ts'
import { ShopAuthority } from '../../agent/tls/shop-authority.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'
import type { Issued } from '../sync/servers/certificates.ts'
import { Authority } from '../sync/servers/certificates.ts'
import { once } from '../waits.ts'

const MINUTE = 60_000
const LOOKED_EVERY_MS = 100
let authority: Authority
beforeAll(() => {
  authority = new Authority()
})
afterAll(() => authority.remove())

type Source = {
  readonly renewed: readonly TlsMaterial[]
  readonly clock: ManualClock
  readonly reads: () => number
  /** Advances the clock until something new is served; returns how long that took on it. */
  readonly untilRenewed: () => Promise<number>
}

async function opened(settings: { certFile?: string; keyFile?: string; names: string[] }, state = ''): Promise<Source> {
  const [clock, renewed] = [new ManualClock(), [] as TlsMaterial[]]
  let reads = 0
  const readSecret = (path: string): Promise<string> => {
    reads += 1
    return readFile(path, 'utf8')
  }
  const of = { ...settings, clientCertificates: 'off' as const }
  const source = new TlsSource({ settings: of, stateDirectory: state, readSecret, clock, log: silentLog })
  onTestFinished(() => source.close())
  await source.open((material) => renewed.push(material))
  const untilRenewed = async (): Promise<number> => {
    let passedMs = 0
    await expect
      .poll(async () => {
        await clock.advance(LOOKED_EVERY_MS)
        passedMs += LOOKED_EVERY_MS
        return renewed.length
      })
      .toBeGreaterThan(0)
    return passedMs
  }
  return { renewed, clock, reads: () => reads, untilRenewed }
}

async function pair(): Promise<{ files: { certFile: string; keyFile: string; names: string[] }; next: Issued }> {
  const folder = await temporaryDirectory()
  const files = { certFile: join(folder, 'till.crt'), keyFile: join(folder, 'till.key'), names: [] }
  const [first, next] = [authority.issue('IP:127.0.0.1'), authority.issue('IP:127.0.0.1')]
  writeFileSync(files.certFile, first.cert)
  writeFileSync(files.keyFile, first.key)
  return { files, next }
}

function replace(file: string, content: string): void {
  writeFileSync(`${file}.next`, content)
  renameSync(`${file}.next`, file)
}

test('a certificate and its key that replace others are served long before the minute is over', async () => {
  const { files, next } = await pair()
  const { renewed, untilRenewed } = await opened(files)
  replace(files.certFile, next.cert)
  replace(files.keyFile, next.key)
  expect(await untilRenewed()).toBeLessThan(MINUTE / 2)
  expect(renewed).toEqual([{ cert: next.cert, key: next.key }])
})

test('a file that is only touched is not read again, so that asking for another copy never loops', async () => {
  const { files } = await pair()
  const { clock, reads } = await opened(files)
  const before = reads()
  const watcher = watch(files.certFile)
  const touched = once(watcher, 'change')
  utimesSync(files.certFile, 1, 1)
  await touched
  watcher.close()
  await turn()
  await clock.advance(MINUTE - 1)
  expect(reads()).toBe(before)
  await clock.advance(1)
  expect(reads()).toBeGreaterThan(before)
})

test('a certificate that a command renews is served long before the minute is over', async () => {
  const state = await temporaryDirectory()
  const { clock, renewed, untilRenewed } = await opened({ names: ['till.shop.test'] }, state)
  const made = new ShopAuthority(state, () => clock.now(), ['till.shop.test']).renewServer()
  expect(await untilRenewed()).toBeLessThan(MINUTE / 2)
  expect(renewed).toEqual([made])
})
