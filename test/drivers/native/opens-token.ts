import { tmpdir } from 'node:os'
import { systemClock } from '../../../base/clock.ts'
import { Pkcs11Token } from '../../../drivers/native/pkcs11-token.ts'

// A process to be killed: opens the token of its arguments and stays.
const [module = '', token = '', pin = ''] = process.argv.slice(2)
await new Pkcs11Token({ module, token, pin: async () => pin, directory: tmpdir(), clock: systemClock }).open('probe')
