import { PASSPHRASE } from '../parts.ts'

// Makes or restores a backup, moves or reopens a journal, and kills itself at the n-th point that it reaches; ends 0 if
// there are fewer.
const [act = '', stateDirectory = '', file = '', deadly = '1'] = process.argv.slice(2)
let reached = 0

function fault(): void {
  if (++reached === Number(deadly)) process.kill(process.pid, 'SIGKILL')
}
const { PARTS } = await import('../parts.ts')
if (act === 'restore') {
  const { restoreBackup } = await import('../../../agent/backup/restore.ts')
  const more = {
    passphrase: PASSPHRASE,
    withoutSecrets: false,
    unsealed: false,
    epochKeys: [],
    tails: [],
    word: 'none' as const,
  }
  await restoreBackup({ ...PARTS, ...more, fault, stateDirectory, file })
} else if (act === 'backup') {
  const { makeBackup } = await import('../../../agent/backup/make.ts')
  await makeBackup({ ...PARTS, fault, stateDirectory, path: file, passphrase: PASSPHRASE })
} else if (act === 'reopen') {
  const { reopenJournal } = await import('../../../agent/backup/hand-over.ts')
  await reopenJournal({ ...PARTS, fault, stateDirectory })
} else {
  const { handOver } = await import('../parts.ts')
  await handOver({ ...PARTS, fault, stateDirectory, path: file, passphrase: PASSPHRASE })
}
