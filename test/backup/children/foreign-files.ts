import { join } from 'node:path'
import { makeBackup } from '../../../agent/backup/make.ts'
import { writeDurably } from '../../../base/durable-file.ts'
import { PARTS } from '../parts.ts'

// A daily backup of the state in the first argument into the folder in the second, and another file next to it.
const [state = '', folder = ''] = process.argv.slice(2)
const newBackup = await makeBackup({
  ...{ ...PARTS, stateDirectory: state, path: folder, passphrase: undefined },
  ...{ archives: 'separate', clock: { now: () => Date.now() } },
})
await writeDurably(join(folder, 'dep131.csv'), ['KASSA-1'], 0o644)
process.stdout.write(JSON.stringify(newBackup))
