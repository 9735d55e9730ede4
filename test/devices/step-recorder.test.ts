import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { StepRecorder } from '../../agent/devices/step-recorder.ts'
import type { Journal } from '../../agent/journal/journal.ts'
import { StepWatch } from '../../agent/process/clock-steps.ts'
import { openJournal, temporaryDirectory } from '../journal/temporary-journal.ts'
import { ManualClock } from '../manual-clock.ts'
import { silentLog } from '../silent-log.ts'

const HOUR = 3_600_000

/** A state directory, and the operating system on which recorders start one after the other. */
async function machine() {
  const clock = new ManualClock()
  const stateDirectory = await temporaryDirectory()
  const journal = await openJournal(await temporaryDirectory(), { clock })
  onTestFinished(() => journal.close())
  const boot = { id: 'boot-1', uptimeMs: () => HOUR + Number(clock.mono() / 1_000_000n) }
  const errors: unknown[] = []
  const started = async (record: Journal['record'] = (decide) => journal.record(decide)): Promise<StepRecorder> => {
    const written = { record, clockWatch: journal.clockWatch } as Journal
    const steps = new StepWatch(clock, boot)
    const recorder = new StepRecorder({
      ...{ journal: written, devices: new Map(), steps, stateDirectory, clock, log: silentLog },
      onError: (error) => errors.push(error),
    })
    await recorder.start()
    return recorder
  }
  const sizes = (): unknown[] =>
    journal.read((db) =>
      db.prepare("SELECT json_extract(body, '$.facts.by_ms') FROM event WHERE kind = 'clock.stepped'").pluck().all(),
    )
  return { clock, boot, stateDirectory, started, sizes, errors }
}

test('a step that the journal did not take is found again by the next start', async () => {
  const { clock, started, sizes, errors } = await machine()
  const recorder = await started()
  await recorder.stop()
  const failing = await started(() => Promise.reject(new Error('the disk is full')))
  clock.jump(HOUR)
  await clock.advance(500)
  await failing.stop()
  expect([sizes(), errors.map(String)]).toEqual([[], ['Error: the disk is full']])
  const next = await started()
  await next.stop()
  expect(sizes()).toEqual([HOUR])
})

test('a file that is cut off or of another boot hides a step, and stops no start', async () => {
  const { clock, boot, stateDirectory, started, sizes, errors } = await machine()
  await (await started()).stop()
  writeFileSync(join(stateDirectory, 'clock.json'), '{"boot":"boot-1","offs')
  clock.jump(HOUR)
  await (await started()).stop()
  boot.id = 'boot-2'
  clock.jump(HOUR)
  await (await started()).stop()
  expect([sizes(), errors]).toEqual([[], []])
  // The file is whole again.
  clock.jump(HOUR)
  await (await started()).stop()
  expect(sizes()).toEqual([HOUR])
})

test('a container whose uptime restarted under the same kernel counts as rebooted', async () => {
  const { clock, boot, started, sizes } = await machine()
  await (await started()).stop()
  boot.uptimeMs = () => Number(clock.mono() / 1_000_000n)
  await (await started()).stop()
  expect(sizes()).toEqual([])
})
