import { openReadOnly } from '../../agent/journal/reader.ts'
import { contradictions } from './checkpointed-journal.ts'
import { newestWatermark } from './watermark.ts'

/**
 * Reads the journal without a pause until SIGTERM: each connection twice, in one snapshot, which a checkpoint must
 * not change. Prints each contradiction, and at last the number of snapshots.
 */
const [, , directory = '', markFile = ''] = process.argv
let isOver = false
let snapshots = 0
process.once('SIGTERM', () => {
  isOver = true
})
while (!isOver) {
  readOnce()
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}
process.stdout.write(`${snapshots} snapshots\n`)

function readOnce(): void {
  const mark = newestWatermark(markFile)
  const db = openReadOnly(directory)
  try {
    db.exec('BEGIN')
    const before = contradictions(db, mark)
    const after = contradictions(db, mark)
    db.exec('COMMIT')
    for (const broken of new Set([...before, ...after])) process.stdout.write(`reader: ${broken}\n`)
    snapshots += 1
  } finally {
    db.close()
  }
}
