// @module-tag heavy
import { cpSync, mkdtempSync, readFileSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentHere } from './agent-here.ts'
import type { Asked } from './answer-log.ts'
import { AnswerLog } from './answer-log.ts'
import { ownPlace, platformKey, runArmed } from './daemon.ts'
import { httpLine } from './http-line.ts'
import { brokenInvariants } from './invariants.ts'
import { seeded } from './seeded.ts'
import { workShift } from './shift.ts'
import type { Line } from './till.ts'
import { openShop, Till } from './till.ts'

const SECTOR_BYTES = 512

/**
 * A power cut during the sync of a group: the kill comes before anything follows from the group, so of its frames any
 * part may be on the disk, and all before it is (SQLite file format §4.1).
 */
test.each([4, 9])('a power cut at any sector of commit %i loses no answer and signs nothing twice', async (hit) => {
  const { folder, state, config } = ownPlace()
  const log = new AnswerLog()
  const sent: Asked[] = []
  try {
    const daemon = runArmed(config, { points: ['journal.after-commit'], hit, from: 'ready' })
    const url = await daemon.ready
    const key = await platformKey(state)
    const line = recording(httpLine({ url: () => url, key, back: async () => gone() }), sent)
    const till = new Till('till', { random: seeded(22), log, line, over: () => false })
    const working = openShop(till, 1).then(([register = '']) => workShift(till, register, 3))
    await expect(working).rejects.toThrow('no agent any more')
    expect((await daemon.ended).signal).toBe('SIGKILL')
    const cuts = sectorsOfLastCommit(join(state, 'journal.db-wal'))
    expect(cuts.length).toBeGreaterThan(4)
    for (const [index, bytes] of cuts.entries()) {
      // The begin, the end, and every third in between of a long commit: each costs a start of the agent.
      if (cuts.length > 24 && index % 3 !== 0 && index < cuts.length - 2) continue
      expect(await cutAt(state, bytes, key, sent, log)).toEqual([])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

function gone(): never {
  throw new Error('no agent any more')
}

function recording(line: Line, sent: Asked[]): Line {
  return {
    ...line,
    send: (asked) => {
      sent.push(asked)
      return line.send(asked)
    },
  }
}

/** Lengths of the log that end in its last commit, sector by sector. */
function sectorsOfLastCommit(path: string): number[] {
  const log = readFileSync(path)
  const frameBytes = 24 + log.readUInt32BE(8)
  const salts = log.subarray(16, 24)
  let begin = 32
  let end = 32
  for (let frame = 32; frame + frameBytes <= log.length; frame += frameBytes) {
    if (!log.subarray(frame + 8, frame + 16).equals(salts)) break
    if (log.readUInt32BE(frame + 4) === 0) continue
    begin = end
    end = frame + frameBytes
  }
  const lengths: number[] = []
  for (let bytes = Math.ceil(begin / SECTOR_BYTES) * SECTOR_BYTES; bytes < end; bytes += SECTOR_BYTES)
    lengths.push(bytes)
  return [...lengths, end]
}

/** The state as the cut left it, opened again: all requests are sent again under their keys. */
async function cutAt(
  state: string,
  bytes: number,
  key: string,
  sent: readonly Asked[],
  before: AnswerLog,
): Promise<string[]> {
  const copy = mkdtempSync(join(tmpdir(), 'cut-'))
  try {
    cpSync(state, copy, { recursive: true, filter: (source) => !/(reserve|\.sock|-shm)$/.test(source) })
    truncateSync(join(copy, 'journal.db-wal'), bytes)
    const { agent, url } = await agentHere({ state: copy })
    const answers = new AnswerLog()
    for (const { path, status, body, key: id } of before.held)
      answers.note({ path, key: id, body: {} }, { status, body })
    const line = httpLine({ url: () => url, key, back: async () => undefined })
    for (const asked of sent) {
      const given = await line.send(asked)
      if (given !== undefined) answers.note(asked, given)
      if (given === undefined || given.status > 299)
        answers.violations.push(`${asked.path} ${asked.key} is refused: ${given?.status} ${given?.body}`)
    }
    await agent.stop()
    return await brokenInvariants({ state: copy, device: 'tse-1', answers, settled: true, thorough: true })
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
