import { createPrivateKey, randomUUID } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { checkpointSigner } from '../../../agent/journal/checkpoint.ts'
import { Journal } from '../../../agent/journal/journal.ts'
import { systemClock } from '../../../base/clock.ts'
import { textEvent } from '../some-event.ts'

// Appends one event after the other and prints the acknowledged ones; ends with 3 when the journal failed.
const [directory = '', count = '0', turns = '1'] = process.argv.slice(2)

function append(journal: Journal, text: string) {
  return journal.commit('outcome', (_view, seq) => ({
    events: [textEvent(text)],
    result: seq,
  }))
}

function syncs() {
  return statSync(process.env['SYNC_LOG'] ?? '', { throwIfNoEntry: false })?.size ?? 0
}

try {
  const opened: Promise<Journal> = Journal.open({
    directory,
    // On any machine, however slow: the requests of one turn are one group.
    clock: { ...systemClock, mono: () => 0n },
    bootId: randomUUID(),
    signer: checkpointSigner(createPrivateKey(readFileSync(join(directory, 'agent-key.pem')))),
    agentId: 'agent-1',
    chainId: () => randomUUID(),
    onFatal: () => {
      // A try after the failure must not be acknowledged, though the disk may work again.
      opened
        .then((failed) => append(failed, 'late'))
        .then(
          () => process.stdout.write('late\n'),
          ({ code }) => process.stdout.write(`refused ${code}\n`),
        )
      setImmediate(() => setImmediate(() => process.exit(3)))
    },
    fault: () => undefined,
    defer: setImmediate,
    refusal: () => undefined,
  })
  const journal = await opened
  for (let turn = 0; turn < Number(turns); turn++) {
    const before = syncs()
    const seqs = await Promise.all(Array.from({ length: Number(count) }, () => append(journal, 'x'.repeat(1000))))
    process.stdout.write(`acknowledged ${seqs.at(-1)} after ${syncs() - before} syncs\n`)
  }
  await journal.close()
} catch {
  // Not exit(): refusals after the failure must still be printed.
  process.exitCode = 3
}
