import { ShopAuthority } from '../../agent/tls/shop-authority.ts'

/**
 * A technician's command while the agent runs: prints that it begins, then the fingerprint of the authority; with a
 * register it issues to that, again and again.
 */
const [, , stateDirectory = '', register] = process.argv
process.stdout.write('begins\n')
const authority = new ShopAuthority(stateDirectory, Date.now, ['till.shop.test'])
if (register !== undefined) for (let issued = 0; issued < 100; issued++) authority.client(register)
process.stdout.write(authority.fingerprint())
