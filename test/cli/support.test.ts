import { mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { stateListing } from '../../agent/cli/support/parts.ts'
import { GERMAN_MERCHANT } from '../e2e/bench.ts'
import { Client } from '../e2e/client.ts'
import { heavy } from '../tags.ts'
import { fiskalEdge, ownConfig, runDaemon } from './command.ts'

test('a support bundle reports the faults and holds no secret, no key and nothing of a customer', heavy(), async () => {
  const canaries = {
    pin: 'canary-pin-7731',
    passphrase: 'canary-passphrase-8842',
    token: 'frt_canarytoken9953',
    customer: 'Canary Customer & Sons',
    log: 'canary-pin-7731 was typed',
  }
  const config = ownConfig(
    [
      { id: 'tse-1', driver: 'tse-simulator' },
      { id: 'card-1', driver: 'card-pkcs11', module: '/nowhere.so', token: 'edge', pinFile: 'card.pin' },
    ],
    {
      backup: { passphraseFile: 'passphrase' },
      sync: {
        targets: [{ id: 'cloud', kind: 'https', url: 'http://127.0.0.1:9/?key=canary-query', tokenFile: 'token' }],
      },
    },
  )
  const folder = dirname(config)
  for (const [file, text] of [
    ['card.pin', canaries.pin],
    ['passphrase', canaries.passphrase],
    ['token', canaries.token],
    ['agent.log', canaries.log],
  ] as const)
    writeFileSync(join(folder, file), `${text}\n`, { mode: 0o600 })
  const daemon = await runDaemon(config)
  const { out } = await fiskalEdge('key', 'create', 'platform', '--json', '--config', config)
  const { key } = JSON.parse(out) as { key: string }
  const office = new Client(() => daemon.url, { Authorization: `Bearer ${key}` })
  await office.post('/v1/merchants', { ...GERMAN_MERCHANT, legal_name: canaries.customer })
  const file = join(folder, 'bundle.tar.gz')
  const ran = await fiskalEdge('support', 'bundle', file, '--log', join(folder, 'agent.log'), '--config', config)
  daemon.child.kill('SIGTERM')
  await daemon.ended
  expect([ran.code, ran.err]).toEqual([0, ''])
  expect(statSync(file).mode & 0o777).toBe(0o600)
  const text = gunzipSync(readFileSync(file)).toString('latin1')
  for (const canary of [...Object.values(canaries), 'canary-query', key]) expect(text).not.toContain(canary)
  for (const part of ['doctor.json', 'config.json', 'journal.json', 'devices.json', 'status.json', 'state.json'])
    expect(text).toContain(`fiskal-edge-support/${part}`)
  expect(text).toContain('merchant.created')
  expect(text).toContain('[secret] was typed')
  expect(text).toContain('/nowhere.so')
})

test('a bundle is made of a broken configuration and an empty state too', heavy(), async () => {
  const config = ownConfig()
  const file = join(dirname(config), 'bundle.tar.gz')
  expect((await fiskalEdge('support', 'bundle', file, '--config', config)).code).toBe(0)
  writeFileSync(config, '{ "version": 1, "listn": {} }')
  mkdirSync(join(dirname(config), 'other'))
  expect((await fiskalEdge('support', 'bundle', file, '--config', config)).code).toBe(0)
  expect(gunzipSync(readFileSync(file)).toString('latin1')).toContain('listn')
})

test('the list of a state directory shows a link as such, whatever its target', async () => {
  const state = dirname(ownConfig())
  writeFileSync(join(state, 'journal.db'), '1234', { mode: 0o600 })
  symlinkSync('/nowhere/at-all', join(state, 'exports'))
  expect(await stateListing(state)).toMatchObject({
    files: expect.arrayContaining([
      expect.objectContaining({ name: 'journal.db', mode: '100600', bytes: 4 }),
      expect.objectContaining({ name: 'exports', mode: '120777' }),
    ]),
  })
})
