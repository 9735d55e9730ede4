import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { secretReader } from '../../agent/config/credentials.ts'
import { SecretsOfDevices } from '../../agent/state/device-secrets.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'device-secrets-'))
})
afterEach(() => rm(directory, { recursive: true }))

function random(length: number) {
  return randomBytes(length)
}

function secretsIn(path: string) {
  return new SecretsOfDevices({
    sealed: openStateDirectory(path, random),
    random,
    readFile: async (file) => `of ${file}`,
    refused: (file) => file,
  })
}

test('a secret that the shop names is read again and never made', async () => {
  const secrets = secretsIn(directory).of('tse-1', { adminPin: '/run/pin' })
  expect(await secrets.read('adminPin')).toBe('of /run/pin')
  expect(await secrets.provide('adminPin', 8)).toBe('of /run/pin')
  expect(secretsIn(directory).unseen('tse-1')).toEqual({})
})

test('an unnamed secret is made once, sealed, and shown until it was seen, also after a restart in between', async () => {
  const pin = await secretsIn(directory).of('tse-1', {}).provide('adminPin', 8)
  const puk = await secretsIn(directory).of('tse-1', {}).provide('adminPuk', 10)
  expect([pin, puk].map((secret) => /^\d+$/.test(secret) && secret.length)).toEqual([8, 10])
  expect(await secretsIn(directory).of('tse-1', {}).provide('adminPin', 8)).toBe(pin)
  expect(await secretsIn(directory).of('tse-1', {}).read('adminPin')).toBe(pin)
  expect(secretsIn(directory).unseen('tse-1')).toEqual({ adminPin: pin, adminPuk: puk })
  await secretsIn(directory).seen('tse-1', ['adminPin'])
  expect(secretsIn(directory).unseen('tse-1')).toEqual({ adminPuk: puk })
  await secretsIn(directory).seen('tse-1', ['adminPin', 'adminPuk', 'timeAdminPin'])
  expect(secretsIn(directory).unseen('tse-1')).toEqual({})
  expect(await secretsIn(directory).of('tse-1', {}).read('adminPuk')).toBe(puk)
  for (const name of await readdir(join(directory, 'sealed')))
    expect((await readFile(join(directory, 'sealed', name))).includes(pin)).toBe(false)
})

test('a secret that was neither named nor made is an error that says what to name', async () => {
  await expect(secretsIn(directory).of('tse-1', {}).read('timeAdminPin')).rejects.toMatchObject({
    code: 'not_authorised',
    effect: 'none',
    message: expect.stringContaining('timeAdminPinFile'),
  })
})

test('a missing PIN file is reported as one without which no login can be made', async () => {
  const sealed = openStateDirectory(directory, random)
  const secrets = new SecretsOfDevices({
    sealed,
    random,
    readFile: (file) => readFile(file, 'utf8'),
    refused: (file) => file,
  })
  await expect(secrets.of('tse-1', { adminPin: join(directory, 'gone') }).read('adminPin')).rejects.toMatchObject({
    code: 'not_authorised',
    effect: 'none',
    message: 'adminPin of tse-1 cannot be read: ENOENT',
  })
})

test('a PIN file of two lines reaches no device, and the error says why without its content', async () => {
  const file = join(directory, 'pin')
  await writeFile(file, '4711\n4712\n')
  const secrets = new SecretsOfDevices({
    sealed: openStateDirectory(directory, random),
    random,
    readFile: secretReader(undefined),
    refused: (path) => path,
  })
  await expect(secrets.of('tse-1', { adminPin: file }).read('adminPin')).rejects.toMatchObject({
    code: 'not_authorised',
    effect: 'none',
    message: `adminPin of tse-1 cannot be read: ${file} has more than one line: save it as UTF-8, with the secret alone on its first line.`,
  })
})
