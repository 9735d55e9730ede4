import { join } from 'node:path'
import { packClient } from './tarball.ts'

// node scripts/client/pack.ts FILE
const [file = ''] = process.argv.slice(2)
packClient(join(import.meta.dirname, '..', '..'), file, 0)
