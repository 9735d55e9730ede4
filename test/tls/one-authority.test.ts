// @module-tag heavy
import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { acquireLock } from '../../agent/journal/disk/lock.ts'
import { ShopAuthority } from '../../agent/tls/shop-authority.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { once } from '../waits.ts'

const CALLER = join(import.meta.dirname, 'authority-caller.ts')

/** Another process that looks at the authority. */
async function looking(state: string, ...more: readonly string[]): Promise<{ told: Promise<string> }> {
  const caller = spawn(process.execPath, [CALLER, state, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  caller.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(caller.stdout, 'data')
  return { told: once(caller, 'close').then(() => said.replace('begins\n', '')) }
}

test('who looks while the authority is being replaced waits for the new one, and makes no third', async () => {
  const state = await temporaryDirectory()
  const [folder, other] = [join(state, 'tls'), await temporaryDirectory()]
  new ShopAuthority(state, Date.now, ['till.shop.test']).certificate()
  new ShopAuthority(other, Date.now, ['till.shop.test']).certificate()
  const lock = acquireLock(folder)
  const copy = (name: string) => writeFileSync(join(state, name), readFileSync(join(other, name)))
  copy('seal.key')
  copy('sealed/tls-authority.sealed')
  const { told } = await looking(state)
  await pause(300)
  copy('tls/ca.crt')
  lock.release()
  const { fingerprint256 } = new X509Certificate(readFileSync(join(other, 'tls', 'ca.crt')))
  expect(await told).toBe(fingerprint256)
})

test('the first process in an empty folder makes the authority, and the others take that', async () => {
  const state = await temporaryDirectory()
  const callers = await Promise.all([looking(state), looking(state), looking(state)])
  const told = new Set(await Promise.all(callers.map((caller) => caller.told)))
  expect([...told]).toEqual([new ShopAuthority(state, Date.now, ['till.shop.test']).fingerprint()])
})

test('two who issue to one register at once both do', async () => {
  const state = await temporaryDirectory()
  const callers = await Promise.all([looking(state, 'reg_1'), looking(state, 'reg_1')])
  const told = await Promise.all(callers.map((caller) => caller.told))
  const fingerprint = new ShopAuthority(state, Date.now, ['till.shop.test']).fingerprint()
  expect(told).toEqual([fingerprint, fingerprint])
})
