import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DailyBackup } from '../../agent/backup/daily.ts'
import { systemClock } from '../../agent/clock.ts'
import { verifyInChild } from '../../agent/journal/verify/in-child.ts'
import { Drawing } from '../../agent/receipts/drawing.ts'
import { exportInChild } from '../../agent/regimes/kassensichv/dsfinvk/export-in-child.ts'
import { ManualClock } from '../manual-clock.ts'
import { completed, line, modelOf, pay } from '../receipts/shop.ts'

// Asks for a process of the kind in the first argument where the system grants none; says `alive` when that is over.
process.execPath = '/etc/passwd'

const directory = mkdtempSync(join(tmpdir(), 'refused-'))
const never = new AbortController().signal

async function draw(): Promise<unknown> {
  const drawing = new Drawing(systemClock)
  const model = modelOf(
    completed('sale', { total_amount: '1.00', line_items: [line('Brot', '1.00', '0.07')] }, [pay('card', '1.00')]),
  )
  const two = [drawing.draw(model, 'pdf', {}, 'key'), drawing.draw(model, 'pdf', {}, 'key')]
  return await Promise.all(two).finally(() => drawing.close())
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
  backup: backUp,
}

const told = await acts[process.argv[2] ?? '']?.().then(
  () => 'done',
  () => 'refused',
)
// An error that nobody listens to comes a moment later.
await new Promise((resolve) => setTimeout(resolve, 200))
process.stdout.write(`${told}, alive`)
rmSync(directory, { recursive: true })
process.exit()
