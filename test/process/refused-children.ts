import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DailyBackup } from '../../agent/backup/daily.ts'
import { exportInChild } from '../../agent/laws/germany/dsfinvk/export-in-child.ts'
import { serviceNotice } from '../../agent/process/service-notice.ts'
import { verifyInChild } from '../../agent/proof/in-child.ts'
import { Drawing } from '../../agent/receipts/drawing.ts'
import { systemClock } from '../../base/clock.ts'
import { NativeProcess } from '../../drivers/native/native-process.ts'
import { ManualClock } from '../manual-clock.ts'
import { completed, line, modelOf, pay } from '../receipts/shop.ts'
import { execFileSync } from '../waits.ts'

// Requests a process of the kind in the first argument while the system grants none, for the cause in the second;
// prints `alive` after that.
const held: number[] = []
const causes: Record<string, () => void> = {
  // Emitted, as EAGAIN is.
  refusal: () => {
    process.execPath = '/etc/passwd'
  },
  // Thrown, like rarer errors: no memory, a disk that cannot read the program.
  fault: () => {
    process.execPath = '/etc/passwd/node'
  },
  descriptors: () => {
    const limit = readdirSync('/proc/self/fd').length + 10
    execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${limit}`])
    try {
      for (let opened = 0; opened < 20; opened++) held.push(openSync('/dev/null', 'r'))
    } catch {
      // No further one.
    }
  },
}

const directory = mkdtempSync(join(tmpdir(), 'refused-'))
const never = new AbortController().signal

async function draw(): Promise<void> {
  const drawing = new Drawing(systemClock)
  const model = modelOf(
    completed('sale', { total_amount: '1.00', line_items: [line('Brot', '1.00', '0.07')] }, [pay('card', '1.00')]),
  )
  const two = [drawing.draw(model, 'pdf', {}, 'key'), drawing.draw(model, 'pdf', {}, 'key')]
  // Both calls settle: the second one begins when the first was refused.
  const told = await Promise.allSettled(two)
  drawing.close()
  for (const { status } of told) if (status === 'rejected') throw new Error(status)
}

async function backUp(): Promise<never> {
  const clock = new ManualClock()
  let tell = (_fields: object, _message: string): void => undefined
  const said = new Promise<never>((_resolve, reject) => {
    tell = (_fields, message) => reject(new Error(message))
  })
  said.catch(() => undefined)
  const daily = new DailyBackup({
    ...{ stateDirectory: directory, folder: directory, passphraseFile: undefined, program: 'test', clock },
    keep: { daily: 1, weekly: 0, monthly: 0 },
    readSecret: async () => '',
    log: { info: tell, warn: tell, error: tell },
  })
  daily.start()
  await clock.advance(11 * 60_000)
  return await said.finally(() => daily.stop())
}

const settings = { taxonomyVersion: '2.4', exportDrawerOpenings: false, defaultOperator: 'POS' }
const books = { directory, path: join(directory, 'books.zip'), selection: {}, settings, tses: [] }
const acts: Record<string, () => Promise<unknown>> = {
  verification: () => verifyInChild(directory, never),
  export: () => exportInChild(books as unknown as Parameters<typeof exportInChild>[0], never),
  drawing: draw,
  card: () =>
    new NativeProcess({ entry: new URL('none.ts', import.meta.url), name: 'card', clock: systemClock }).start(5000),
  notice: async () => {
    // Like the agent, which ignores the result.
    void serviceNotice('/none', process.execPath).notify('READY=1')
    throw new Error('not heard')
  },
  backup: backUp,
}

causes[process.argv[3] ?? '']?.()
const told = await acts[process.argv[2] ?? '']?.().then(
  () => 'done',
  () => 'refused',
)
// An error without a listener comes a moment later.
await new Promise((resolve) => setTimeout(resolve, 200))
for (const descriptor of held) closeSync(descriptor)
process.stdout.write(`${told}, alive`)
rmSync(directory, { recursive: true })
process.exit()
