import { systemClock } from '../../../base/clock.ts'
import { openReceiver } from '../../../receiver/open-receiver.ts'
import { openPostgresStore } from '../../../receiver/postgres/store.ts'
import { openSqliteStore } from '../../../receiver/sqlite/store.ts'
import { silentLog } from '../../silent-log.ts'

// A receiver in a separate process, to be killed. Arguments: a connection string or a file, a port; prints its address.
const place = process.argv[2] ?? ''
const store = place.startsWith('postgresql:')
  ? openPostgresStore({ connection: place, onError: () => undefined })
  : openSqliteStore(place, systemClock)
const listen = { host: '127.0.0.1', port: Number(process.argv[3] ?? 0) }
const receiver = await openReceiver({ store, listen, clock: systemClock, log: silentLog })
process.stdout.write(`${receiver.url}\n`)
// The parent process has ended: nothing else would end this one.
process.stdin.resume().on('end', () => process.exit())
