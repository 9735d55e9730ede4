import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RegisterKeys } from '../../agent/state/register-keys.ts'
import { openStateDirectory } from '../../agent/state/state-directory.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'register-keys-'))
})
afterEach(() => rm(directory, { recursive: true }))

function random(length: number) {
  return randomBytes(length)
}

function keysIn(path: string) {
  return new RegisterKeys({ sealed: openStateDirectory(path, random), random })
}

test('a register has one key for life, each its own, also after a restart', async () => {
  const keys = keysIn(directory)
  await keys.provide('reg_1')
  await keys.provide('reg_2')
  const key = keys.of('reg_1').export()
  expect(key).toHaveLength(32)
  await keysIn(directory).provide('reg_1')
  expect(keysIn(directory).of('reg_1').export()).toEqual(key)
  expect(keys.of('reg_2').export()).not.toEqual(key)
})

test('on a full disk no half of a key stays, and no file is left open', async () => {
  const keys = keysIn(directory)
  const half = join(directory, 'sealed', 'aes-reg_1.sealed.tmp')
  const open = async () => (await readdir('/proc/self/fd')).length
  const before = await open()
  for (let tries = 0; tries < 5; tries++) {
    await symlink('/dev/full', half)
    await expect(keys.provide('reg_1')).rejects.toMatchObject({ code: 'ENOSPC' })
    expect(await readdir(join(directory, 'sealed'))).toEqual([])
  }
  expect(await open()).toBeLessThan(before + 5)
  await keys.provide('reg_1')
  expect(keys.of('reg_1').export()).toHaveLength(32)
})

test('the key lies sealed, and a changed file is refused', async () => {
  const keys = keysIn(directory)
  await keys.provide('reg_1')
  const [name = ''] = await readdir(join(directory, 'sealed'))
  const file = join(directory, 'sealed', name)
  const sealed = await readFile(file)
  const text = keys.of('reg_1').export().toString('base64')
  expect(sealed.includes(text)).toBe(false)
  sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1)
  await writeFile(file, sealed)
  expect(() => keysIn(directory).of('reg_1')).toThrow()
})

test('a lost key is an error that names the register, never a new key', () => {
  expect(() => keysIn(directory).of('reg_1')).toThrow(/AES key of register reg_1/)
})
