// @module-tag heavy
import { expect, test } from 'vitest'
import type { FamilyName } from '../e2e/italy/printer-beside.ts'
import { forkDaemon } from './forked-lives.ts'
import { ItalianCourse } from './italian-course.ts'
import { KillRun } from './kill-run.ts'

const FAMILIES: readonly (readonly [FamilyName, number])[] = [
  ['rch', 6],
  ['custom', 4],
  ['epson', 4],
]

test.each(FAMILIES)(
  '%s: killed while the printer fails and is used by hand: each document once, journalled as which',
  async (family, times) => {
    await using course = await ItalianCourse.open(family)
    const { kills, broken, answers } = await new KillRun(20_261_120, course, forkDaemon).run(times)
    expect(broken).toEqual([])
    expect(kills).toBe(times)
    expect(answers).toBeGreaterThan(kills)
  },
)
