import { expect, test } from 'vitest'
import { PrinterBeside } from '../e2e/italian-printer.ts'
import { ItalianCourse } from './italian-course.ts'
import { KillRun } from './kill-run.ts'

test('killed at seeded moments while the printer fails and is used by hand: each document once, and the journal says which', async () => {
  await using printer = await PrinterBeside.open()
  const { kills, broken, answers } = await new KillRun(20_261_120, new ItalianCourse(printer)).run(12)
  expect(broken).toEqual([])
  expect(kills).toBe(12)
  expect(answers).toBeGreaterThan(kills)
}, 600_000)
