// @module-tag heavy
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readConfig, secretFiles } from '../../agent/agent-config.ts'
import type { Members } from '../e2e/client.ts'
import { fiskalEdge, ownConfig } from './command.ts'

/** Keys of agent.json whose text a bundle shows. */
const SHOWN = new Set(
  `address allowedOrigins at bsiId clientCertificates code curve defaultOperator description deviceId driver evidence folder
  from giftCardDepartment host id items key kind kindCode language library makerVatId merchant mode module names path productId
  protocol rate receiptText security serialNumber show state stream taxPrecision taxonomyVersion tenant tipDepartment to token
  user vda vendorId void allowedHosts spkiSha256 servers events heloName channels level mail name telephone`.split(
    /\s+/,
  ),
)
/** Keys with a secret in their text: all of it, or a part of the address. */
const DRAWN = new Set(['seed', 'url'])

/** The names of all keys with a text, at any depth of the schema. */
function textKeys(schema: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(schema)) for (const each of schema) textKeys(each, found)
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return found
  const { properties = {}, ...rest } = schema as { properties?: Readonly<Record<string, unknown>> }
  for (const [name, value] of Object.entries(properties)) {
    const { type, items } = value as { type?: unknown; items?: { type?: unknown } }
    if (type === 'string' || items?.type === 'string') found.add(name)
    textKeys(value, found)
  }
  for (const value of Object.values(rest)) textKeys(value, found)
  return found
}

test('each key of agent.json with a text is one that a bundle shows, the name of a file, or a secret', () => {
  const schema: unknown = JSON.parse(readFileSync(new URL('../public/config-schema.txt', import.meta.url), 'utf8'))
  const others = [...textKeys(schema)].filter((key) => !key.endsWith('File') && !SHOWN.has(key) && !DRAWN.has(key))
  expect(others).toEqual([])
})

test('a bundle has no secret of agent.json, in its configuration, its log and all other parts', async () => {
  const drawn = new Map<string, string>()
  const draw = (name: string): string => {
    const secret = randomBytes(9).toString('hex')
    drawn.set(name, secret)
    return secret
  }
  const file = (name: string): string => {
    files.push([name, draw(name)])
    return name
  }
  const files: [name: string, secret: string][] = []
  const swissbit = { id: 'tse-1', driver: 'tse-swissbit', path: '/nowhere', library: '/nowhere.so', seed: draw('seed') }
  const pins = { adminPinFile: file('admin'), timeAdminPinFile: file('time'), pukFile: file('puk') }
  const devices: Members[] = [
    { ...swissbit, ...pins },
    { id: 'card-1', driver: 'card-pkcs11', module: '/nowhere.so', token: 'edge', pinFile: file('card') },
  ]
  const target = {
    id: 'cloud',
    kind: 'https',
    url: `http://127.0.0.1:9/?key=${draw('query')}`,
    tokenFile: file('token'),
  }
  const config = ownConfig(devices, {
    backup: { passphraseFile: file('passphrase') },
    sync: { targets: [target] },
    webhooks: [{ id: 'chat', url: `https://chat.example/${draw('path')}`, secretFile: file('webhook') }],
  })
  const folder = dirname(config)
  for (const [name, secret] of files) writeFileSync(join(folder, name), `${secret}\n`, { mode: 0o600 })
  expect(secretFiles(readConfig(config).config).size).toBe(files.length)
  const log = join(folder, 'agent.log')
  writeFileSync(log, [...drawn].map(([name, secret]) => `the ${name} is ${secret}\n`).join(''))
  const bundle = join(folder, 'bundle.tar.gz')
  const { code, err } = await fiskalEdge('support', 'bundle', bundle, '--log', log, '--config', config)
  expect([code, err]).toEqual([0, ''])
  const text = gunzipSync(readFileSync(bundle)).toString('latin1')
  expect(text).toContain('the seed is [secret]')
  for (const [name, secret] of drawn) expect(text.includes(secret), name).toBe(false)
})
