// @module-tag heavy
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../journal/temporary-journal.ts'
import { spawnSync } from '../waits.ts'

const isRoot = process.getuid?.() === 0
const CHILD = join(import.meta.dirname, 'image-start.ts')
/** More points than the move has. */
const POINTS_MAX = 60
/** Each start takes seconds: every step of the move on one file system is in image-kills. */
const STRIDE = 6
const [GOLDEN, SHOP] = ['a'.repeat(32), 'b'.repeat(32)]
const KEYS = ['seal.key', 'checkpoint.key', 'devices/tse-1/key.pem', 'devices/tse-1/memory/state.json']

/** A golden machine in `low`, and a folder for the others. */
async function golden(): Promise<{ folder: string; keys: string[]; run: (script: string) => string }> {
  const folder = await temporaryDirectory()
  mkdirSync(join(folder, 'low'))
  const devices = [{ id: 'tse-1', driver: 'tse-simulator' }]
  writeFileSync(
    join(folder, 'low', 'agent.json'),
    JSON.stringify({ version: 1, state: 'state', listen: { port: 0 }, devices }),
  )
  const run = (script: string): string => {
    const command = `set -e; cd "$1"\n${script}`
    const ran = spawnSync('unshare', ['-m', 'sh', '-c', command, 'sh', folder], {
      encoding: 'utf8',
      env: { ...process.env, NODE: process.execPath, CHILD, GOLDEN, SHOP },
    })
    if (ran.status !== 0) throw new Error(`${script}\n${ran.stdout}${ran.stderr}`)
    return ran.stdout
  }
  run('"$NODE" "$CHILD" low/agent.json "$GOLDEN"')
  return { folder, keys: keysIn(join(folder, 'low', 'state')), run }
}

function keysIn(state: string): string[] {
  return KEYS.map((name) => readFileSync(join(state, name), 'base64'))
}

const OVERLAY = `rm -rf up work over out; mkdir ram 2>/dev/null || true; mount -t tmpfs ram ram; mkdir ram/up ram/work over
  mount -t overlay over over -o "lowerdir=$PWD/low,upperdir=$PWD/ram/up,workdir=$PWD/ram/work"`

test.runIf(isRoot)(
  'a state that came in the image of a container is moved aside on its overlay, killed on the way',
  async () => {
    const { folder, keys, run } = await golden()
    for (let deadly = 1, isBegun = false; !isBegun; deadly += STRIDE) {
      expect(deadly).toBeLessThan(POINTS_MAX)
      const left = run(`${OVERLAY}
        "$NODE" "$CHILD" over/agent.json "$SHOP" ${deadly} || true
        ls over/state
        "$NODE" "$CHILD" over/agent.json "$SHOP"
        cp -a over out`)
      isBegun = /^before-\S+Z$/m.test(left) && left.includes('journal.db')
      const state = join(folder, 'out', 'state')
      const [aside, ...others] = readdirSync(state).filter((name) => name.startsWith('before-'))
      expect([aside, others]).toEqual([expect.stringMatching(/Z$/), []])
      expect(keysIn(join(state, String(aside)))).toEqual(keys)
      for (const [index, key] of keysIn(state).entries()) expect(key).not.toBe(keys[index])
    }
  },
)

test.runIf(isRoot).each([
  { what: 'a folder', script: 'mkdir disk; mount --bind disk low/state/archives' },
  { what: 'a key', script: 'cp low/state/seal.key key; mount --bind key low/state/seal.key' },
  { what: 'a folder of a device', script: 'mkdir disk; mount --bind disk low/state/devices/tse-1' },
])('a copied state with $what on a mount stays where it is, and starts', async ({ script }) => {
  const { folder, run } = await golden()
  run(`${script}\n"$NODE" "$CHILD" low/agent.json "$SHOP"\n"$NODE" "$CHILD" low/agent.json "$SHOP"`)
  expect(readdirSync(join(folder, 'low', 'state')).filter((name) => name.startsWith('before-'))).toEqual([])
})

test.runIf(isRoot)(
  'a restore is refused before it begins if a disk is mounted on a part that it replaces',
  async () => {
    const { folder, run } = await golden()
    const place = join(import.meta.dirname, '..', '..', 'agent', 'backup', 'place.ts')
    const begin = `"$NODE" --input-type=module -e "
    const { beginPlacing } = await import('${place}')
    try { console.log(beginPlacing('low/state')) } catch ({ code, message }) { console.log(code, message) }"`
    const refused = run(`mkdir disk; mount --bind disk low/state/devices\n${begin}`)
    expect(refused).toMatch(/^path_unusable A disk is mounted on low\/state\/devices, /)
    expect(readdirSync(join(folder, 'low', 'state'))).not.toContain('restore.tmp')
    expect(run(`mkdir other; mount --bind other low/state/archives\n${begin}`)).toMatch(/restore\.tmp$/m)
  },
)
