import { acquireLock } from '../../../agent/journal/disk/lock.ts'

const lock = acquireLock(process.argv[2] ?? '')
process.stdout.write('held\n')
process.stdin.resume().on('end', () => lock.release())
