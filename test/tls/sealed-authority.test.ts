import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../agent/agent-config.ts'
import { checkTls } from '../../agent/cli/checks/tls.ts'
import { openSealedSecrets } from '../../agent/state/state-directory.ts'
import { TlsSource } from '../../agent/tls/material.ts'
import { ShopAuthority } from '../../agent/tls/shop-authority.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'

const NAMES = ['till.shop.test', '127.0.0.2']
const DAY = 86_400_000

function authorityOf(state: string, names: readonly string[] = NAMES): ShopAuthority {
  return new ShopAuthority(state, Date.now, names)
}

/** Files below the state directory that hold the private key of this certificate. */
function clearKeys(state: string, certificate: string): string[] {
  const entries = readdirSync(state, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.filter((entry) => isKeyOf(certificate, join(entry.parentPath, entry.name))).map(({ name }) => name)
}

function isKeyOf(certificate: string, file: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(readFileSync(file)))
  } catch {
    return false
  }
}

/** The state of an earlier version: the key of the authority next to its certificate, unencrypted. */
async function formerState(): Promise<{ state: string; cert: string }> {
  const state = await temporaryDirectory()
  const cert = authorityOf(state).certificate()
  const held = openSealedSecrets(state, (length) => randomBytes(length)).unseal('tls-authority') as { key: string }
  writeFileSync(join(state, 'tls', 'ca.key'), held.key, { mode: 0o600 })
  rmSync(join(state, 'sealed'), { recursive: true })
  expect(clearKeys(state, cert)).toEqual(['ca.key'])
  return { state, cert }
}

test('the key of the authority lies under seal.key alone', async () => {
  const state = await temporaryDirectory()
  const cert = authorityOf(state).certificate()
  authorityOf(state).server()
  expect(clearKeys(state, cert)).toEqual([])
  const sealed = join(state, 'sealed', 'tls-authority.sealed')
  expect(statSync(sealed).mode & 0o777).toBe(0o600)
  expect(readFileSync(sealed, 'latin1')).not.toContain('PRIVATE KEY')
})

test('a key in the clear is sealed by the next start and by each command, and signs on', async () => {
  const settings = { names: NAMES, clientCertificates: 'off' as const }
  const starts: ((state: string) => Promise<unknown>)[] = [
    async (stateDirectory) => {
      const parts = { settings, stateDirectory, clock: new ManualClock(Date.now()), log: silentLog }
      const source = new TlsSource({ ...parts, readSecret: async () => '' })
      await source.open(() => undefined)
      source.close()
    },
    async (state) => authorityOf(state).fingerprint(),
    async (state) => authorityOf(state).client('reg_1'),
    async (state) => authorityOf(state).renewServer(),
  ]
  for (const start of starts) {
    const { state, cert } = await formerState()
    await start(state)
    expect([clearKeys(state, cert), authorityOf(state).certificate()]).toEqual([[], cert])
    const { cert: issued } = authorityOf(state).client('reg_2')
    expect(new X509Certificate(issued).checkIssued(new X509Certificate(cert))).toBe(true)
  }
})

test('a kill between sealing and removing leaves both, and the next one removes the clear one', async () => {
  const { state, cert } = await formerState()
  const clear = readFileSync(join(state, 'tls', 'ca.key'))
  authorityOf(state).certificate()
  writeFileSync(join(state, 'tls', 'ca.key'), clear)
  expect(authorityOf(state).certificate()).toBe(cert)
  expect(clearKeys(state, cert)).toEqual([])
})

test('a kill between the sealed authority and its certificate is repaired from the sealed one', async () => {
  const state = await temporaryDirectory()
  const before = authorityOf(state).certificate()
  authorityOf(state).replace()
  const after = authorityOf(state).certificate()
  writeFileSync(join(state, 'tls', 'ca.crt'), before)
  expect(authorityOf(state).certificate()).toBe(after)
  expect(readFileSync(join(state, 'tls', 'ca.crt'), 'utf8')).toBe(after)
})

test('an authority whose key does not open serves its old certificates, signs nothing, and is replaced', async () => {
  const state = await temporaryDirectory()
  const served = authorityOf(state).server()
  writeFileSync(join(state, 'seal.key'), randomBytes(32))
  expect(authorityOf(state).server()).toEqual(served)
  expect(() => authorityOf(state).client('reg_1')).toThrow(expect.objectContaining({ code: 'key_lost' }))
  expect(() => authorityOf(state).fingerprint()).toThrow(expect.objectContaining({ code: 'key_lost' }))
  authorityOf(state).replace()
  expect(authorityOf(state).server().cert).not.toBe(served.cert)
  expect(authorityOf(state).client('reg_1').cert).toContain('CERTIFICATE')
})

test('a name that the authority does not permit is omitted and reported; the others are served', async () => {
  const state = await temporaryDirectory()
  authorityOf(state).server()
  const names = [...NAMES, 'other.test', '10.0.0.7']
  const more = authorityOf(state, names)
  expect(more.refusedNames()).toEqual(['other.test', '10.0.0.7'])
  const { subjectAltName = '' } = new X509Certificate(more.server().cert)
  expect(subjectAltName).toContain('DNS:till.shop.test')
  expect(subjectAltName).not.toMatch(/other\.test|10\.0\.0\.7/)
  const listen = { host: '127.0.0.2', port: 7070 }
  const config = parseConfig('agent.json', JSON.stringify({ version: 1, state, listen, devices: [], tls: { names } }))
  expect(checkTls(config, Date.now())).toContainEqual(
    expect.objectContaining({
      check: 'tls names',
      state: 'failure',
      message: expect.stringContaining('other.test, 10.0.0.7'),
      remedy: expect.stringContaining('tls init --new'),
    }),
  )
  more.replace()
  expect(new X509Certificate(more.server().cert).subjectAltName).toContain('DNS:other.test')
  expect(checkTls(config, Date.now()).map(({ check }) => check)).toEqual(['tls', 'tls authority'])
})

test('doctor warns of the end of the authority for a year, and fails in the last 30 days', async () => {
  const state = await temporaryDirectory()
  const endMs = new X509Certificate(authorityOf(state).certificate()).validToDate.getTime()
  authorityOf(state).server()
  const listen = { host: '127.0.0.2', port: 7070 }
  const tls = { names: NAMES }
  const config = parseConfig('agent.json', JSON.stringify({ version: 1, state, listen, devices: [], tls }))
  const told = (daysBefore: number) =>
    checkTls(config, endMs - daysBefore * DAY).find(({ check }) => check === 'tls authority')?.state
  expect([366, 364, 31, 29].map(told)).toEqual(['ok', 'warning', 'warning', 'failure'])
})

test('of two that come first to a state directory one makes seal.key, and both use it', async () => {
  const state = await temporaryDirectory()
  mkdirSync(join(state, 'sealed'))
  const [one, other] = [0x11, 0x22].map((byte) => openSealedSecrets(state, (length) => Buffer.alloc(length, byte)))
  one?.seal('a', 'kept')
  expect(other?.unseal('a')).toBe('kept')
  expect(existsSync(join(state, 'seal.key.tmp'))).toBe(false)
})
