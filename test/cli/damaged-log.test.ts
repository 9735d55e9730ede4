import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { heavy } from '../tags.ts'
import { execFileSync } from '../waits.ts'
import type { Ran } from './command.ts'
import { fiskalEdge, ownTill, removedLater, runDaemon } from './command.ts'

const HEADER_BYTES = 32
const PAGE_BYTES = 8192
const FRAME_BYTES = 24 + PAGE_BYTES

/** An agent that was killed after some commits: the folder of its configuration. */
let killed = ''

beforeAll(async () => {
  const config = ownTill()
  const daemon = await runDaemon(config)
  for (let key = 0; key < 4; key++) {
    const { code } = await fiskalEdge('key', 'create', 'platform', '--config', config)
    expect(code).toBe(0)
  }
  daemon.child.kill('SIGKILL')
  await daemon.ended
  killed = dirname(config)
})

/** The ends of the commits in the log. */
function commitEnds(log: Buffer): number[] {
  const ends: number[] = []
  for (let at = HEADER_BYTES; at + FRAME_BYTES <= log.length; at += FRAME_BYTES)
    if (log.readUInt32BE(at + 4) > 0) ends.push(at + FRAME_BYTES)
  return ends
}

/** A copy of the killed agent's folder in which one byte of the log differs. */
function withFlippedByte(at: (ends: readonly number[]) => number): { config: string; log: string } {
  const folder = removedLater(mkdtempSync(join(tmpdir(), 'flipped-')))
  cpSync(killed, folder, { recursive: true, filter: (source) => !/(reserve|\.sock|-shm)$/.test(source) })
  const log = join(folder, 'state', 'journal.db-wal')
  const bytes = readFileSync(log)
  const place = at(commitEnds(bytes))
  bytes[place] = (bytes[place] ?? 0) ^ 0x10
  writeFileSync(log, bytes)
  return { config: join(folder, 'agent.json'), log }
}

type Command = readonly [name: string, ...args: string[]]

function commandsOn(folder: string): readonly Command[] {
  return [
    ['journal', 'verify'],
    ['journal', 'tail'],
    ['journal', 'rebuild'],
    ['journal', 'reopen'],
    ['export', 'journal', '--out', join(folder, 'journal.ndjson')],
    ['export', 'dsfinvk', '--out', join(folder, 'books.zip')],
    ['backup', join(folder, 'shop.backup'), '--no-secrets'],
    ['backup', join(folder, 'last.backup'), '--no-secrets', '--final'],
    ['audit', '--out', join(folder, 'audit')],
    ['doctor'],
    ['run'],
  ]
}

test.each([
  ['in a frame before valid ones', (ends: readonly number[]) => (ends.at(-4) ?? 0) - 700],
  ['in the header', () => 17],
])('every command reports a byte that flipped %s, and leaves the log as it is', heavy(), async (_place, at) => {
  const { config, log } = withFlippedByte(at)
  const before = readFileSync(log)
  for (const [name, ...args] of commandsOn(dirname(config))) {
    const ran: Ran = await fiskalEdge(name, ...args, '--config', config)
    const told = `${ran.out}${ran.err}`
    expect([name, ...args, ran.code, told]).toEqual([name, ...args, 1, expect.stringMatching(/journal_log_damaged/)])
  }
  const verified = await fiskalEdge('journal', 'verify', '--json', '--config', config)
  expect(JSON.parse(verified.out)).toMatchObject({
    valid: false,
    codes: [{ code: 'journal_log_damaged', level: 'error' }],
  })
  expect(readFileSync(log)).toEqual(before)
})

test('a support bundle of a damaged log names the damage and leaves the log unchanged', heavy(), async () => {
  const { config, log } = withFlippedByte(() => 17)
  const before = readFileSync(log)
  const file = join(dirname(config), 'bundle.tar.gz')
  expect((await fiskalEdge('support', 'bundle', file, '--config', config)).code).toBe(0)
  const summary = execFileSync('tar', ['xzf', file, '-O', '--wildcards', '*journal.json'], { encoding: 'utf8' })
  expect(summary).toContain('journal_log_damaged')
  expect(readFileSync(log)).toEqual(before)
})

test(
  'a byte that flipped in the last commit is the torn end of a power cut: the start continues before it',
  heavy(),
  async () => {
    const { config } = withFlippedByte((ends) => (ends.at(-1) ?? 0) - 700)
    const verified = await fiskalEdge('journal', 'verify', '--json', '--config', config)
    expect([verified.code, JSON.parse(verified.out)]).toMatchObject([0, { valid: true, codes: [] }])
    const daemon = await runDaemon(config)
    daemon.child.kill('SIGTERM')
    expect((await daemon.ended).code).toBe(0)
    rmSync(dirname(config), { recursive: true, force: true })
  },
)
