import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ShopAuthority } from '../../agent/tls/shop-authority.ts'
import { backUp, restore } from '../backup/parts.ts'
import { restingState } from '../backup/resting-state.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { heavy } from '../tags.ts'

/**
 * An attacker copies the state directory of a shop, or a part of it, to act as its agent, as a terminal, or as a bank
 * in front of terminals that trust the shop's authority.
 */
const NAMES = ['till.shop.test']
let state: string
let authority: string
beforeEach(async () => {
  ;({ state } = await restingState())
  const shop = new ShopAuthority(state, Date.now, NAMES)
  shop.server()
  authority = shop.certificate()
})

async function copied(...without: readonly string[]): Promise<string> {
  const copy = await temporaryDirectory()
  cpSync(state, copy, { recursive: true })
  for (const name of without) rmSync(join(copy, name), { recursive: true })
  return copy
}

function signs(file: string): boolean {
  try {
    return new X509Certificate(authority).checkPrivateKey(createPrivateKey(readFileSync(file)))
  } catch {
    return false
  }
}

test('a copied state directory without seal.key issues no certificate', async () => {
  const copy = await copied('seal.key')
  const thief = new ShopAuthority(copy, Date.now, NAMES)
  expect(() => thief.client('reg_1')).toThrow(expect.objectContaining({ code: 'key_lost' }))
  expect(() => thief.renewServer()).toThrow(expect.objectContaining({ code: 'key_lost' }))
  const files = readdirSync(copy, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.filter((entry) => signs(join(entry.parentPath, entry.name)))).toEqual([])
})

test('a copied tls folder, or one with a foreign seal.key, issues nothing that terminals of the shop trust', async () => {
  const folderAlone = await temporaryDirectory()
  cpSync(join(state, 'tls'), join(folderAlone, 'tls'), { recursive: true })
  const [foreign, shop] = [new ShopAuthority(folderAlone, Date.now, NAMES), new X509Certificate(authority)]
  expect(new X509Certificate(foreign.client('reg_1').cert).verify(shop.publicKey)).toBe(false)
  const copy = await copied('seal.key')
  cpSync(join(folderAlone, 'seal.key'), join(copy, 'seal.key'))
  const opened = new ShopAuthority(copy, Date.now, NAMES)
  expect(() => opened.client('reg_1')).toThrow(expect.objectContaining({ code: 'key_lost' }))
})

test('a backup gives the authority only to a person with its passphrase', heavy(), async () => {
  const folder = await temporaryDirectory()
  const { file } = await backUp(state, folder)
  const owner = await temporaryDirectory()
  await restore(owner, file)
  const restored = new ShopAuthority(owner, Date.now, NAMES)
  expect(restored.certificate()).toBe(authority)
  const issued = new X509Certificate(restored.client('reg_1').cert)
  expect(issued.verify(new X509Certificate(authority).publicKey)).toBe(true)
  const thief = await temporaryDirectory()
  await restore(thief, file, { passphrase: undefined, withoutSecrets: true, unsealed: true })
  const other = new ShopAuthority(thief, Date.now, NAMES)
  expect(new X509Certificate(other.client('reg_1').cert).verify(new X509Certificate(authority).publicKey)).toBe(false)
  await expect(
    restore(await temporaryDirectory(), file, { passphrase: randomBytes(9).toString('hex') }),
  ).rejects.toThrow('passphrase')
})
