// @module-tag heavy
import { randomBytes } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { firstEvents } from '../../agent/journal/reader.ts'
import { openSealedSecrets } from '../../agent/state/state-directory.ts'
import { ForkServer } from '../forks/fork-server.ts'
import { startTemplate } from '../forks/template.ts'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { verifyJournal } from '../verified-journal.ts'

const template = startTemplate({ entry: join(import.meta.dirname, 'image-server.ts'), env: process.env })
const agents = new ForkServer(template, true)
afterAll(() => agents.close())
/** More points than the move has. */
const POINTS_MAX = 60
const [GOLDEN, SHOP] = ['a'.repeat(32), 'b'.repeat(32)]
const KEYS = ['seal.key', 'checkpoint.key', 'devices/tse-1/key.pem', 'devices/card-1/key.pem', 'devices/rt-1/serial']

/** A machine with a simulator of each law; `state` is its directory. */
function machineIn(folder: string): { state: string; start: (id: string, deadly?: number) => Promise<void> } {
  const file = join(folder, 'agent.json')
  const devices = [
    { id: 'tse-1', driver: 'tse-simulator' },
    { id: 'card-1', driver: 'card-simulator' },
    { id: 'rt-1', driver: 'rt-simulator' },
  ]
  writeFileSync(file, JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices }))
  const start = async (id: string, deadly = 0): Promise<void> => {
    const { code, signal, errors } = await agents.start([file, id, String(deadly)]).ended
    if (signal !== 'SIGKILL' && code !== 0) throw new Error(errors)
  }
  return { state: join(folder, 'state'), start }
}

function keysIn(state: string): string[] {
  return KEYS.map((name) => readFileSync(join(state, name), 'base64'))
}

function asides(state: string): string[] {
  return readdirSync(state).filter((name) => name.startsWith('before-'))
}

async function whole(state: string): Promise<string> {
  expect(await verifyJournal(state)).toMatchObject({ valid: true, findings: [] })
  return String(firstEvents(state, 1)[0]?.hash)
}

test('killed at every step of its first start, a copied image begins its own journal, and the former state is whole', async () => {
  const golden = machineIn(await temporaryDirectory())
  await golden.start(GOLDEN)
  const chain = await whole(golden.state)
  const keys = keysIn(golden.state)
  const folder = await temporaryDirectory()
  const shop = machineIn(folder)
  const killed = { before: 0, within: 0 }
  // Later points are those of every start.
  for (let deadly = 1, isBegun = false; !isBegun; deadly++) {
    expect(deadly).toBeLessThan(POINTS_MAX)
    rmSync(shop.state, { recursive: true, force: true })
    cpSync(golden.state, shop.state, { recursive: true })
    await shop.start(SHOP, deadly)
    const [left = ''] = asides(shop.state)
    if (left === '') killed.before++
    else if (left.endsWith('.moving')) killed.within++
    else isBegun = existsSync(join(shop.state, 'journal.db'))
    await shop.start(SHOP)
    const [aside, ...others] = asides(shop.state)
    expect([aside, others]).toEqual([expect.stringMatching(/^before-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ$/), []])
    const former = join(shop.state, String(aside))
    expect(await whole(former)).toBe(chain)
    expect(keysIn(former)).toEqual(keys)
    expect(await whole(shop.state)).not.toBe(chain)
    for (const [index, key] of keysIn(shop.state).entries()) expect(key).not.toBe(keys[index])
  }
  expect(killed).toEqual({ before: 1, within: expect.toSatisfy((count: number) => count >= 8) })
})

test('the golden machine itself, and a clone that has begun, start again as they are', async () => {
  const golden = machineIn(await temporaryDirectory())
  await golden.start(GOLDEN)
  await golden.start(GOLDEN)
  expect(asides(golden.state)).toEqual([])
  await golden.start(SHOP)
  const chain = await whole(golden.state)
  await golden.start(SHOP)
  expect(await whole(golden.state)).toBe(chain)
  expect(asides(golden.state)).toHaveLength(1)
})

test.each([
  {
    name: 'a generated PIN',
    prepare: (state: string) =>
      openSealedSecrets(state, (length) => randomBytes(length)).seal('device-tse-9', { pin: '1' }),
  },
  {
    name: 'an authority for the tills',
    prepare: (state: string) => {
      mkdirSync(join(state, 'tls'))
      writeFileSync(join(state, 'tls', 'ca.key'), 'a key')
    },
  },
  {
    name: 'a folder on another disk',
    prepare: (state: string) => {
      renameSync(join(state, 'archives'), `${state}-archives`)
      symlinkSync(`${state}-archives`, join(state, 'archives'))
    },
  },
])('a copied state with $name stays where it is', async ({ prepare }) => {
  const machine = machineIn(await temporaryDirectory())
  await machine.start(GOLDEN)
  const chain = await whole(machine.state)
  prepare(machine.state)
  await machine.start(SHOP)
  expect(asides(machine.state)).toEqual([])
  expect(await whole(machine.state)).toBe(chain)
})
