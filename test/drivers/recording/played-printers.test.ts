import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkConfig } from '../../../agent/agent-config.ts'
import { lookWithin } from '../../../agent/cli/device/look-within.ts'
import { lookContext } from '../../../agent/cli/device/prove-context.ts'
import { makeDevice } from '../../../drivers/catalog.ts'
import type { Recorder } from '../../../drivers/recording/recorder.ts'
import { printSlip } from '../../../drivers/recording/slip.ts'
import { CUSTOM } from '../../../drivers/rt-custom/family.ts'
import { RCH } from '../../../drivers/rt-rch/family.ts'
import { patientClock } from '../../patient-clock.ts'
import { memoryOf } from './memory-of.ts'
import { Tape } from './tape.ts'

const FAMILIES = [RCH, CUSTOM]
const FAULTS = ['lost-request', 'silent', 'nak', 'garbled', 'error', 'unplugged-before=30', 'unplugged=30']
const timeouts = { ackMs: 60, replyMs: 100, printMs: 1000, longMs: 300 }
const profile = { nakQuietMs: 5, busyPauseMs: 10, busyMs: 30 }

async function openedPrinter({ driver, simulator, dialect }: (typeof FAMILIES)[number]) {
  const folder = await mkdtemp(join(tmpdir(), 'printer'))
  const shown: string[] = []
  const show = (lines: readonly string[]) => void shown.push(...lines)
  const options = { directory: folder, clock: patientClock, latencyMs: 0, link: undefined, port: 0, show }
  const running = await simulator.open(options)
  onTestFinished(async () => {
    await running.close()
    await rm(folder, { recursive: true })
  })
  const entry = {
    id: 'rt-1',
    departments: { '0.22': 1 },
    timeouts,
    profile,
    ...('device' in running && running.device),
  }
  const [device] = checkConfig('agent.json', { version: 1, state: 's', listen: {}, devices: [entry] }, '/').devices
  if (device?.driver !== driver) throw new Error('no device')
  const context = (recorder: Recorder) => lookContext(patientClock, recorder, folder)
  const look = async (recorder: Recorder) => {
    const words: string[] = []
    await lookWithin(device, context(recorder), (line) => words.push(line))
    return words.filter((line) => !line.startsWith('  measured: '))
  }
  const slip = async (recorder: Recorder) => {
    const { unit } = await makeDevice(device, context(recorder))
    if (unit.kind !== 'fiscal_printer') throw new Error('no printer')
    const words: string[] = []
    await printSlip(unit, (line) => words.push(line))
    await unit.close()
    return words
  }
  return { running, look, slip, shown, dialect: await dialect(), memory: () => memoryOf(folder) }
}

test.for(FAMILIES)(
  '$driver: no fault at any line of a look changes the printer',
  { tags: ['heavy'] },
  async (family) => {
    const { running, look, dialect, memory, shown } = await openedPrinter(family)
    const tape = new Tape(dialect, 'look')
    await look(tape.recorder)
    const lines = tape.lines.filter(({ sign, text }) => sign === '>' && text.length > 1).length
    const before = await memory()
    for (const fault of FAULTS)
      for (let line = 1; line <= lines; line += 1) {
        running.inject(`${fault}@*#${line}`)
        await look(new Tape(dialect, 'look').recorder)
        running.clearFaults()
        expect([fault, line, await memory()]).toEqual([fault, line, before])
      }
    expect(shown).toEqual([])
    expect(await look(new Tape(dialect, 'look').recorder)).toContain('asks for the last document')
  },
)

test.for(FAMILIES)(
  '$driver: one slip is printed and played; a document at its keys is left open',
  { tags: ['heavy'] },
  async (family) => {
    const { slip, dialect, shown } = await openedPrinter(family)
    const tape = new Tape(dialect, 'test unit')
    const words = await slip(tape.recorder)
    expect(words.at(-1)).toBe('  printed')
    expect(shown.join('\n')).toContain('fiskal-edge device prove')
    const before = shown.length
    expect(await slip(tape.player())).toEqual(words)
    expect(shown).toHaveLength(before)
  },
)
