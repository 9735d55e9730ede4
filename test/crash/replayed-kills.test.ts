// @module-tag heavy
import { expect, test } from 'vitest'
import { forkDaemon } from './forked-lives.ts'
import { KillRun } from './kill-run.ts'
import { ReplayedCourse } from './replayed-course.ts'

test('agent, receiver and PostgreSQL killed at seeded moments of a shift: the receiver ends with the journal', async () => {
  const course = await ReplayedCourse.open()
  try {
    const { kills, broken, answers } = await new KillRun(20_261_121, course, forkDaemon).run(6)
    expect(broken).toEqual([])
    expect([kills, answers > 6]).toEqual([6, true])
    expect(Math.min(course.kills.receiver, course.kills.postgres)).toBeGreaterThan(0)
  } finally {
    await course.close()
  }
})
